import { rehearsalCommand } from '../../clone/basebackup/rehearsal.ts';
import { runBaseBackup } from '../../clone/basebackup/run.ts';
import type { CopyResult } from '../../clone/basebackup/run.ts';
import {
  causeOfClient,
  causeOfServer,
  failureAmong,
  isOnlyTheEnd,
  knownMessages,
} from '../../diagnosis/first-cause.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { CloneStep } from '../../findings/report.ts';
import { baseBackupOptions } from '../../postgres/basebackup-options.ts';
import { printable } from '../../report/printable.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { catalogue } from '../../rules/catalogue.ts';
import { commandText } from '../../clone/commands.ts';
import { followCopy } from '../../clone/progress.ts';
import { passwordForCopy } from '../clone/secrets.ts';
import { causeDetails, causeText, paragraphs, said, tellStep } from '../../clone/story.ts';
import type { Examination } from '../../diagnosis/examination.ts';
import { parseWords } from '../options/getopt.ts';
import type { OptionSpec } from '../options/getopt.ts';
import type { OwnOptions } from '../options/own-options.ts';
import { primaryWords } from '../../clone/primary-words.ts';
import { sceneOf } from '../output/scene.ts';
import { Screen } from '../terminal/screen.ts';

/**
 * preflight --rehearse: a base backup that the primary reads whole and throws away (target `blackhole`, 15 and later).
 * What fails is what the copy would fail at on the primary's side; nothing is written here.
 */
export async function rehearse(
  examination: Examination,
  own: Pick<OwnOptions, 'outputs' | 'color' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<CloneStep> {
  const { facts, subject, host } = examination;
  const screen = await Screen.of(own);
  const context = screen.context(sceneOf(facts));
  const tell = { screen, context };
  const skipped = async (because: string): Promise<CloneStep> =>
    tellStep(tell, 'rehearsal', 'skipped', 0, [said('because', because)]);
  if (examination.report.verdict === 'blocked') return skipped('there is an error to fix first');
  const primary = facts.primary && ifSeen(facts.primary);
  const tools = facts.clientTools && ifSeen(facts.clientTools);
  const tool = tools?.basebackups.toSorted((a, b) => b.major - a.major).find(({ major }) => major >= 15);
  if (primary === undefined) return skipped('the release of the primary is not known');
  if (primary.major < 15)
    return skipped(`PostgreSQL ${primary.major} has no backup targets: they exist in 15 and later`);
  if (tool === undefined || tool.major < primary.major)
    return skipped(`no pg_basebackup of PostgreSQL ${primary.major} or later is installed on this host`);

  const { options } = parseWords<OptionSpec>(subject.baseBackup.args, baseBackupOptions, []);
  const command = rehearsalCommand(
    tool,
    options.map(({ spec, written }) => ({ name: spec.long, words: written })),
  );
  await screen.lines('', ...paragraphs([whatItCosts(subject.baseBackup.maxRate === undefined)], context), '');
  await screen.lines(`  ${context.paint.quiet(printable(commandText(command)))}`);
  const silenceMs = own.timeoutMs * silence;
  const events = followCopy(screen);
  const startedAt = new Date();
  const password = await passwordForCopy(subject, host);
  const result = await runBaseBackup(host, { command, password, silenceMs }, events, signal, () => performance.now());
  await events.done();
  if (result.outcome === 'copied') {
    const read = result.copiedBytes === undefined ? [] : [said('read', formatBytes(result.copiedBytes))];
    return tellStep(tell, 'rehearsal', 'done', result.elapsedMs, read);
  }
  const isOurs = result.outcome === 'interrupted' || result.outcome === 'stalled';
  const known = await knownMessages(catalogue);
  const heard = isOurs ? undefined : causeOfClient(result.words, known);
  const told = isOurs ? undefined : await primaryWords({ examination }, startedAt);
  const last = told && failureAmong(told.records);
  const cause = last !== undefined && isOnlyTheEnd(heard) ? causeOfServer(last, known) : heard;
  const step = await tellStep(tell, 'rehearsal', 'failed', result.elapsedMs, [
    said('pg_basebackup ended', endOf(result, silenceMs)),
    ...(heard === undefined || heard === cause ? [] : [said('pg_basebackup says', heard.said)]),
    ...causeDetails(cause),
    ...(told?.details ?? []),
  ]);
  await screen.lines(...paragraphs(causeText(cause), context), '');
  return step;
}

/** Times --timeout (two minutes by default): how long the primary may be silent while it reads. */
const silence = 24;

const whatItCosts = (limited: boolean): string =>
  `Rehearsal: the primary reads all its files once, as for a base backup, and discards them. It costs a checkpoint, a WAL sender and the reading${limited ? ', which is limited to 32 MB/s (-r RATE sets another limit)' : ' at the rate given with -r'}. Ctrl-C ends it; nothing is written on this machine.`;

function endOf({ outcome, endedBy, exitCode }: CopyResult, silenceMs: number): string {
  if (outcome === 'interrupted') return 'interrupted';
  if (outcome === 'stalled')
    return `stopped by standbylint: the primary read nothing for ${silenceMs / 1000} s before the end`;
  return endedBy === undefined ? `status ${exitCode ?? '(not started)'}` : `by ${endedBy}`;
}
