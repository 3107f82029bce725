import { join } from 'node:path';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { untilStreaming } from '../lab/pair.ts';
import { archiveOf, archiveOn, passSegments, untilArchived, untilReplayed } from '../lab/wal.ts';
import { cut, notStreaming, quick } from './pair-acts.ts';
import { untilSettled } from './until-settled.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** What copies, restores and hands leave in a data directory. */
export const restoredPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'standby/tablespace-link-broken',
    name: 'a restore without tablespace_map, and it streams',
    fault: async ({ primary: { server }, standby }) => {
      const [space, here, kept] = [
        join(server.folder, 'space'),
        join(standby.folder, 'space'),
        join(standby.folder, 'conf'),
      ];
      await server.run('mkdir', [space]);
      await server.psql(`CREATE TABLESPACE apart LOCATION '${space}'`);
      await server.psql('CREATE TABLE apart TABLESPACE apart AS SELECT generate_series(1, 1000)');
      await standby.stop('immediate').catch(() => undefined);
      await standby.run('sh', [
        '-c',
        `cp ${standby.dataDirectory}/postgresql.conf ${kept} && rm -r ${standby.dataDirectory}`,
      ]);
      await copiedAgain(standby, server, ['-T', `${space}=${here}`]);
      await standby.run('sh', ['-c', `cd ${standby.dataDirectory} && rm -r pg_tblspc/* && cp ${kept} postgresql.conf`]);
      await standby.run('mv', [here, `${here}.away`]);
      await standby.start();
      await untilStreaming(standby);
    },
    told: async ({ findings }) => expect(findings[0]?.title).toBe('A tablespace has no link in pg_tblspc'),
    way: 'new-copy',
  },
  {
    rule: 'standby/incomplete-backup',
    name: 'backup_label has the line ends of Windows',
    fault: async (stage) => copiedAnd(stage, String.raw`sed -i 's/$/\r/' backup_label`),
    consequences: ['standby/not-running'],
    way: 'mend',
  },
  {
    rule: 'standby/incomplete-backup',
    name: 'backup_label is empty',
    fault: async (stage) => copiedAnd(stage, ': > backup_label'),
    consequences: ['standby/not-running'],
    way: 'new-copy',
  },
  {
    rule: 'timeline/stray-history-file',
    name: 'the history file of the new timeline has lost its content',
    pair: { standby: quick },
    fault: async ({ primary: { server }, standby }) => {
      await standby.stop();
      await server.stop();
      await server.run('touch', [join(server.dataDirectory, 'standby.signal')]);
      await server.start();
      await server.psql('SELECT pg_promote()');
      await standby.run('sh', ['-c', `echo garbage > ${standby.dataDirectory}/pg_wal/00000002.history`]);
      await standby.tryStart();
    },
    consequences: ['standby/not-running'],
    way: 'mend',
  },
  {
    rule: 'timeline/diverged',
    name: 'the primary was restored to a point in time, and has renamed segments of the old timeline',
    pair: { settings: { wal_log_hints: 'on', jit: 'off' }, standby: quick },
    fault: async (stage) => {
      const { server } = stage.primary;
      await archiveOn(stage);
      const old = join(server.folder, 'restored');
      await server.program('pg_basebackup', [
        '-h',
        server.folder,
        '-p',
        String(server.port),
        '-U',
        'postgres',
        '-D',
        old,
        '-c',
        'fast',
      ]);
      await server.psql("SELECT pg_create_restore_point('before')");
      await passSegments(server, 2, false);
      await untilArchived(server);
      await untilReplayed(server, stage.standby);
      await server.stop();
      await server.run('sh', [
        '-c',
        `mv ${server.dataDirectory} ${server.dataDirectory}.old && mv ${old} ${server.dataDirectory} && touch ${server.dataDirectory}/recovery.signal`,
      ]);
      await server.configure({
        restore_command: `cp ${archiveOf(server)}/%f %p`,
        recovery_target_name: 'before',
        recovery_target_action: 'promote',
      });
      await server.start();
      await untilSettled(stage.standby);
    },
    way: 'rewind',
  },
  {
    rule: 'standby/files-lost',
    name: 'replay has made the file of a table again',
    fault: async (stage) => {
      const file = await tableOn(stage);
      await stage.standby.stop();
      await stage.standby.run('rm', [file]);
      await stage.standby.start();
      await stage.primary.server.psql('INSERT INTO cut SELECT 1 FROM generate_series(1, 10)');
      await untilReplayed(stage.primary.server, stage.standby);
      await stage.standby.psql('CHECKPOINT');
    },
    told: async ({ findings }) => expect(findings[0]?.message).toContain('its first page is empty'),
    way: 'new-copy',
  },
  {
    rule: 'standby/files-lost',
    name: 'a table ends early, and the server is stopped',
    fault: async (stage) => {
      const file = await tableOn(stage);
      await stage.standby.stop();
      await stage.standby.run('truncate', ['-s', '81920', file]);
    },
    told: async ({ findings }) => expect(findings[0]?.message).toContain('it ends after 81920 bytes'),
    consequences: ['standby/not-running'],
    way: 'new-copy',
  },
  {
    rule: 'standby/files-lost',
    name: 'the file of a table is gone, and nothing has asked for it since',
    fault: async (stage) => {
      const file = await tableOn(stage);
      await stage.standby.stop();
      await stage.standby.run('rm', [file]);
      await stage.standby.start();
    },
    told: async ({ findings }) => expect(findings[0]?.message).toContain('it does not exist, and its primary has it'),
    way: 'new-copy',
  },
  {
    rule: 'standby/path-missing',
    name: 'the directory of the statistics, as after a restart of the machine',
    to: 14,
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.configure({ stats_temp_directory: '/nowhere/statistics' });
      await standby.tryStart();
    },
    consequences: ['standby/not-running'],
  },
  {
    rule: 'standby/config-file-error',
    name: 'a quotation mark that is not closed',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.run('sed', [
        '-i',
        "/^primary_conninfo/s/'$//",
        join(standby.dataDirectory, 'postgresql.auto.conf'),
      ]);
      await standby.tryStart();
    },
    consequences: ['standby/not-running', 'conninfo/missing'],
    way: 'mend',
  },
  {
    rule: 'recovery/target-set',
    name: 'a time that is far ahead, while it streams',
    severity: 'warning',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.configure({ recovery_target_time: '2040-01-01' });
      await standby.start();
      await untilStreaming(standby);
    },
  },
  {
    rule: 'role/missing',
    name: 'it was renamed, in pg_hba.conf, too',
    pair: { standby: quick },
    fault: async (stage) => {
      const { server } = stage.primary;
      await server.psql('ALTER ROLE replicator RENAME TO follower');
      await server.writeHba([
        'host all all 127.0.0.1/32 scram-sha-256',
        'host replication follower 127.0.0.1/32 scram-sha-256',
      ]);
      await server.reload();
      await cut(stage);
    },
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'role/missing',
    name: 'it was renamed, and pg_hba.conf has its old name',
    pair: { standby: quick },
    fault: async (stage) => {
      await stage.primary.server.psql('ALTER ROLE replicator RENAME TO follower');
      await cut(stage);
    },
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'primary/no-free-slot',
    name: 'the slot of a standby has to be created',
    pair: { settings: { max_replication_slots: '1' }, standby: { ...quick, more: ['--no-slot'] } },
    fault: async ({ primary: { server }, standby }) => {
      await server.psql("SELECT pg_create_physical_replication_slot('another')");
      await standby.configure({ primary_slot_name: 'mine' });
      await standby.restart();
      await untilSettled(standby);
    },
    consequences: ['slot/missing', ...notStreaming],
    way: 'mend',
  },
];

