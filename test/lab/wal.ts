import { chmod, chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { untilStreaming } from './pair.ts';
import type { Pair } from './pair.ts';
import { until } from './until.ts';

/** Another segment each time; after a checkpoint the old ones are gone as far as nothing keeps them. */
export async function passSegments(primary: ThrowawayServer, count: number, checkpoint = true): Promise<void> {
  for (let segment = 0; segment < count; segment += 1) {
    await primary.query("SELECT pg_logical_emit_message(false, 'test', repeat('x', 100000))");
    await primary.query('SELECT pg_switch_wal()');
  }
  if (checkpoint) await primary.query('CHECKPOINT');
}

/** Where {@link archiveOn} archives to. */
export const archiveOf = (primary: ThrowawayServer): string => join(primary.folder, 'archive');

/** The primary archives to a directory of its own. */
export async function archiveOn({ primary: { server }, standby }: Pair): Promise<void> {
  const archive = archiveOf(server);
  await mkdir(archive);
  await chmod(archive, 0o755);
  await asServerUser(server, archive);
  await server.configure({ archive_mode: 'on', archive_command: `cp %p ${archive}/%f` });
  await server.restart();
  await untilStreaming(standby);
}

/** All complete segments are in the archive, and what nothing keeps is removed. */
export async function untilArchived(primary: ThrowawayServer): Promise<void> {
  await until('all is archived', async () => {
    const [row] = await primary.query(
      "SELECT count(*) AS ready FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'",
    );
    return row?.['ready'] === '0' ? true : null;
  });
  await primary.query('CHECKPOINT');
}

/** The standby has replayed all that the primary has written. */
export async function untilReplayed(primary: ThrowawayServer, standby: ThrowawayServer): Promise<void> {
  const [row] = await primary.query('SELECT pg_current_wal_lsn() AS lsn');
  await until('all is replayed', async () => {
    const [there] = await standby.query('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS there', [row?.['lsn'] ?? '']);
    return there?.['there'] === 't' ? true : null;
  });
}

/** Gives a file to who runs the server. */
export async function asServerUser(server: ThrowawayServer, path: string): Promise<void> {
  const { uid, gid } = await stat(server.dataDirectory);
  if (process.getuid?.() === 0) await chown(path, uid, gid);
}
