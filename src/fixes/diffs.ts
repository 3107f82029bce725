import type { FileEdit, PlannedFix, PlannedStep } from '../findings/report.ts';
import type { Host } from '../hosts/host.ts';
import { unifiedDiff } from './unified-diff.ts';

/** A plan with what each edit would change, as the files are now. */
export const withDiffs = async (plan: readonly PlannedFix[], host: Host): Promise<readonly PlannedFix[]> =>
  Promise.all(
    plan.map(async (fix) =>
      fix.decision === 'leave'
        ? fix
        : { ...fix, steps: await Promise.all(fix.steps.map(async (planned) => withDiff(planned, host))) },
    ),
  );

/** A step with what it would change in a file, as that is now. */
export async function withDiff<Planned extends PlannedStep>(planned: Planned, host: Host): Promise<Planned> {
  const { edit } = planned.step;
  return edit === undefined ? planned : { ...planned, diff: await diffOf(edit, host) };
}

async function diffOf(edit: FileEdit, host: Host): Promise<readonly string[]> {
  const read = edit.absent === true ? undefined : await host.read(edit.file);
  if (read?.ok === false) return [read.problem.message];
  const diff = unifiedDiff(read === undefined ? new Uint8Array() : read.value.bytes, edit);
  return diff.ok ? diff.lines : [`line ${diff.line}: ${diff.because}`];
}
