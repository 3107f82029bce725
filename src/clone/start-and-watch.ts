import type { StartedStandby } from './basebackup/start-server.ts';
import type { StartPlan } from './basebackup/commands.ts';
import { sendersBefore, watchStandby } from './streaming/prove.ts';
import type { Watched } from './streaming/prove.ts';
import type { CopySurroundings } from '../checks/standby-sessions.ts';
import { causeInLog, knownMessages } from '../diagnosis/first-cause.ts';
import { ifSeen } from '../facts/observed.ts';
import type { CloneStep, Evidence } from '../findings/report.ts';
import type { StreamingPicture } from '../facts/streaming.ts';
import { formatLsn } from '../postgres/lsn.ts';
import { pictureRows, pictureText } from '../report/picture-text.ts';
import type { Before } from '../report/picture-text.ts';
import { inOrOn, machineName } from '../report/machines.ts';
import type { Scene } from '../findings/scene.ts';
import { printable } from '../report/printable.ts';
import { catalogue } from '../rules/catalogue.ts';
import { commandText } from './commands.ts';
import { causeDetails, causeText, paragraphs, said, tellStep } from './story.ts';
import type { CloneRun, CloneStory } from './story.ts';
import type { Examination } from '../diagnosis/examination.ts';

/** How many looks' time (--timeout) it may take until it streams, and then until it has replayed what the primary had. */
const patience = 12;

/** Starts the server on the copy, waits until it streams, and measures both sides. */
export async function startAndWatch(run: CloneRun): Promise<CloneStory> {
  const { commands, examination, screen, context, signal } = run;
  const directory = examination.facts.targetDirectory && ifSeen(examination.facts.targetDirectory)?.path;
  const plan = commands.start;
  if (plan === undefined || directory === undefined)
    return {
      steps: [await tellStep(run, 'start', 'failed', 0, [said('because', commands.without.start)])],
      standby: null,
    };

  const others = await sendersBefore(surroundingsOf(run, examination));
  const startedAt = performance.now();
  const started = await run.site.start(directory, plan, signal);
  const elapsedMs = performance.now() - startedAt;
  if (!started.ok) {
    const { interrupted, message, log } = started.why;
    const known = await knownMessages(catalogue);
    const cause = log === undefined ? undefined : causeInLog(log, known);
    const step = await tellStep(run, 'start', 'failed', elapsedMs, [
      ...(interrupted ? [said('because', 'interrupted')] : []),
      ...(message === '' ? [] : [said('pg_ctl said', firstLine(message))]),
      ...causeDetails(cause),
      said('log', plan.logFile),
    ]);
    await screen.lines(...endText(log, context.paint.quiet), ...paragraphs(causeText(cause), context), '');
    return { steps: [step], standby: null };
  }
  const place = placeText(started.standby);
  const start = await tellStep(run, 'start', 'done', elapsedMs, [
    said('command', commandText(plan.start)),
    said('answers at', place, 'postmaster.pid'),
    ...portDetails(commands.freePort, context.scene),
  ]);

  const watchedAt = performance.now();
  const { log } = started;
  const { host } = started.examination;
  const watched = await watchStandby(surroundingsOf(run, started.examination), {
    directory: started.directory,
    address: started.standby,
    others,
    primaryInRecovery: (examination.facts.primary && ifSeen(examination.facts.primary))?.inRecovery,
    log,
    isRunning: async () => (await host.processStatus(started.standby.pid)).ok,
    patienceMs: run.timeoutMs * patience,
  });
  const watchedMs = performance.now() - watchedAt;
  const stream = watched.streams
    ? await tellStream(run, watched.picture, started.standby.port, watchedMs)
    : await tellSilence(run, watched, plan, log, watchedMs);
  return { steps: [start, stream], standby: place };
}

