import type { EarlierManifest } from '../../facts/base-backup.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Primary } from '../../facts/primary.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const incrementalManifest = defineRule({
  id: 'command/incremental-manifest',
  title: 'The manifest of the earlier backup cannot be used',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'earlierManifest'],
  wants: ['primary'],
  docs: {
    what: 'With `--incremental`, reads the beginning and the end of the manifest that it names. Fails if the file cannot be read or is not a manifest, if it is from a release before 17 or of another cluster, and if it needs WAL that the server does not have: of a later timeline, or beyond its position.',
    why: 'pg_basebackup sends the manifest to the server, which compares it with its own history, and ends the backup where they do not fit.',
    notes:
      'Whether the WAL summaries reach back to the earlier backup, only the server can tell when the backup starts (primary/wal-summaries-off).',
    references: [
      'pg_basebackup, --incremental: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/backend/backup/basebackup_incremental.c: PrepareForIncrementalBackup(), manifest_process_version(), manifest_process_system_identifier()',
    ],
  },
  judge({ baseBackup, earlierManifest, primary }) {
    const { path, frame } = earlierManifest;
    const server = ifSeen(primary);
    const why = whyUseless(earlierManifest, server);
    if (why === undefined)
      return pass(`${path} is a manifest of this cluster${server === undefined ? ', as far as it shows' : ''}`);
    return fail({
      message: why,
      where: at('client', path),
      evidence: [evidence('--incremental', path, 'the command line')],
      remedy: safe(
        frame === undefined
          ? 'Name the backup_manifest of the earlier backup with --incremental, or take a full backup.'
          : 'Take a full backup.',
        ...(frame === undefined
          ? [
              manual(
                'client',
                'Give the path of backup_manifest in the earlier backup; without one, leave out --incremental.',
              ),
            ]
          : []),
        checkAgain(baseBackup, { without: ['incremental'] }),
      ),
    });
  },
});

function whyUseless({ path, problem, frame }: EarlierManifest, server: Primary | undefined): string | undefined {
  if (problem !== undefined)
    return `${path} cannot be read (${problem}), and pg_basebackup ends before the backup starts.`;
  if (frame === undefined) return `${path} is not a backup manifest, or only a part of one, and the server refuses it.`;
  const { version, systemIdentifier, ranges } = frame;
  if (version === 1)
    return `${path} has version 1, as manifests of releases before 17 do: the server takes no incremental backup on top of it.`;
  if (server === undefined) return undefined;
  if (systemIdentifier !== undefined && systemIdentifier !== server.systemIdentifier)
    return `${path} is of the cluster with system identifier ${systemIdentifier}, but the system identifier of the server is ${server.systemIdentifier}: the earlier backup was taken of another cluster.`;
  const last = ranges.at(-1);
  if (last === undefined) return undefined;
  if (last.timeline > server.timeline)
    return `The earlier backup ends on timeline ${last.timeline}, which the server (on timeline ${server.timeline}) does not have in its history.`;
  return last.timeline === server.timeline && server.walPosition !== undefined && last.end > server.walPosition
    ? `The earlier backup needs WAL up to ${formatLsn(last.end)} on timeline ${last.timeline}, but the server is only at ${formatLsn(server.walPosition)}: it is behind that backup, or was put back to an earlier state.`
    : undefined;
}
