import { posix } from 'node:path';

import { leftBehind } from './basebackup/left-behind.ts';
import type { LeftBehind } from './basebackup/left-behind.ts';
import { runBaseBackup } from './basebackup/run.ts';
import type { CopyResult } from './basebackup/run.ts';
import { verifyCopy } from './basebackup/verify.ts';
import { paceOfCopy } from './basebackup/pace-of-copy.ts';
import { unpackedBy } from './basebackup/unpacking.ts';
import { watchWaits } from '../checks/primary/sender-waits.ts';
import type { Waits } from '../checks/primary/sender-waits.ts';
import { causeOfClient, causeOfServer, failureAmong, isOnlyTheEnd, knownMessages } from '../diagnosis/first-cause.ts';
import type { Cause } from '../diagnosis/first-cause.ts';
import { ifSeen } from '../facts/observed.ts';
import type { CloneStep, Evidence } from '../findings/report.ts';
import { shellWord } from '../remedies/quoting.ts';
import { machineName } from '../report/machines.ts';
import { printable } from '../report/printable.ts';
import { formatBytes } from '../postgres/bytes.ts';
import { catalogue } from '../rules/catalogue.ts';
import { commandText } from './commands.ts';
import { followCopy } from './progress.ts';
import { primaryWords } from './primary-words.ts';
import { startAndWatch } from './start-and-watch.ts';
import { causeDetails, causeText, paragraphs, said, tellStep } from './story.ts';
import type { CloneRun, CloneStory } from './story.ts';
import type { Examination } from '../diagnosis/examination.ts';

/** Copies, verifies, starts and watches; the first stage that comes to nothing ends it, and is told with what to do next. */
export async function runClone(given: CloneRun): Promise<CloneStory> {
  const run = { ...given, examination: await given.site.ready() };
  const copied = await copy(run);
  if (copied.outcome === 'failed') return { steps: [copied], standby: null };
  const verified = await verify(run);
  if (verified.outcome === 'failed') return { steps: [copied, verified], standby: null };
  if (!run.start) {
    await run.screen.lines(...whatNext(run));
    return { steps: [copied, verified], standby: null };
  }
  const { steps, standby } = await startAndWatch(run);
  return { steps: [copied, verified, ...steps], standby };
}

/** Times --timeout (two minutes by default): how long the primary may be silent in the middle of the copy. */
const silence = 24;

async function copy(run: CloneRun): Promise<CloneStep> {
  const { commands, screen, context, signal, examination } = run;
  if (commands.copy === undefined) return tellStep(run, 'copy', 'failed', 0, [said('because', commands.without.copy)]);
  await screen.lines('', `  ${context.paint.quiet(printable(commandText(commands.copy)))}`);
  const events = followCopy(screen);
  const startedAt = examination.host.now();
  const over = new AbortController();
  let pid: number | undefined;
  const waits = watchWaits(
    examination.surroundings,
    async () => {
      const status = pid === undefined ? undefined : await examination.host.processStatus(pid);
      return status?.ok === true && status.value.held === 'waiting';
    },
    over.signal,
  );
  const result = await runBaseBackup(
    examination.host,
    { command: commands.copy, password: run.password, silenceMs: run.timeoutMs * silence },
    { ...events, onStart: (running) => (pid = running) },
    signal,
    () => performance.now(),
  );
  over.abort();
  await events.done();
  if (result.outcome === 'copied')
    return tellStep(run, 'copy', 'done', result.elapsedMs, await paceDetails(run, result, await waits));
  const isOurs = result.outcome === 'interrupted' || result.outcome === 'stalled';
  const known = await knownMessages(catalogue);
  const heard = isOurs ? undefined : causeOfClient(result.words, known);
  const told = isOurs ? undefined : await primaryWords(run, startedAt);
  const last = told && failureAmong(told.records);
  const cause = last !== undefined && isOnlyTheEnd(heard) ? causeOfServer(last, known) : heard;
  const { found, unseen } = await leftBehind(examination.host, placesOf(examination));
  // where it is typed is not where the files are
  const left = examination.host.place?.kind === 'container' ? found.map((one) => ({ ...one, move: undefined })) : found;
  const step = await tellStep(run, 'copy', 'failed', result.elapsedMs, [
    said('pg_basebackup ended', endOf(result, run.timeoutMs * silence)),
    ...(heard === undefined || heard === cause ? [] : [said('pg_basebackup says', heard.said)]),
    ...causeDetails(cause),
    ...(told?.details ?? []),
    ...left.map((one) => said('left behind', `${leftText(one)} in ${one.directory}`)),
    ...left.flatMap(({ move }) => (move === undefined ? [] : [said('move it aside', moveText(move))])),
  ]);
  await screen.lines(...afterFailure(run, cause, left, unseen));
  return step;
}

/** How fast it was, what held it up, and what would be faster. */
async function paceDetails(
  { examination: { facts, subject, host } }: CloneRun,
  { copiedBytes, elapsedMs }: CopyResult,
  waits: Waits | undefined,
): Promise<readonly Evidence[]> {
  if (copiedBytes === undefined) return [];
  const rate = (copiedBytes * 1000) / Math.max(elapsedMs, 1);
  const copied = said('copied', `${formatBytes(copiedBytes)}, ${formatBytes(rate)}/s`);
  const major = (facts.primary && ifSeen(facts.primary))?.major;
  if (waits === undefined || major === undefined) return [copied];
  const place = (facts.targetDirectory && ifSeen(facts.targetDirectory))?.path ?? 'the base backup';
  const tool = (facts.clientTools && ifSeen(facts.clientTools))?.chosen;
  const unpacks = tool && (await unpackedBy(host, posix.join(tool.binDirectory, 'pg_basebackup')));
  const pace = paceOfCopy(waits, subject.baseBackup, { major, place, copiedBytes, elapsedMs, unpacks });
  if (pace === undefined) return [copied];
  return [
    copied,
    said('slowed by', pace.slowedBy, 'pg_stat_activity of the primary'),
    ...(pace.without === undefined ? [] : [said('without it', pace.without)]),
    ...(pace.faster === undefined ? [] : [said('faster', pace.faster)]),
  ];
}

