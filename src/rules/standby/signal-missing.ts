import { formatBytes } from '../../postgres/bytes.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import { disruptive, manual, safe } from '../../remedies/remedy.ts';
import { newCopy } from '../../remedies/new-copy.ts';
import { rewindOrCopy, rewindOrCopyFacts } from '../../remedies/rewind-or-copy.ts';
import { rewindFacts, rewindServes } from '../../derived/rewind-serves.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import { replacedBy, replacedFacts } from '../../derived/replaced-primary.ts';
import { at, defineRule, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { leftAsItIs } from '../../remedies/left-as-it-is.ts';
import { historyEvidence, historySinceCopy } from '../../derived/history-since-copy.ts';
import { meantAsStandby, standbyByItsFiles } from '../../derived/meant-as-standby.ts';
import { isPrimaryNow } from '../../derived/role-now.ts';
import { intoUse, signalMade } from '../../remedies/signal-file.ts';
import type { Fault } from '../../findings/judgement.ts';

const seenOf = ({ controlFile, ...facts }: JudgedFacts<'controlFile', (typeof replacedFacts)[number]>) => ({
  ...facts,
  controlFile: seen(controlFile, 'global/pg_control'),
});

export const signalMissing = defineRule({
  id: 'standby/signal-missing',
  title: 'standby.signal is missing',
  severity: 'error',
  beforeStart: true,
  commands: ['postmortem'],
  needs: ['dataDirectory', 'controlFile', 'now'],
  wants: [...rewindOrCopyFacts, ...rewindFacts, ...replacedFacts],
  explains: [
    ...notStreaming,
    'standby/already-primary',
    'timeline/diverged',
    'timeline/two-primaries',
    'conninfo/not-applied',
    'wal/gap',
  ],
  docs: {
    what: 'Fails when the settings are those of a standby (primary_conninfo or restore_command), or the directory is a base backup that no server has run on (as pg_basebackup makes it without -R), pg_control says that its server last ran as a standby, or --admin leads to a server that was promoted in its place, but there is no signal file. backup_label, the control file, the WAL and both timeline histories show what has happened since.',
    why: 'Without the file, the server starts as a primary: it ends recovery and accepts writes.',
    notes:
      'If no server has run on the directory since (backup_label still exists, or the control file is that of a standby), creating the file is enough. If a server was started without it, creating the file is the wrong fix: the standby then streams without an error although the histories differ, and on the same timeline pg_rewind reports that no rewind is required. Then only a new base backup helps, or pg_rewind if the primary is on another timeline.',
    references: [
      'Standby Server Operation: https://www.postgresql.org/docs/current/warm-standby.html#STANDBY-SERVER-OPERATION',
      'src/backend/access/transam/xlogrecovery.c: readRecoverySignalFile()',
      'src/bin/pg_rewind/pg_rewind.c: main()',
    ],
  },
  judge(facts) {
    const { dataDirectory } = facts;
    const { path, signals } = dataDirectory;
    if (signals.standby) return pass(`${path}/standby.signal exists`);
    if (signals.recoveryConf !== undefined)
      return notApplicable(
        `${signals.recoveryConf.path} exists, and PostgreSQL 12 and later refuse to start before they look for a signal file`,
      );
    if (signals.recovery && !isPrimaryNow(facts.runningStandby))
      return notApplicable(`${path}/recovery.signal exists instead`);
    const configured = meantAsStandby(facts.standbyConninfo, facts.standbyConfiguration);
    const made = standbyByItsFiles(dataDirectory, facts.controlFile);
    // it was the primary until another one was promoted: started as it is, it would be the second
    const replaced = dataDirectory.postmaster?.process === 'running' ? undefined : replacedBy(seenOf(facts));
    const meant =
      configured ??
      (made === undefined ? undefined : `${path} ${made}`) ??
      (replaced?.named === true
        ? `${replaced.place} (--admin) has been promoted to timeline ${replaced.timeline} in place of this server, which is on timeline ${replaced.followed}`
        : undefined);
    if (meant === undefined)
      return notApplicable(
        'neither primary_conninfo nor restore_command is set, so this is not configured as a standby',
      );
    const history = historySinceCopy(facts);
    const fault = (message: string, rest: Omit<Fault, 'message' | 'where' | 'evidence'>): ReturnType<typeof fail> =>
      fail({
        message,
        where: at('standby', undefined, `${path}/standby.signal`),
        evidence: historyEvidence(facts),
        ...rest,
        ...(configured === undefined && made === undefined && replaced?.named === true
          ? { title: 'Another server was promoted in place of this one' }
          : {}),
      });
    switch (history.kind) {
      case 'never-started':
      case 'in-recovery':
      case 'shared': {
        if (signals.misnamed.length > 0) return notApplicable('there is a signal file with the wrong name');
        const why =
          history.kind === 'never-started'
            ? 'No server has run on it since the backup'
            : history.kind === 'in-recovery'
              ? "It has only ever replayed its primary's WAL"
              : `Nothing is lost yet: ${history.because}`;
        const primary = ifSeen(facts.primary);
        const { controlFile } = facts;
        // of a server of another cluster it will be none, whatever files it has
        const ofAnother =
          controlFile.ok && primary !== undefined && primary.systemIdentifier !== controlFile.value.systemIdentifier;
        const create = signalMade(dataDirectory, 'standby.signal', facts.now);
        const runs = dataDirectory.postmaster?.process === 'running';
        const isDeadLink = signals.deadLinks?.includes('standby.signal') === true;
        return fault(
          `${meant}, but ${path}/standby.signal ${isDeadLink ? 'is a link to a file that does not exist' : 'does not exist'}: ${runs ? 'after its next start,' : 'if it is started now,'} the server will be a primary. ${why}${ofAnother ? ': with the file, it stays a standby' : configured === undefined ? '' : ', so creating the file is enough'}.`,
          {
            remedy:
              history.kind !== 'shared' && runs
                ? safe('Create the file. The running server does not need a restart.', ...create)
                : (runs ? disruptive : safe)(
                    'Create the file before anything starts the server without it.',
                    ...create,
                    intoUse(facts.standbyControl, dataDirectory),
                  ),
          },
        );
      }
      case 'diverged': {
        const lost =
          history.own === undefined
            ? ''
            : ` ${formatBytes(history.own)} of WAL exist only on this server and will be discarded.`;
        const primary = ifSeen(facts.primary);
        const title = 'The server was started without standby.signal and became a primary';
        const wrong = 'Creating standby.signal now would not help, because the server has diverged from its primary.';
        const rewinding = rewindServes({ ...facts, dataDirectory: seen(dataDirectory, path) });
        if (history.fork !== undefined && rewinding.serves && primary !== undefined)
          return fault(`${meant}, and ${history.because}.${lost} ${wrong}`, {
            title,
            remedy: rewindOrCopy(
              rewinding.comparison,
              rewinding.timelines,
              { ...facts, dataDirectory, primary },
              'Rewind it with pg_rewind to the point where the histories diverged.',
            ),
          });
        const noRewind =
          history.fork === undefined
            ? ' pg_rewind would wrongly report that no rewind is required, because both are on the same timeline.'
            : rewinding.serves
              ? ''
              : ` ${rewinding.because}`;
        return fault(`${meant}, and ${history.because}.${lost} ${wrong}${noRewind}`, { title, remedy: newCopy(facts) });
      }
      case 'promoted':
        return notApplicable(`it was promoted: ${history.because}`);
      case 'perhaps-the-primary':
        if (isPrimaryNow(facts.runningStandby)) return notApplicable(history.because);
        return fault(`${meant}, but ${path}/standby.signal does not exist: ${history.because}.`, {
          title: 'This server may be the primary that its upstream follows',
          remedy: leftAsItIs(path),
        });
      case 'unknown':
        return fault(
          `${meant}, but ${path}/standby.signal does not exist. The control file is that of a server that ran as a primary, and it is not known whether its WAL still matches its primary's: ${history.missing}. Do not create the file before that is known: if the server has diverged, it would look like a standby without being one.`,
          {
            remedy: safe(
              'Compare the WAL of both servers.',
              manual(
                'standby',
                'Run standbylint again where the primary can be reached, with --admin CONNINFO, a superuser connection to the primary: its WAL shows whether the server has diverged. If that is not possible, take a new base backup.',
              ),
            ),
          },
        );
    }
  },
});
