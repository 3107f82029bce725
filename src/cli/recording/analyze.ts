import type { CommandSurroundings } from '../command.ts';
import { checkRuleIds } from '../examination/examination.ts';
import { unlessInterrupted } from '../examination/unless-interrupted.ts';
import { statusOf } from '../output/exit-status.ts';
import { judged } from './judged-recording.ts';
import type { AnalyzeCall } from './judged-recording.ts';
import { readOutputs } from '../options/outputs.ts';
import { checkFiles, tellCopy, tellReport } from '../output/report-output.ts';

/**
 * Judges what `collect` saw. No server and no file but those given is looked at, and the time is that of the look. Several
 * looks are reported as a fleet.
 */
export async function analyze(call: AnalyzeCall, surroundings: CommandSurroundings): Promise<number> {
  const { files, since } = call;
  await checkRuleIds(call.acceptUnexamined);
  const [file = '-'] = files;
  if (files.length > 1 || since !== undefined)
    return (await import('../fleet/recorded.ts')).printRecorded(call, surroundings);
  const own = { ...call, outputs: readOutputs(call.format) };
  await checkFiles(own.outputs);
  const { report, subject, facts, place } = await unlessInterrupted(judged(file, call), surroundings.signal);
  await (subject.command === 'postmortem'
    ? tellReport(report, own, surroundings.print)
    : tellCopy(report, { facts, place }, own, surroundings.print));
  return statusOf(report, own);
}
