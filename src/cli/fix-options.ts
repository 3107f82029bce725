import { canAsk } from './password-prompt.ts';
import { UsageError } from './usage-error.ts';

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
  { long: 'fix', help: 'apply the remedies that disturb nobody, each step after asking' },
  { long: 'yes', help: 'with --fix: without asking' },
  { long: 'disruptive', help: 'with --fix: also those that restart or interrupt something' },
  { long: 'dry-run', help: 'with --fix: print the plan and the changes of files, and do nothing' },
  {
    long: 'fix-journal',
    value: 'FILE',
    help: 'with --fix: where it is written down what was done',
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
    throw new UsageError(`${orphan} says how --fix goes, and there is no --fix.`, 'Add --fix, or leave it out.');
  if (fix && !dryRun && !yes && !canAsk())
    throw new UsageError(
      '--fix asks before each step, and there is no terminal to ask on.',
      'Add --yes to have it done without asking, or --dry-run to see what would be done.',
    );
}
