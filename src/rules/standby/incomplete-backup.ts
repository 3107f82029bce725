import { ifSeen } from '../../facts/observed.ts';
import { startFailureIn } from '../../derived/start-failure.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { backupName } from '../../remedies/edit-file.ts';
import { manual, safe, shell } from '../../remedies/remedy.ts';
import { directoriesMade, moved } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { Fault } from '../../findings/judgement.ts';
import { parseBackupLabel } from '../../postgres/backup-label.ts';
import { isDataDirectory } from '../../facts/data-directory.ts';
import { notStreaming } from '../consequences.ts';
import { intoUse } from '../../remedies/signal-file.ts';

/** Without these no server starts (tried on 13 to 18; pg_stat: up to 14); without the others replay or a checkpoint stumbles later. */
const neededToStart: ReadonlySet<string> = new Set([
  'global',
  'base',
  'base/1',
  'pg_xact',
  'pg_multixact',
  'pg_multixact/members',
  'pg_multixact/offsets',
  'pg_twophase',
  'pg_replslot',
  'pg_notify',
  'pg_tblspc',
]);

/** A base backup has these empty (basebackup.c, excludeDirContents), or they mostly are: nothing is lost with them. */
const emptyAnyway: ReadonlySet<string> = new Set([
  'pg_twophase',
  'pg_replslot',
  'pg_notify',
  'pg_tblspc',
  'pg_serial',
  'pg_snapshots',
  'pg_dynshmem',
  'pg_commit_ts',
  'pg_stat',
  'pg_logical',
  'pg_logical/snapshots',
  'pg_logical/mappings',
  'pg_subtrans',
]);

