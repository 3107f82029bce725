import { ifSeen, seen } from '../../facts/observed.ts';
import { at, disruptive, manual, safe } from '../../remedies/remedy.ts';
import { newCopy } from '../../remedies/new-copy.ts';
import { rewindOrCopy, rewindOrCopyFacts } from '../timeline/rewind-or-copy.ts';
import { rewindFacts, rewindServes } from '../timeline/rewind-serves.ts';
import { defineRule, fail, notApplicable, pass } from '../rule.ts';
import type { Fault } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { pastEvidence, pastOf } from './past.ts';
import { intoUse, meantAsStandby, runsAsPrimary, signalMade } from './signal.ts';

export const signalMissing = defineRule({
  id: 'standby/signal-missing',
  title: 'standby.signal is missing',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'controlFile', 'now'],
  wants: [...rewindOrCopyFacts, ...rewindFacts],
  explains: [
    ...notStreaming,
    'standby/already-primary',
    'timeline/diverged',
    'timeline/two-primaries',
    'conninfo/not-applied',
    'wal/gap',
  ],
  docs: {
    what: 'Fails when the settings are those of a standby (primary_conninfo or restore_command) and no signal file is there. It tells from backup_label, the control file, the WAL and both timeline histories what has happened since.',
    why: 'Without the file the server starts as a primary of its own: it ends recovery, and accepts writes.',
    notes:
      'Where no server has run on the directory since (backup_label is still there, or the control file is that of a standby) the file alone mends it. Where one was started without it, creating the file is the wrong fix: it "streams" without a complaint although the histories differ, and on the same timeline pg_rewind says that nothing is required. Then only a new copy is right, or pg_rewind where the primary is on another timeline.',
    references: [
      'PostgreSQL manual, section 26.2.2, Standby Server Operation',
      'access/transam/xlogrecovery.c, readRecoverySignalFile()',
      'bin/pg_rewind/pg_rewind.c, main(): "no rewind required"',
    ],
  },
  judge(facts) {
    const { dataDirectory } = facts;
    const { path, signals } = dataDirectory;
    if (signals.standby) return pass(`${path}/standby.signal is there`);
    if (signals.recoveryConf !== undefined)
      return notApplicable(
        `${signals.recoveryConf.path} is there, which a server of 12 or later refuses before it looks for a signal file`,
      );
    if (signals.recovery && !runsAsPrimary(facts.runningStandby))
      return notApplicable(`${path}/recovery.signal is there instead`);
    const meant = meantAsStandby(facts.standbyConninfo, facts.standbyConfiguration);
    if (meant === undefined)
      return notApplicable(
        'neither primary_conninfo nor restore_command is set: nothing says that this is to be a standby',
      );
    const past = pastOf(facts);
    const fault = (message: string, rest: Omit<Fault, 'message' | 'where' | 'evidence'>): ReturnType<typeof fail> =>
      fail({
        message,
        where: at('standby', undefined, `${path}/standby.signal`),
        evidence: pastEvidence(facts),
        ...rest,
      });
    switch (past.kind) {
      case 'never-started':
      case 'in-recovery':
      case 'shared': {
        if (signals.misnamed.length > 0) return notApplicable('a file that is meant as one has a wrong name');
        const why =
          past.kind === 'never-started'
            ? 'No server has run on it since the backup'
            : past.kind === 'in-recovery'
              ? 'It has only ever replayed its primary’s WAL'
              : `Nothing is lost yet: ${past.because}`;
        const create = signalMade(dataDirectory, 'standby.signal', facts.now);
        const runs = dataDirectory.postmaster?.process === 'running';
        return fault(
          `${meant}, and there is no standby.signal in ${path}: ${runs ? 'after its next start' : 'started as it is,'} the server would be a primary of its own. ${why}, so that the file alone mends it.`,
          {
            remedy:
              past.kind !== 'shared' && runs
                ? safe('Create the file; the server that runs need not be restarted.', ...create)
                : (runs ? disruptive : safe)(
                    'Create the file, before anything starts the server without it.',
                    ...create,
                    intoUse(facts.standbyControl, dataDirectory),
                  ),
          },
        );
      }
      case 'parted': {
        const lost = past.own === undefined ? '' : ` ${bytes(past.own)} of WAL exist only here and will be given up.`;
        const primary = ifSeen(facts.primary);
        const title = 'This server was started without standby.signal and has become a primary';
        const wrong = 'Creating standby.signal now would not help: the histories have parted.';
        const rewinding = rewindServes({ ...facts, dataDirectory: seen(dataDirectory, path) });
        if (past.fork !== undefined && rewinding.serves && primary !== undefined)
          return fault(`${meant}, and ${past.because}.${lost} ${wrong}`, {
            title,
            remedy: rewindOrCopy(
              rewinding.standing,
              rewinding.timelines,
              { ...facts, dataDirectory, primary },
              'Wind it back with pg_rewind to where the histories parted.',
            ),
          });
        const noRewind =
          past.fork === undefined
            ? ' pg_rewind would say that no rewind is required, because both are on the same timeline: that is not so.'
            : rewinding.serves
              ? ''
              : ` ${rewinding.because}`;
        return fault(`${meant}, and ${past.because}.${lost} ${wrong}${noRewind}`, { title, remedy: newCopy(facts) });
      }
      case 'promoted':
        return notApplicable(`it was promoted: ${past.because}`);
      case 'unknown':
        return fault(
          `${meant}, and there is no standby.signal in ${path}. The control file is that of a server which ran on its own, and whether its WAL is still the primary's is not known: ${past.missing}. Until that is known the file must not be created: with histories that have parted it would look like a standby and not be one.`,
          {
            remedy: safe(
              'Find out what the primary has.',
              manual(
                'standby',
                'Run this again where the primary can be reached, with --admin CONNINFO of a superuser there: its WAL tells whether the histories have parted. If that cannot be told, make a new copy.',
              ),
            ),
          },
        );
    }
  },
});

const bytes = (count: bigint): string =>
  count >= 1_048_576n ? `${count / 1_048_576n} MB` : count >= 1_024n ? `${count / 1_024n} kB` : `${count} bytes`;
