import type { FileEdit, PlannedFix, PlannedStep } from '../findings/report.ts';
import type { Host } from '../hosts/host.ts';
import type { FixPlan, MergedStep } from './plan.ts';
import type { Reach } from './reach.ts';
import { unifiedDiff } from './unified-diff.ts';

/** What a plan applies and leaves, with what each edit would change, as the files are now. */
export const withDiffs = async ({ fixes, all }: FixPlan, reach: Reach): Promise<readonly PlannedFix[]> =>
  Promise.all(
    fixes.map(async (fix) => {
      if (fix.decision === 'leave') return fix;
      const steps = fix.steps.map(async (planned): Promise<PlannedStep> => {
        const merged = all.find(({ number }) => number === planned.number);
        const diff = merged && (await diffOf(merged, reach));
        return diff === undefined ? planned : { ...planned, diff };
      });
      return { ...fix, steps: await Promise.all(steps) };
    }),
  );

/** What a step would change in a file, as that is now; undefined: it changes none. */
export async function diffOf(
  { inner: { edit, on } }: Pick<MergedStep, 'inner'>,
  reach: Reach,
): Promise<readonly string[] | undefined> {
  const way = reach.shell(on);
  return edit === undefined || !way.open ? undefined : diffIn(edit, way.shell.host);
}

async function diffIn(edit: FileEdit, host: Host): Promise<readonly string[]> {
  const read = edit.absent === true ? undefined : await host.read(edit.file);
  if (read?.ok === false) return [read.problem.message];
  const diff = unifiedDiff(read === undefined ? new Uint8Array() : read.value.bytes, edit);
  return diff.ok ? diff.lines : [`line ${diff.line}: ${diff.because}`];
}
