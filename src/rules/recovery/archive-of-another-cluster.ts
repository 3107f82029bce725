import { ifSeen } from '../../facts/observed.ts';
import type { ClusterOfSegments } from '../../facts/standby-wal.ts';
import type { SystemIdentifier } from '../../postgres/lsn.ts';
import { inForce, majorOf } from '../../derived/in-force.ts';
import { neededWal } from '../../derived/needed-wal.ts';
import { outsideFacts, streamsNow } from '../../derived/stream-from-outside.ts';
import { disruptive, manual, safe } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const archiveOfAnotherCluster = defineRule({
  id: 'recovery/archive-of-another-cluster',
  title: 'restore_command reads the archive of another cluster',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now', 'archive', 'controlFile'],
  wants: [...outsideFacts, 'dataDirectory', 'localWal', 'timelines', 'primaryWal', 'standbyControl'],
  explains: [
    ...notStreaming,
    'streaming/breaks-repeatedly',
    'wal/segment-removed',
    'wal/gap',
    'recovery/restore-command-fails',
  ],
  messages: ['wal-from-different-system'],
  docs: {
    what: 'Reads the system identifier in the first page of the oldest and the newest segments in the directory that `restore_command` copies from, and compares it with the one in `global/pg_control`. Fails when every segment there is of another cluster and the primary has removed WAL that this standby needs; otherwise it warns.',
    why: "The names of WAL segments are the same in every cluster. The server rejects the content of such a segment, so the archive is of no use when the primary has removed WAL. It does follow a `.history` file of the other cluster to that cluster's timeline.",
    notes:
      'Segments that are compressed, or that a program such as pgBackRest fetches, are not read. An archive that has segments of both clusters passes: pg_upgrade gives a cluster a new system identifier. So does an archive of an older cluster that has not changed since this cluster was created, while the standby streams.',
    references: [
      'src/backend/access/transam/xlogreader.c: XLogReaderValidatePageHeader()',
      'src/backend/access/transam/xlogarchive.c: RestoreArchivedFile()',
    ],
  },
  judge(facts) {
    const { archive, controlFile, now } = facts;
    const { otherCluster, directory } = archive;
    if (!controlFile.ok) return notApplicable('global/pg_control cannot be read');
    if (directory === undefined || !archive.listed)
      return notApplicable('the directory that restore_command reads from is not known');
    const own = controlFile.value.systemIdentifier;
    if (otherCluster?.all !== true)
      return pass(`no segment in ${directory} shows that it is the archive of another cluster`);
    const timelines = ifSeen(facts.timelines);
    const needed = timelines === undefined ? undefined : neededWal({ ...facts, timelines, controlFile });
    const oldest = ifSeen(facts.primaryWal)?.oldest;
    const isNeeded = needed !== undefined && oldest !== undefined && needed.from < oldest;
    if (!isNeeded && isFromBefore(otherCluster, own))
      return pass(`the segments in ${directory} are older than this cluster, and none of them is needed`);
    const { systemIdentifier, sample } = otherCluster;
    const streams = streamsNow(facts);
    const set = inForce('restore_command', facts);
    const steps = changeOnStandby(
      { ...facts, now },
      { restore_command: '' },
      (majorOf(facts) ?? 13) >= 14 ? 'reload' : 'restart',
    );
    const restarts = steps.some(({ does }) => does === 'restart');
    return fail({
      severity: isNeeded ? 'error' : 'warning',
      message: `All WAL segments that were checked in ${directory} have system identifier ${systemIdentifier}, but this cluster has ${own}. ${
        isNeeded
          ? `The primary has removed ${needed.name}, which the standby needs, and this archive cannot provide it.`
          : `If the primary removes WAL that the standby needs, this archive cannot provide it${streams ? '' : ', and recovery follows the timelines of the other cluster'}.`
      }`,
      where: set?.where ?? at('standby'),
      evidence: [
        evidence('restore_command', archive.command, set?.source ?? 'the configuration files'),
        evidence(sample, `system identifier ${systemIdentifier}`, `${directory}/${sample}`),
        evidence('this cluster', `system identifier ${own}`, 'global/pg_control'),
      ],
      remedy: (restarts ? disruptive : safe)(
        "Stop reading the other cluster's archive, and set restore_command to the archive of this cluster.",
        ...steps,
        manual(
          'standby',
          'If this cluster has an archive of its own (archive_command on the primary shows it), set restore_command to read from it.',
        ),
      ),
    });
  },
});

/** What an older cluster left there before this one was made, as pg_upgrade makes it; initdb puts the time into the identifier. */
const isFromBefore = ({ systemIdentifier, changedAt }: ClusterOfSegments, own: SystemIdentifier): boolean =>
  systemIdentifier < own && changedAt.getTime() / 1000 < Number(own >> 32n);
