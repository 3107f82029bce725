import { ifSeen, seen } from '../../facts/observed.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { oneLine, timeText } from '../../derived/sighting-evidence.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { inForce } from '../../derived/in-force.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const standbyArchivingFails = defineRule({
  id: 'standby/archiving-fails',
  title: 'Archiving on the standby fails, and its WAL piles up',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'localWal', 'now'],
  wants: ['standbyConfiguration', 'runningStandby', 'standbyControl', 'serverLog'],
  explains: ['wal/disk-full'],
  docs: {
    what: 'Warns when archive_mode is `always` on the standby, its log says that archive_command fails, and segments wait for the archiver (pg_wal/archive_status).',
    why: 'With archive_mode = always the standby archives what it receives, and keeps every segment until that has succeeded: its disk fills up although it follows its primary.',
    notes:
      'The usual reason is an archive_command that was copied from the primary and refuses to overwrite what the primary has already archived. With archive_mode = on a standby archives nothing.',
    references: [
      'Continuous Archiving in Standby: https://www.postgresql.org/docs/current/warm-standby.html#CONTINUOUS-ARCHIVING-IN-STANDBY',
    ],
  },
  judge(facts) {
    const { dataDirectory, localWal, serverLog } = facts;
    const settings = { ...facts, dataDirectory: seen(dataDirectory, dataDirectory.path) };
    const mode = inForce('archive_mode', settings);
    if (mode?.value.toLowerCase() !== 'always')
      return notApplicable(`archive_mode is ${mode?.value ?? 'not known'} on the standby, which archives nothing`);
    const waiting = localWal.ready;
    const log = ifSeen(serverLog);
    const failure = log?.summary.sightings.find(
      ({ recognition, sinceStart }) => sinceStart > 0 && ofArchiver.test(recognition.id),
    );
    if (waiting < 2 || (failure === undefined && waiting < many))
      return pass(`${waiting} segments of the standby wait to be archived`);
    const size = formatBytes(BigInt(waiting) * BigInt(localWal.segmentSize ?? 0));
    return fail({
      message: `archive_mode is always, and ${waiting} segments (${size}) in ${localWal.path} wait to be archived${failure === undefined ? '' : ', because archive_command fails'}. The standby keeps them until that succeeds.`,
      where: mode.where,
      evidence: [
        evidence('archive_mode', mode.value, mode.source),
        evidence('waiting', `${waiting} segments`, `${localWal.path}/archive_status`),
        ...(failure === undefined
          ? []
          : [
              evidence(
                `its log says${failure.last.time === undefined ? '' : `, at ${timeText(failure.last.time)}`}`,
                `${oneLine(failure.record)}${failure.record.detail === undefined ? '' : ` ${failure.record.detail}`}`,
                log?.files.at(-1)?.path ?? 'its log',
              ),
            ]),
      ],
      remedy: disruptive(
        'Let the standby archive nothing as long as its primary does. (If it has an archive of its own, repair archive_command instead.)',
        ...changeOnStandby(settings, { archive_mode: 'on' }, 'restart'),
      ),
    });
  },
});

/** As it was recognised, whatever the language of the log. */
const ofArchiver = /^archive-(?:command|too-many)-/u;

/** So many do not wait on a standby whose archiver works, whatever its log says. */
const many = 50;
