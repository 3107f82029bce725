import { canAsk } from '../terminal/password-prompt.ts';
import { UsageError } from '../usage-error.ts';

/** What --fix may do. */
export interface FixOptions {
  readonly fix: boolean;
  /** Nobody is asked. */
  readonly yes: boolean;
  readonly disruptive: boolean;
  /** The plan is printed, and nothing is done. */
  readonly dryRun: boolean;
  readonly fixJournal: string | undefined;
}

/** The same options for the two ways in which command lines are read here. */
export const fixOptions = [
  { long: 'fix', help: 'apply the fixes that interrupt nothing, asking before each step' },
  { long: 'yes', help: 'with --fix: without asking' },
  { long: 'disruptive', help: 'with --fix: also fixes that restart a server or drop connections' },
  { long: 'dry-run', help: 'with --fix: print the plan and the file changes, and do nothing' },
  {
    long: 'fix-journal',
    value: 'FILE',
    help: 'with --fix: the file that records what was done',
  },
] as const;

/** Throws a {@link UsageError} for options that contradict each other, and where nobody could be asked. */
export function checkFixOptions({ fix, yes, disruptive, dryRun, fixJournal }: FixOptions): void {
  const [orphan] = [
    ...(yes ? ['--yes'] : []),
    ...(disruptive ? ['--disruptive'] : []),
    ...(dryRun ? ['--dry-run'] : []),
    ...(fixJournal === undefined ? [] : ['--fix-journal']),
  ];
  if (!fix && orphan !== undefined)
    throw new UsageError(`${orphan} applies only to --fix, which is not given.`, `Add --fix, or remove ${orphan}.`);
  if (fix && !dryRun && !yes && !canAsk())
    throw new UsageError(
      '--fix asks before each step, but there is no terminal.',
      'Add --yes to run the steps without asking, or --dry-run to see them.',
    );
}
