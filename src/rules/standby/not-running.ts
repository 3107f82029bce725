import { ifSeen } from '../../facts/observed.ts';
import { clusterText, primaryText } from '../../facts/shared-storage.ts';
import { isDataDirectory } from '../../facts/data-directory.ts';
import { containerFailure } from '../../remedies/container-failure.ts';
import { safe } from '../../remedies/remedy.ts';
import { startFailureIn } from '../../derived/start-failure.ts';
import { messageIn, oneLine, timeText } from '../../derived/sighting-evidence.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { intoUse } from '../../remedies/signal-file.ts';

/** The net under all rules that know a reason: a server that is down is never healthy. */
export const notRunning = defineRule({
  id: 'standby/not-running',
  title: 'The server is not running',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory'],
  wants: [
    'runningStandby',
    'controlFile',
    'serverLog',
    'standbyControl',
    'startNeeds',
    'debianCluster',
    'primariesHere',
  ],
  explains: [...notStreaming, 'primary/synchronous-commit-blocked'],
  effect: 'of-any',
  docs: {
    what: 'Fails when no server is running on the data directory and no other finding explains why.',
    why: 'A standby that is down receives nothing, and its primary either keeps WAL for it or removes WAL that it needs.',
    notes:
      'pg_control shows whether the server was shut down or crashed, and the log shows how the last start ended. Any other error is reported above this one.',
    references: ['src/include/catalog/pg_control.h: DBState', 'src/backend/utils/init/miscinit.c: CreateLockFile()'],
  },
  judge({
    dataDirectory,
    runningStandby,
    controlFile,
    serverLog,
    standbyControl,
    startNeeds,
    debianCluster,
    primariesHere,
  }) {
    const { path, postmaster, owner } = dataDirectory;
    if (!isDataDirectory(dataDirectory)) return notApplicable(`${path} is not a data directory`);
    if (runningStandby.status === 'seen') return pass(`a server answers (${runningStandby.source})`);
    if (postmaster?.process === 'running') return pass(`process ${postmaster.pid} is the server on ${path}`);
    if (postmaster?.process === 'unknown')
      return unexamined({
        kind: 'permission',
        because: `the system does not show whether process ${postmaster.pid} is the server on ${path}`,
        remedy: `run standbylint as ${owner.name} or as root`,
      });
    const control = ifSeen(controlFile);
    const state = control?.ok === true ? control.value.state : undefined;
    const log = ifSeen(serverLog);
    const failure = log === undefined ? undefined : startFailureIn(log.summary);
    const orderly = state?.startsWith('shut down') === true;
    const how =
      failure !== undefined
        ? `Its last start ended with "${oneLine(failure.record)}".`
        : dataDirectory.lastStart === undefined
          ? 'There is no sign that it was ever started.'
          : orderly
            ? 'It was shut down cleanly, and no obstacle to starting it was found.'
            : 'It was not shut down cleanly: it crashed, was killed, or the machine went down. No obstacle to starting it was found.';
    const mode = ifSeen(debianCluster)?.start;
    const byHand = mode?.mode === 'manual' ? ` ${mode.file} says manual: it does not start with the machine.` : '';
    const [other] = ifSeen(startNeeds)?.otherStandbys ?? [];
    // with a signal file it starts as a standby of it
    const [primary] = dataDirectory.signals.standby ? [] : (ifSeen(primariesHere) ?? []);
    const ofContainer = failure === undefined ? containerFailure(standbyControl, dataDirectory) : undefined;
    if (ofContainer !== undefined) return fail(ofContainer);
    const starting = intoUse(standbyControl, dataDirectory);
    return fail({
      title:
        failure === undefined ? 'The server is not running' : `The server did not start: ${oneLine(failure.record)}`,
      message: `No server is running on ${path}. ${how}${byHand}${other === undefined ? '' : ` Another standby of this cluster runs on this machine: ${clusterText(other)}.`}${primary === undefined ? '' : ` ${primary.container === undefined ? 'A primary of this cluster runs on this machine: ' : 'Another primary of this cluster: '}${primaryText(primary)}, on timeline ${primary.timeline}.`}`,
      where: at('standby', undefined, path),
      evidence: [
        ...(state === undefined ? [] : [evidence('pg_control', state, `${path}/global/pg_control`)]),
        ...(failure?.time === undefined
          ? []
          : [evidence('its last start ended', timeText(failure.time), log?.files.at(-1)?.path ?? 'its log')]),
        evidence(
          'postmaster.pid',
          postmaster === undefined ? 'does not exist' : `process ${postmaster.pid}, ${postmaster.process}`,
          `${path}/postmaster.pid`,
        ),
      ],
      remedy: safe(
        other === undefined
          ? 'Start the server.'
          : `Examine ${other.dataDirectory} if that is the standby in use. Only if this machine is to run both: start this one.`,
        starting,
      ),
      ...(failure === undefined
        ? {}
        : {
            isFailedStart: true,
            unexplained: {
              title: 'The server does not start',
              reason: oneLine(failure.record),
              // what it names is missing still: no rule that passes can say that this is over
              says:
                failure.recognition === undefined || (log?.missing ?? []).length > 0
                  ? undefined
                  : messageIn(failure.recognition),
              mayBe: keepFromStarting,
              look: lookAt(failure.recognition?.entry.fix ?? '', log?.files.at(-1)?.path),
              ...(primary === undefined ? { afterwards: starting } : {}),
            },
          }),
    });
  },
});

/** What often keeps a server from starting. */
const keepFromStarting = [
  'standby/config-file-error',
  'standby/hba-file-error',
  'standby/permissions',
  'standby/wrong-owner',
  'standby/path-missing',
  'standby/library-missing',
  'standby/cannot-listen',
  'standby/control-file-damaged',
  'wal/disk-full',
  'recovery/settings-lower-than-primary',
] as const;

const lookAt = (fix: string, log: string | undefined): string =>
  `${fix === '' ? '' : `${fix} `}Read the end of ${log ?? 'its log'}, fix what its last messages report, and start the server.`;
