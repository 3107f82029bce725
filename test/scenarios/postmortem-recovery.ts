import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Client } from 'pg';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { literal } from '../../src/remedies/quoting.ts';
import { aStandby, untilStreaming } from '../lab/pair.ts';
import { until } from '../lab/until.ts';
import { archiveOf, archiveOn, passSegments, untilArchived } from '../lab/wal.ts';
import { conninfoOf, freeze, own, pidOf, quick, thaw, untilPaused } from './pair-acts.ts';
import { untilSettled } from './until-settled.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** The faults of recovery's own settings. */
export const recoveryPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'recovery/settings-lower-than-primary',
    name: 'a standby that does not start',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.configure({ max_connections: '50', max_worker_processes: '4' });
      await standby.tryStart();
    },
    way: 'mend',
  },
  {
    rule: 'recovery/settings-lower-than-primary',
    name: 'a standby that does not start, while its primary is down',
    besides: ['network/connection-refused'],
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await standby.configure({ max_connections: '50' });
      await standby.tryStart();
      await primary.server.stop();
    },
    consequences: ['standby/not-running'],
    afterSteps: async ({ primary }) => primary.server.start(),
  },
  {
    rule: 'recovery/settings-lower-than-primary',
    name: 'raised on the primary: a running standby stops',
    to: 13,
    fault: async ({ primary, standby }) => {
      await raiseConnections(primary.server);
      await until('the standby stops', async () => ((await standby.isRunning()) ? null : true));
    },
    way: 'mend',
  },
  {
    rule: 'recovery/settings-lower-than-primary',
    name: 'raised on the primary: a running standby pauses',
    from: 14,
    fault: async ({ primary, standby }) => {
      await raiseConnections(primary.server);
      await untilPaused(standby);
    },
    consequences: ['recovery/replay-paused'],
    way: 'mend',
  },
  {
    rule: 'recovery/target-set',
    name: 'replay stands at a restore point',
    fault: async ({ primary, standby }) => {
      await standby.psql("ALTER SYSTEM SET recovery_target_name = 'before_release'");
      await standby.restart();
      await primary.server.psql("SELECT pg_create_restore_point('before_release')");
      await primary.server.psql('CREATE TABLE after_release AS SELECT generate_series(1, 1000) AS n');
      await untilPaused(standby);
    },
    consequences: ['recovery/replay-paused'],
    way: 'mend',
  },
  {
    rule: 'recovery/target-set',
    name: 'it shuts the server down',
    fault: async ({ primary, standby }) => {
      await standby.psql("ALTER SYSTEM SET recovery_target_name = 'before_release'");
      await standby.psql("ALTER SYSTEM SET recovery_target_action = 'shutdown'");
      await standby.restart();
      await primary.server.psql("SELECT pg_create_restore_point('before_release')");
      await primary.server.psql('CREATE TABLE after_release AS SELECT generate_series(1, 1000) AS n');
      await until('the standby shuts down', async () => ((await standby.isRunning()) ? null : true));
    },
    way: 'mend',
  },
  {
    rule: 'recovery/target-set',
    name: 'a target and recovery_target_action = promote left over in postgresql.auto.conf',
    fault: async ({ standby }) => {
      await appendFile(
        join(standby.dataDirectory, 'postgresql.auto.conf'),
        "recovery_target_lsn = 'FF/0'\nrecovery_target_action = 'promote'\n",
      );
      await standby.restart();
      await pause(1500);
    },
    way: 'mend',
  },
  {
    rule: 'recovery/timeline-not-latest',
    name: 'latest in another case, which the server reads as timeline 0',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.configure({ recovery_target_timeline: 'Latest' });
      await standby.tryStart();
    },
    consequences: ['standby/not-running'],
    way: 'mend',
  },
  {
    rule: 'streaming/receiver-settings',
    name: 'a timeout by which each connection ends',
    pair: { standby: quick },
    fault: async ({ standby }) => {
      await standby.psql("ALTER SYSTEM SET wal_receiver_timeout = '5ms'");
      await standby.reload();
      await until('the receiver gives up', async () =>
        /walreceiver due to timeout/u.test(await standby.log()) ? true : null,
      );
      await untilSettled(standby);
    },
    way: 'mend',
  },
  {
    rule: 'streaming/receiver-settings',
    name: 'an hour until it connects again',
    fault: async ({ primary, standby }) => {
      await standby.psql("ALTER SYSTEM SET wal_retrieve_retry_interval = '1h'");
      await standby.reload();
      await primary.server.stop();
      await until('it has tried in vain', async () =>
        /could not connect to the primary server/u.test(await standby.log()) ? true : null,
      );
      await primary.server.start();
      await untilSettled(standby);
    },
    way: 'mend',
  },
  {
    rule: 'streaming/receiver-settings',
    name: 'synchronous, and it does not report',
    fault: async ({ primary, standby }) => {
      await standby.psql('ALTER SYSTEM SET wal_receiver_status_interval = 0');
      await standby.reload();
      await primary.server.psql("ALTER SYSTEM SET synchronous_standby_names = '*'");
      await primary.server.reload();
      await untilSynchronous(primary.server);
    },
    way: 'mend',
  },
  {
    rule: 'recovery/delayed',
    name: 'commits on the primary wait for its replay',
    fault: async ({ primary, standby }) => {
      await standby.psql("ALTER SYSTEM SET recovery_min_apply_delay = '2h'");
      await standby.reload();
      await primary.server.psql("ALTER SYSTEM SET synchronous_standby_names = '*'");
      await primary.server.psql("ALTER SYSTEM SET synchronous_commit = 'remote_apply'");
      await primary.server.reload();
      await untilSynchronous(primary.server);
    },
    way: 'mend',
    afterSteps: async ({ standby }) => {
      await standby.psql('ALTER SYSTEM RESET recovery_min_apply_delay');
      await standby.reload();
    },
  },
  {
    rule: 'primary/sender-timeout',
    name: 'so short that no connection lasts',
    pair: { standby: quick },
    fault: async ({ primary, standby }) => {
      await primary.server.psql("ALTER SYSTEM SET wal_sender_timeout = '2ms'");
      await primary.server.reload();
      await until('the sender gives up', async () =>
        /walsender process due to replication timeout|terminating walsender/u.test(await primary.server.log())
          ? true
          : null,
      );
      await untilSettled(standby);
    },
    way: 'mend',
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'there is no such program',
    fault: async ({ standby }) => {
      await standby.configure({ restore_command: '/opt/backup/bin/fetch-wal %f %p' });
      await standby.stop();
      await standby.tryStart();
    },
    way: 'mend',
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'a program that may not be executed',
    fault: async ({ standby }) => {
      const program = join(standby.folder, 'fetch-wal');
      await writeFile(program, '#!/bin/sh\nexit 1\n', { mode: 0o644 });
      await own(standby, program);
      await standby.configure({ restore_command: `${program} %f %p` });
      await standby.stop();
      await standby.tryStart();
    },
    way: 'mend',
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'a wrapper whose program is missing stops the server',
    fault: async ({ standby }) => {
      await wrapper(standby, 'wal-fetch-of-nobody "$1" "$2"');
      await standby.stop();
      await standby.tryStart();
    },
    consequences: ['standby/not-running'],
    way: 'mend',
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'it ends with a status above 125 while the server runs',
    pair: { standby: quick },
    fault: async ({ primary, standby }) => {
      const program = await wrapper(standby, 'exit 1');
      await standby.restart();
      await untilStreaming(standby);
      await writeFile(program, '#!/bin/sh\nexit 255\n');
      await primary.server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
      await until('the standby stops', async () => ((await standby.isRunning()) ? null : true));
    },
    consequences: ['standby/not-running'],
    way: 'mend',
  },
  {
    rule: 'recovery/command-hangs',
    name: 'restore_command does not end, and no session is let in',
    // half a minute must pass
    from: 18,
    fault: async ({ standby }) => {
      await standby.configure({ restore_command: 'sleep 300' });
      await standby.stop();
      await standby.run(standby.programPath('pg_ctl'), [
        'start',
        '-W',
        '-D',
        standby.dataDirectory,
        '-l',
        standby.logFile,
      ]);
      await pause(31_500);
    },
    way: 'mend',
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'success without a file, and the primary has removed the WAL',
    from: 14,
    pair: { standby: quick, settings: { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' } },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      await standby.configure({ restore_command: 'true' });
      await standby.stop();
      await passSegments(primary.server, 8);
      await untilArchived(primary.server);
      await standby.start();
      await untilSettled(standby);
    },
    consequences: ['streaming/not-connected', 'wal/segment-removed'],
    byHand: async (_step, { primary, standby }) => {
      await standby.configure({ restore_command: `cp ${archiveOf(primary.server)}/%f %p` });
      await standby.restart();
    },
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'the archive is compressed, and the command copies',
    pair: { standby: quick, settings: { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' } },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      const archive = archiveOf(primary.server);
      await standby.configure({ restore_command: `cp ${archive}/%f.gz %p` });
      await standby.stop();
      await passSegments(primary.server, 8);
      await untilArchived(primary.server);
      await standby.run('sh', ['-c', `gzip ${archive}/0*`]);
      await standby.start();
      await untilSettled(standby);
    },
    consequences: ['streaming/not-connected'],
    way: 'from-archive',
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'the paths of an archive_command',
    from: 14,
    pair: { standby: quick, settings: { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' } },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      const archive = archiveOf(primary.server);
      await standby.configure({ restore_command: `cp %p ${archive}/%f` });
      await standby.stop();
      await passSegments(primary.server, 8);
      await untilArchived(primary.server);
      await standby.start();
      await untilSettled(standby);
    },
    consequences: ['streaming/not-connected'],
    way: 'from-archive',
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'it unpacks in place',
    from: 14,
    pair: { standby: quick, settings: { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' } },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      const archive = archiveOf(primary.server);
      await standby.configure({ restore_command: `gunzip ${archive}/%f.gz > %p` });
      await standby.stop();
      await passSegments(primary.server, 8);
      await untilArchived(primary.server);
      await standby.run('sh', ['-c', `gzip ${archive}/0*`]);
      await standby.start();
      await untilSettled(standby);
    },
    consequences: ['streaming/not-connected'],
    way: 'from-archive',
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'the archive is closed to the server, and the primary has removed the WAL',
    pair: { standby: quick, settings: { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' } },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      const archive = archiveOf(primary.server);
      await standby.configure({ restore_command: `cp ${archive}.closed/%f %p` });
      await standby.stop();
      await passSegments(primary.server, 8);
      await untilArchived(primary.server);
      await standby.run('sh', ['-c', `cp -a ${archive} ${archive}.closed && chmod 0 ${archive}.closed`]);
      await standby.start();
      await untilSettled(standby);
    },
    consequences: ['streaming/not-connected', 'wal/segment-removed'],
    byHand: async (_step, { primary, standby }) => {
      await standby.run('chmod', ['0755', `${archiveOf(primary.server)}.closed`]);
      // streams that broke a moment ago are told until one has held
      await standby.restart();
    },
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'the directory of the archive does not exist, while it streams',
    severity: 'warning',
    fault: async ({ standby }) => {
      await standby.configure({ restore_command: 'cp /nonexistent/archive/%f %p' });
      await standby.restart();
    },
    byHand: async (_step, { standby }) => {
      await standby.configure({ restore_command: 'false' });
      await standby.restart();
    },
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'success without a file, while it streams',
    from: 14,
    severity: 'warning',
    fault: async ({ standby }) => {
      await standby.configure({ restore_command: 'true' });
      await standby.restart();
    },
    byHand: async (_step, { standby }) => {
      await standby.configure({ restore_command: 'false' });
      await standby.restart();
    },
  },
  {
    rule: 'recovery/restore-command-fails',
    name: 'a quote that is not closed, while it streams',
    from: 14,
    severity: 'warning',
    fault: async ({ standby }) => {
      await standby.configure({ restore_command: 'cp "/archive/%f %p' });
      await standby.restart();
    },
    byHand: async (_step, { standby }) => {
      await standby.configure({ restore_command: 'false' });
    },
  },
  {
    rule: 'standby/archiving-fails',
    severity: 'warning',
    fault: async ({ primary, standby }) => {
      await standby.configure({ archive_mode: 'always', archive_command: 'false' });
      await standby.restart();
      await untilStreaming(standby);
      await passSegments(primary.server, 3);
      await until('archiving fails', async () =>
        (await standby.log()).includes('archive command failed') ? true : null,
      );
    },
  },
  {
    rule: 'recovery/hot-standby-off',
    severity: 'warning',
    // it lets nobody in, and nothing that can be seen from outside says that it streams
    verdict: 'unknown',
    admin: null,
    options: ({ standby }) => ['--log', `${standby.folder}/no-such-log`],
    fault: async ({ standby }) => {
      await standby.configure({ hot_standby: 'off', update_process_title: 'off' });
      await standby.stop();
      await standby.tryStart();
      await pause(1000);
    },
  },
  {
    rule: 'recovery/replay-paused',
    name: 'by pg_wal_replay_pause',
    severity: 'warning',
    fault: async ({ standby }) => {
      await standby.psql('SELECT pg_wal_replay_pause()');
      await untilPaused(standby);
    },
  },
];

/** A restore_command that is a script of somebody's own. */
async function wrapper(standby: ThrowawayServer, does: string): Promise<string> {
  const program = join(standby.folder, 'fetch-wal');
  await writeFile(program, `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  await own(standby, program);
  await standby.configure({ restore_command: `${program} %f %p` });
  return program;
}

const sessions = new Map<PairStage, readonly Client[]>();

/** The faults of a stream that is there. */
export const streamingPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'streaming/stalled',
    name: 'the WAL sender hangs',
    severity: 'warning',
    verdict: 'broken',
    besides: ['primary/process-stopped'],
    pair: {
      // long enough that it does not end the connection by itself while the fix is proven
      standby: { settings: { wal_receiver_timeout: '90s' } },
      settings: { wal_sender_timeout: '0' },
    },
    fault: async (stage) => {
      await freeze(stage, await pidOf(stage.primary.server, 'walsender'));
      // the timeout's half, and 10 s for an answer
      await pause(55_500);
    },
    cleanUp: thaw,
  },
  {
    rule: 'streaming/replay-stuck',
    name: 'a transaction on the standby holds a lock',
    severity: 'warning',
    pair: { standby: { settings: { max_standby_streaming_delay: '-1' } } },
    fault: async (stage) => {
      await readOnStandby(stage, 1);
      await stage.primary.server.psql('DROP TABLE read_here');
      await until('replay waits', async () => {
        const [row] = await stage.standby.query(
          "SELECT wait_event_type || '/' || wait_event AS waits FROM pg_stat_activity WHERE backend_type = 'startup'",
        );
        return /Lock|Conflict/u.test(row?.['waits'] ?? '') ? true : null;
      });
    },
    cleanUp: closeSessions,
  },
  {
    rule: 'streaming/conflicts',
    name: 'transactions that held a lock',
    severity: 'warning',
    pair: { standby: { settings: { max_standby_streaming_delay: '0' } } },
    fault: async (stage) => {
      await readOnStandby(stage, 12);
      await stage.primary.server.psql('DROP TABLE read_here');
      await until('they are cancelled', async () => {
        const [row] = await stage.standby.query('SELECT sum(confl_lock) >= 10 AS all FROM pg_stat_database_conflicts');
        return row?.['all'] === 't' ? true : null;
      });
    },
    // what was counted stays counted until somebody resets it
    afterSteps: async ({ standby }) => standby.psql('SELECT pg_stat_reset()'),
    cleanUp: closeSessions,
  },
  {
    rule: 'streaming/name-not-unique',
    severity: 'warning',
    pair: {
      standby: { applicationName: 'paris' },
      settings: { synchronous_standby_names: 'paris', synchronous_commit: 'local' },
    },
    fault: async (stage) =>
      stage.others.set('twin', await aStandby(stage.primary, { applicationName: 'paris' }, 'file')),
    byHand: async (_step, { others }) => {
      const twin = others.get('twin');
      const text = (await twin?.psql('SHOW primary_conninfo')) ?? '';
      await twin?.psql(`ALTER SYSTEM SET primary_conninfo = ${literal(text.trim().replaceAll('paris', 'berlin'))}`);
      await twin?.reload();
      await pause(2000);
    },
  },
  {
    rule: 'streaming/wrong-upstream',
    name: 'a new primary_conninfo that was not reloaded',
    severity: 'warning',
    fault: async ({ standby }) => {
      const text = await conninfoOf(standby);
      await standby.psql(`ALTER SYSTEM SET primary_conninfo = ${literal(text.replaceAll('127.0.0.1', 'localhost'))}`);
    },
  },
];

async function raiseConnections(primary: ThrowawayServer): Promise<void> {
  await primary.configure({ max_connections: '150' });
  await primary.restart();
  await primary.psql('CREATE TABLE raised AS SELECT 1 AS n');
}

/** Open transactions on the standby that have read the table that the primary is about to drop. */
async function readOnStandby(stage: PairStage, count: number): Promise<void> {
  const { primary, standby } = stage;
  await primary.server.psql('CREATE TABLE read_here AS SELECT 1 AS n');
  await until('the table is on the standby', async () => {
    await standby.query('SELECT n FROM read_here');
    return true;
  });
  const clients: Client[] = [];
  for (let number = 0; number < count; number += 1) {
    const client = new Client({
      host: standby.folder,
      port: standby.port,
      user: 'postgres',
      database: 'postgres',
      ssl: false,
    });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT n FROM read_here');
    clients.push(client);
  }
  sessions.set(stage, clients);
}

async function closeSessions(stage: PairStage): Promise<void> {
  for (const client of sessions.get(stage) ?? []) await client.end().catch(() => undefined);
}

async function untilSynchronous(primary: ThrowawayServer): Promise<void> {
  await until('the primary waits for the standby', async () => {
    const [row] = await primary.query('SELECT sync_state FROM pg_stat_replication');
    return row?.['sync_state'] === 'sync' ? true : null;
  });
}
