import type { BaseBackupCall } from '../options/base-backup-options.ts';
import type { CloneSite } from '../../clone/site.ts';
import { cloneCommands, printedCommands } from '../../clone/commands.ts';
import { passwordForCopy } from './secrets.ts';
import { runClone } from '../../clone/steps.ts';
import type { CommandSurroundings } from '../command.ts';
import type { Examination } from '../../diagnosis/examination.ts';
import { statusOf } from '../output/exit-status.ts';
import { isForPeople } from '../options/outputs.ts';
import { printedText, publicReport, tellReport, writeReports } from '../output/report-output.ts';
import { sceneOf } from '../output/scene.ts';
import { Screen } from '../terminal/screen.ts';

/** What preflight found, and where nothing is in the way, what was done. */
export async function tellClone(
  call: BaseBackupCall,
  examination: Examination,
  site: CloneSite,
  { print, signal }: CommandSurroundings,
): Promise<number> {
  const { report, facts, subject, host } = examination;
  const screen = await Screen.of(call.own);
  const forPeople = isForPeople(call.own.outputs);
  if (forPeople) await print(await printedText(publicReport(report, facts, host.place), call.own));

  const password = await passwordForCopy(subject, host);
  const commands = await cloneCommands(examination, call.own);
  const context = screen.context(sceneOf(facts, host.place));
  if (call.own.dryRun) await screen.lines(...(await plannedLines()));
  const { start, timeoutMs } = call.own;
  async function plannedLines(): Promise<readonly string[]> {
    if (host.place?.kind !== 'container') return printedCommands(commands, subject, password !== undefined, context);
    const { copyText } = await import('../examination/places.ts');
    return [`${copyText(report, facts, host.place)}  Nothing was run (--dry-run).`];
  }
  const story =
    report.verdict === 'blocked' || call.own.dryRun
      ? { steps: commands.skipped(call.own.dryRun ? '--dry-run' : 'there is an error to fix first'), standby: null }
      : await runClone({ examination, site, commands, password, screen, context, signal, start, timeoutMs });

  const failed = story.steps.some(({ outcome }) => outcome === 'failed');
  const done = (name: string): boolean => story.steps.some((step) => step.name === name && step.outcome === 'done');
  const after = examination.reportAfter({
    copy: done('copy') && done('verify') ? 'pg_basebackup created the base backup, and it was verified' : undefined,
    streaming: done('stream') ? 'the standby was started and streams' : undefined,
  });
  const told = {
    ...publicReport(after, facts, host.place),
    elapsedMs: host.now().getTime() - Date.parse(after.startedAt),
    subject: { ...after.subject, standby: story.standby },
    // what did not come to its end is not ready, whatever preflight said
    verdict: failed ? ('blocked' as const) : after.verdict,
    steps: story.steps,
  };
  await (forPeople ? writeReports(told, call.own) : tellReport(told, call.own, print));
  return statusOf(told, call.own);
}
