import type { JudgedFacts } from '../../facts/facts.ts';
import { ifSeen } from '../../facts/observed.ts';
import { startFailureIn } from '../../derived/start-failure.ts';
import type { Fault } from '../../findings/judgement.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import type { SystemIdentifier } from '../../postgres/lsn.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const rawCopy = defineRule({
  id: 'standby/raw-copy',
  title: 'This is a file copy of a running server, not a base backup',
  severity: 'error',
  endangersData: true,
  commands: ['postmortem'],
  needs: ['dataDirectory', 'controlFile', 'now'],
  wants: [...newCopyFacts, 'serverLog', 'timelines'],
  explains: [...notStreaming, 'standby/stale-pid-file', 'standby/signal-missing', 'timeline/diverged', 'wal/gap'],
  messages: [
    'could-not-locate-valid-checkpoint',
    'could-not-locate-required-checkpoint',
    'wal-invalid-pages',
    'backup-label-inconsistent-control',
  ],
  docs: {
    what: 'Fails when no server was started on the directory yet, backup_label does not exist, and the control file is that of a server that was running when it was copied. Files that a base backup never contains (postmaster.pid, postmaster.opts of another directory) are further evidence.',
    why: 'Files that were copied while the server wrote them are consistent only after every change since the start of the backup is replayed, and backup_label says where the backup started. Without it, recovery begins at the last checkpoint, and torn or old pages remain unnoticed.',
    notes:
      'Deleting backup_label has the same effect. The exception is an atomic snapshot of one file system that contains the whole cluster: it is like a crash. Once a server has run on the directory, one thing still shows it: the first start renames backup_label to backup_label.old, so a base backup (backup_manifest exists) that has neither was started without its label. As backup_label.old may have been tidied away, that is a warning, and an error if the server stopped at damaged WAL or pages. A directory that has none of the three files, and whose log shows that its first start as a standby took it for a crashed primary, past the point where the timeline of its primary began, is a file copy of that primary, running or crashed: a warning, because an atomic snapshot, or a crashed server on which nothing ran, looks the same, and nothing in the copy tells them apart. Files as old as the cluster itself are never reported.',
    references: [
      'Making a Base Backup Using the Low Level API: https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP',
      'src/backend/backup/basebackup.c: excludeFiles',
    ],
  },
  judge(facts) {
    const { dataDirectory, controlFile } = facts;
    const { path, backupLabel, backupLabelOld, lastStart, lockFileOf, manifest, postmaster } = dataDirectory;
    if (!controlFile.ok) return notApplicable('the control file does not show it');
    const { state } = controlFile.value;
    if (backupLabel !== undefined) return pass(`${path}/backup_label exists`);
    const wasStarted = postmaster?.process === 'running' || (lastStart !== undefined && lastStart.here !== false);
    if (wasStarted && manifest === 'there' && backupLabelOld === undefined) return fail(withoutLabel(facts));
    const asCrashed = wasStarted && manifest === 'absent' && backupLabelOld === undefined && startedAsCrashed(facts);
    if (asCrashed) return fail(asCrashed);
    if (wasStarted) return notApplicable('a server was started on it since, so nothing shows how it was made');
    if (backupLabelOld !== undefined && lockFileOf === undefined && lastStart === undefined)
      return notApplicable('a server has used its backup_label already');
    if (state !== 'in production' && state !== 'in archive recovery' && state !== 'in crash recovery')
      return pass(`its control file says "${state}": it was copied from a server that was not running`);
    const traces = [
      ...(lastStart?.here === false
        ? [evidence('postmaster.opts of', lastStart.directory ?? 'another directory', `${path}/postmaster.opts`)]
        : []),
      ...(lockFileOf === undefined ? [] : [evidence('postmaster.pid of', lockFileOf, `${path}/postmaster.pid`)]),
    ];
    const deleted = manifest === 'there' && traces.length === 0;
    return fail({
      ...(deleted ? { title: 'backup_label was deleted from this base backup' } : {}),
      message: `${path} has no backup_label, no server was started on it, and its control file says "${state}": ${deleted ? 'backup_label of this base backup was deleted' : 'it was copied from a running server without backup mode'}. Recovery would begin at the wrong place and damage the data without a message. Only an atomic snapshot of one file system is safe.`,
      where: at('standby', undefined, path),
      evidence: [
        evidence('backup_label', 'does not exist', path),
        evidence('state', state, `${path}/global/pg_control`),
        ...traces,
      ],
      remedy: newCopy(facts),
    });
  },
});