const copiedAgain = async (
  standby: ThrowawayServer,
  from: ThrowawayServer,
  more: readonly string[] = [],
): Promise<void> =>
  standby.copyFrom(from, {
    conninfo: `host=127.0.0.1 port=${from.port} user=replicator password='correct horse battery staple'`,
    more,
  });

/** A new copy that no server was started on, and what somebody did in it. */
async function copiedAnd({ primary: { server }, standby }: PairStage, command: string): Promise<void> {
  await standby.stop();
  const kept = join(standby.folder, 'conf');
  await standby.run('sh', [
    '-c',
    `cp ${standby.dataDirectory}/postgresql.conf ${kept} && rm -r ${standby.dataDirectory}`,
  ]);
  await copiedAgain(standby, server);
  await standby.run('sh', ['-c', `cd ${standby.dataDirectory} && cp ${kept} postgresql.conf && ${command}`]);
}

/** A table that the standby's last restartpoint has on disk: its file there. */
async function tableOn({ primary: { server }, standby }: PairStage): Promise<string> {
  await server.psql("CREATE TABLE cut AS SELECT n, repeat('x', 200) AS t FROM generate_series(1, 5000) n");
  await server.psql('CHECKPOINT');
  await untilReplayed(server, standby);
  await standby.psql('CHECKPOINT');
  const [row] = await server.query("SELECT pg_relation_filepath('cut') AS path");
  return join(standby.dataDirectory, row?.['path'] ?? '');
}
