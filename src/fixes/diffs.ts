import type { FileEdit, PlannedFix } from '../facts/report.ts';
import type { Host } from '../hosts/host.ts';
import { unifiedDiff } from './unified-diff.ts';

/** A plan with what each edit would change, as the files are now. */
export async function withDiffs(plan: readonly PlannedFix[], host: Host): Promise<readonly PlannedFix[]> {
  return Promise.all(
    plan.map(async (fix) => ({
      ...fix,
      steps: await Promise.all(
        fix.steps.map(async (planned) => {
          const { edit } = planned.step;
          if (edit === undefined || fix.decision === 'leave') return planned;
          return { ...planned, diff: await diffOf(edit, host) };
        }),
      ),
    })),
  );
}

async function diffOf(edit: FileEdit, host: Host): Promise<readonly string[]> {
  const read = edit.absent === true ? undefined : await host.read(edit.file);
  if (read?.ok === false) return [read.problem.message];
  const diff = unifiedDiff(read === undefined ? new Uint8Array() : read.value.bytes, edit);
  return diff.ok ? diff.lines : [`line ${diff.line}: ${diff.because}`];
}