const surroundingsOf = ({ timeoutMs, signal }: CloneRun, { subject, host, facts }: Examination): CopySurroundings => ({
  subject,
  host,
  timeoutMs,
  signal,
  now: () => host.now(),
  adminServer: facts.adminServer && ifSeen(facts.adminServer),
});

async function tellStream(
  run: CloneRun,
  picture: StreamingPicture,
  port: number,
  elapsedMs: number,
): Promise<CloneStep> {
  const { screen, context } = run;
  const step = await tellStep(run, 'stream', 'done', elapsedMs, []);
  const before = beforeOf(run.examination, context.scene.endpoint);
  await screen.lines(
    '',
    ...pictureText(picture, before, { standby: `port ${port} ${whereItRuns(context.scene)}`, lsn: formatLsn }, context),
    '',
  );
  return { ...step, details: pictureDetails(picture) };
}

async function tellSilence(
  run: CloneRun,
  watched: Extract<Watched, { streams: false }>,
  plan: StartPlan,
  log: () => Promise<string | undefined>,
  elapsedMs: number,
): Promise<CloneStep> {
  const { screen, context } = run;
  const end = await log();
  const known = await knownMessages(catalogue);
  const cause = end === undefined ? undefined : causeInLog(end, known);
  const step = await tellStep(run, 'stream', 'failed', elapsedMs, [
    said('because', watched.because),
    ...causeDetails(cause),
  ]);
  await screen.lines(
    ...endText(end, context.paint.quiet),
    ...paragraphs(causeText(cause), context),
    ...(watched.why === 'ended' ? [] : stillRuns(plan, context)),
    '',
  );
  return step;
}

const stillRuns = (plan: StartPlan, context: CloneRun['context']): readonly string[] => [
  ...paragraphs(['The server keeps running, because it may still connect. To stop it:'], context),
  '',
  `    ${context.paint.prompt(`${machineName('client', context.scene)}$`)} ${printable(commandText(plan.stop))}`,
];

/** The last lines of a log, as they stand there. */
function endText(log: string | undefined, quiet: (text: string) => string): readonly string[] {
  const lines = (log ?? '').split('\n').slice(-12);
  return log === undefined
    ? []
    : ['', '  The end of its log:', '', ...lines.map((line) => `    ${quiet(printable(line.replaceAll('\t', '  ')))}`)];
}

function beforeOf({ facts }: Examination, primary: string): Before {
  const login = facts.replicationLogin && ifSeen(facts.replicationLogin);
  const session = login?.outcome.accepted === true ? login.outcome.session : undefined;
  const place = facts.targetDirectory && ifSeen(facts.targetDirectory);
  return {
    primary,
    lsn: session === undefined ? undefined : formatLsn(session.walPosition),
    target: place?.state.kind === 'directory' ? 'an empty directory' : 'does not exist',
  };
}

function pictureDetails(picture: StreamingPicture): readonly Evidence[] {
  const { primary, standby, proof, remarks } = picture;
  return [
    said('proof', proof.says, proof.by),
    ...pictureRows(picture, formatLsn).flatMap((row) => [
      said(`primary: ${row.what}`, row.primary, primary.source),
      said(`standby: ${row.what}`, row.standby, standby.source),
    ]),
    ...remarks.map((remark) => said('remark', remark)),
  ];
}

const portDetails = (port: CloneRun['commands']['freePort'], { place }: Scene): readonly Evidence[] =>
  port === undefined
    ? []
    : [
        said(
          'port',
          `${port.free}, because ${port.taken} is in use on ${place ?? 'this machine'}; every later start needs -o "-p ${port.free}" too`,
        ),
      ];

const whereItRuns = (scene: Scene): string =>
  scene.place === undefined ? 'on this host' : `${inOrOn('standby', scene)} ${scene.place}`;

const placeText = ({ socketDirectory, listenAddress, port }: Omit<StartedStandby, 'log'>): string =>
  `port ${port} in ${socketDirectory ?? listenAddress ?? 'no socket'}`;

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