type Facts = JudgedFacts<
  'dataDirectory' | 'controlFile' | 'now',
  (typeof newCopyFacts)[number] | 'serverLog' | 'timelines'
>;

/** xlogrecovery.c, read_backup_label(); xlog.c, StartupXLOG(): a label that was used is there under its other name. */
function withoutLabel(facts: Facts): Fault {
  const { path } = facts.dataDirectory;
  const summary = ifSeen(facts.serverLog)?.summary;
  const said = [summary && startFailureIn(summary), ...(summary?.sightings ?? [])];
  const isDamaged = said.some((one) => one !== undefined && ofDamage.test(one.record.message));
  return {
    title: 'This base backup was started without its backup_label',
    severity: isDamaged ? 'error' : 'warning',
    message: `${path} is a base backup (backup_manifest exists), but has neither backup_label nor the backup_label.old that its first start leaves. If backup_label was deleted, recovery began at the wrong place, and its data is damaged without a message. Do not promote it.`,
    where: at('standby', undefined, path),
    evidence: [
      evidence('backup_manifest', 'exists', path),
      evidence('backup_label, backup_label.old', 'do not exist', path),
    ],
    endangersData: true,
    remedy: newCopy(facts),
  };
}

/**
 * Its log tells that its first start took it for a primary that had crashed. Past the place where the present timeline
 * began no other server than its primary can have been running: its files were copied while it was, or after it had crashed. Files as old as
 * the cluster are no copies: an atomic snapshot has them, and the server that initdb made.
 */
function startedAsCrashed(facts: Facts): Fault | undefined {
  const { path, bornAt } = facts.dataDirectory;
  const start = ifSeen(facts.serverLog)?.summary.crashStart;
  const timelines = ifSeen(facts.timelines);
  if (start === undefined || timelines === undefined || !timelines.sameSystem) return undefined;
  const { history, historyMissing } = timelines.upstream;
  const begun = history.at(-1)?.begin ?? undefined;
  if (historyMissing || (begun !== undefined && start.redo < begun)) return undefined;
  const born = facts.controlFile.ok ? clusterMadeAt(facts.controlFile.value.systemIdentifier) : undefined;
  if (born !== undefined && bornAt !== undefined && bornAt <= born) return undefined;
  return {
    title: 'This standby was made from files of its primary without a backup',
    severity: 'warning',
    message: `${path} was first started as a standby without backup_label, from files of its primary while that was running, or after it had crashed. Unless nothing wrote to them while they were copied (one atomic snapshot of the whole cluster, or no server running), recovery began at the wrong place: files that were copied earlier lack changes, no error is reported, and the standby streams. Do not promote it.`,
    where: at('standby', undefined, path),
    evidence: [
      evidence('backup_manifest, backup_label.old', 'do not exist', path),
      evidence(
        'its first start',
        `"database system was not properly shut down", redo at ${formatLsn(start.redo)}`,
        'its log',
      ),
      evidence(
        'timeline of its primary',
        `${history.at(-1)?.timeline}, since ${begun === undefined ? 'the cluster was made' : formatLsn(begun)}`,
        'the replication connection',
      ),
    ],
    remedy: newCopy(facts),
  };
}

/** xlog.c, BootStrapXLOG(): the upper half of the identifier is the time of initdb, which has written PG_VERSION before. */
const clusterMadeAt = (identifier: SystemIdentifier): Date => new Date((Number(identifier >> 32n) + 1) * 1000);

const ofDamage = /WAL contains references to invalid pages|could not locate (?:a valid|required) checkpoint record/u;