export const incompleteBackup = defineRule({
  id: 'standby/incomplete-backup',
  title: 'The base backup is incomplete',
  severity: 'error',
  endangersData: true,
  commands: ['postmortem'],
  needs: ['dataDirectory', 'controlFile', 'now'],
  wants: [...newCopyFacts, 'serverLog'],
  explains: [
    ...notStreaming,
    'standby/not-running',
    'log/message',
    'standby/signal-missing',
    'standby/wal-directory-missing',
    'standby/config-file-error',
    'conninfo/missing',
  ],
  messages: ['incremental-not-data-directory'],
  says: [
    'could not open file "%s/global/pg_control": No such file or directory',
    'could not open directory "%s": No such file or directory',
  ],
  docs: {
    what: 'Fails when global/pg_control does not exist (a base backup receives it last), when the manifest still has its temporary name, when the directory is an incremental backup, when the first two lines of backup_label are not what a server reads there (it was emptied, edited, or saved with the line ends of Windows), or when a directory is missing that every data directory has.',
    why: 'The server does not start on it, or runs with only part of the data.',
    notes:
      'Directories that are empty in a base backup get lost in tools that do not keep empty directories; it is enough to create them. A missing manifest is not a fault: the server never reads it.',
    references: [
      'src/bin/pg_basebackup/pg_basebackup.c: BaseBackup()',
      'src/backend/backup/basebackup.c: excludeDirContents',
      'Making an Incremental Backup: https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-INCREMENTAL-BACKUP',
    ],
  },
  judge(facts) {
    const { dataDirectory, controlFile } = facts;
    const { path, manifest, missingDirectories: missing, backupLabel } = dataDirectory;
    if (!isDataDirectory(dataDirectory)) return notApplicable(`${path} is not a data directory`);
    const fault = (message: string, label: string, value: string) => ({
      message,
      where: at('standby' as const, undefined, path),
      evidence: [evidence(label, value, path)],
    });
    if (backupLabel?.label?.incrementalFrom !== null && backupLabel?.label !== undefined)
      return fail({
        title: 'This is an incremental backup, which has to be combined with those before it',
        ...fault(
          `${path} is an incremental backup: it contains only what changed since the previous backup, so no server starts on it.`,
          'backup_label',
          'INCREMENTAL FROM',
        ),
        remedy: safe(
          'Combine it with the backups before it into a full backup.',
          {
            ...manual(
              'standby',
              `Run pg_combinebackup with the full backup, every incremental backup after it and ${shellWord(path)}, in this order, and -o with a new directory.`,
            ),
            does: 'copy',
            paths: [path],
          },
          // no start on the directory that was examined, which would fail again
          {
            ...manual(
              'standby',
              'Do not start the new directory yet: without standby.signal it would be a second primary. Run standbylint postmortem -D with the new directory, which says what it lacks, and how it is started.',
            ),
            does: 'start',
          },
        ),
      });
    const unread = backupLabel?.label === undefined && !backupLabel?.isUnread ? backupLabel?.text : undefined;
    if (unread !== undefined && dataDirectory.postmaster?.process !== 'running')
      return fail(damagedLabel(unread, facts));
    const lost = missing.filter((name) => !emptyAnyway.has(name));
    if (
      dataDirectory.postmaster?.process === 'running' &&
      missing.length === 0 &&
      !controlFile.ok &&
      controlFile.absent
    )
      return notApplicable('a server runs on it, so that it was complete (standby/files-lost)');
    if (manifest === 'temporary' || (!controlFile.ok && controlFile.absent) || lost.length > 0) {
      const noControl = !controlFile.ok && controlFile.absent;
      const [words, label, value] = noControl
        ? ['global/pg_control, which is written last, does not exist', 'global/pg_control', 'does not exist']
        : manifest === 'temporary'
          ? ['its manifest still has its temporary name', 'backup_manifest.tmp', 'there']
          : [`${lost.join(', ')} ${lost.length === 1 ? 'is' : 'are'} missing`, 'missing directories', lost.join(', ')];
      return fail({
        ...fault(`The base backup in ${path} did not finish: ${words}. It cannot be completed.`, label, value),
        remedy: newCopy(facts),
      });
    }
    if (missing.length === 0) return pass(`${path} has global/pg_control and every directory that a server needs`);
    const major = Number(dataDirectory.versionText);
    // what its settings make it need (dynamic_shared_memory_type = mmap: pg_dynshmem), its last start says
    const log = ifSeen(facts.serverLog);
    const saidBy = log && startFailureIn(log.summary)?.record.message;
    const fatal = missing.filter(
      (name) =>
        neededToStart.has(name) ||
        (name === 'pg_stat' && major < 15) ||
        saidBy?.startsWith(`could not open directory "${name}"`) === true,
    );
    const make = directoriesMade('standby', ...missing.map((name) => `${path}/${name}`));
    return fail({
      ...fault(
        `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing in ${path}${fatal.length > 0 ? ', so the server does not start' : '; the server starts, but fails later'}. ${missing.length === 1 ? 'It is' : 'They are'} empty in a base backup, and tools that do not keep empty directories lose ${missing.length === 1 ? 'it' : 'them'}.`,
        'missing directories',
        missing.join(', '),
      ),
      title: 'Directories of the data directory are missing',
      severity: fatal.length > 0 ? 'error' : 'warning',
      remedy: safe('Create them.', make, ...(fatal.length > 0 ? [intoUse(facts.standbyControl, dataDirectory)] : [])),
    });
  },
});

/** read_backup_label() ends the server there; without the file recovery would begin at the wrong checkpoint. */
function damagedLabel(text: string, facts: JudgedFacts<'dataDirectory' | 'now', (typeof newCopyFacts)[number]>): Fault {
  const { dataDirectory, standbyControl, now } = facts;
  const file = `${dataDirectory.path}/backup_label`;
  const [first = ''] = text.split('\n');
  const isByWindows = parseBackupLabel(text.replaceAll('\r', '')).ok;
  const kept = backupName(file, now);
  const [what, value] = isByWindows
    ? ['its lines end in CR LF, as editors on Windows write them', JSON.stringify(first)]
    : text.trim() === ''
      ? ['it is empty', `${text.length} bytes`]
      : ['its first two lines do not say where the backup starts', JSON.stringify(first.slice(0, 80))];
  return {
    title: 'backup_label cannot be read',
    message: `The server does not start with ${file}: ${what}. Without this file it would start recovery at the wrong checkpoint and damage the data: do not remove it.`,
    where: at('standby', undefined, file, 1),
    evidence: [evidence('backup_label, line 1', value, file)],
    isFailedStart: true,
    remedy: isByWindows
      ? safe(
          'Write it again with the line ends that the server reads.',
          moved('standby', file, kept),
          shell('standby', `tr -d '\\r' < ${shellWord(kept)} > ${shellWord(file)}`, 'make-file', file),
          intoUse(standbyControl, dataDirectory),
        )
      : newCopy(facts),
  };
}