function endOf({ outcome, endedBy, exitCode }: CopyResult, silenceMs: number): string {
  if (outcome === 'interrupted') return 'interrupted';
  if (outcome === 'stalled')
    return `stopped by standbylint: the primary sent nothing for ${silenceMs / 1000} s before the base backup was complete`;
  return endedBy === undefined ? `status ${exitCode ?? '(not started)'}` : `by ${endedBy}`;
}

async function verify(run: CloneRun): Promise<CloneStep> {
  const { examination, commands, signal } = run;
  const { baseBackup } = examination.subject;
  const directory = examination.facts.targetDirectory && ifSeen(examination.facts.targetDirectory)?.path;
  if (baseBackup.target !== undefined || directory === undefined)
    return tellStep(run, 'verify', 'skipped', 0, [said('because', commands.without.verify)]);
  const startedAt = performance.now();
  const { format, writesRecoveryConf } = baseBackup;
  const checks = await verifyCopy(
    examination.host,
    { directory, format, writesRecoveryConf, verify: commands.verify },
    signal,
  );
  const outcome = checks.every(({ holds }) => holds) && !signal.aborted ? 'done' : 'failed';
  const verified = checks.some(({ label }) => label === 'pg_verifybackup');
  const details = [
    ...(verified ? [] : [said('pg_verifybackup', `not run: ${commands.without.verify}`)]),
    ...checks.map(({ label, value, source, holds }) => ({
      label,
      value: holds ? value : `${value} (this is wrong)`,
      source,
    })),
  ];
  return tellStep(run, 'verify', outcome, performance.now() - startedAt, details, outcome === 'done');
}

/** Every place that the copy is written to. */
function placesOf({ facts }: Examination): readonly string[] {
  const target = facts.targetDirectory && ifSeen(facts.targetDirectory);
  const wal = facts.walDirectory && ifSeen(facts.walDirectory);
  const tablespaces = (facts.tablespaceTargets && ifSeen(facts.tablespaceTargets)) ?? [];
  const places = [target, wal, ...tablespaces.map(({ place }) => place)];
  return places.flatMap((place) => (place === undefined ? [] : [place.path]));
}

function afterFailure(
  run: CloneRun,
  cause: Cause | undefined,
  left: readonly LeftBehind[],
  unseen: readonly string[],
): readonly string[] {
  const { context, examination } = run;
  const { createsSlot, slot } = examination.subject.baseBackup;
  const moves = left.flatMap(({ move }) => (move === undefined ? [] : [move]));
  const stuck = left.filter(({ move }) => move === undefined);
  return [
    ...paragraphs(causeText(cause), context),
    ...(unseen.length === 0
      ? []
      : paragraphs(
          [
            `What is left in ${unseen.join(', ')} could not be seen any more: the next run says it. Nothing was deleted.`,
          ],
          context,
        )),
    ...(left.length === 0 && unseen.length > 0
      ? []
      : left.length === 0
        ? paragraphs(['Nothing of the base backup is left behind.'], context)
        : paragraphs(
            [
              `The incomplete base backup is left: ${left.map((one) => `${leftText(one)} in ${one.directory}`).join(', ')}. It is not a data directory, and nothing was deleted.${moves.length === 0 ? '' : ' Before the next try, move it aside:'}`,
            ],
            context,
          )),
    ...(moves.length === 0 ? [] : ['']),
    ...moves.map(
      (move) => `    ${context.paint.prompt(`${machineName('client', context.scene)}$`)} ${printable(moveText(move))}`,
    ),
    ...paragraphs(
      examination.host.place?.kind === 'container'
        ? stuck.slice(0, 1).map(() => 'Run this again: the report then shows what moves it aside.')
        : stuck.map(
            ({ directory }) => `${directory} itself cannot be renamed: use a new subdirectory of it for the next try.`,
          ),
      context,
    ),
    ...(createsSlot && slot !== undefined
      ? paragraphs(
          [
            `Slot "${slot}", which -C creates, may be left on the primary, where it keeps WAL: preflight will report it.`,
          ],
          context,
        )
      : []),
    '',
  ];
}

const leftText = ({ bytes, more }: LeftBehind): string => `${more ? 'more than ' : ''}${formatBytes(bytes)}`;

const moveText = ({ from, to }: { readonly from: string; readonly to: string }): string =>
  `mv ${shellWord(from)} ${shellWord(to)}`;

function whatNext({ examination, context }: CloneRun): readonly string[] {
  const { baseBackup } = examination.subject;
  if (baseBackup.format === 'tar')
    return [...paragraphs(['The archives are complete. To start a server, unpack them first.'], context), ''];
  return baseBackup.target !== undefined || !baseBackup.writesRecoveryConf
    ? ['']
    : [
        ...paragraphs(
          ['The base backup is ready to be started as a standby. clone --start starts it and proves that it streams.'],
          context,
        ),
        '',
      ];
}
