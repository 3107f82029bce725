import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Scenario, Stage } from './scenario.ts';
import { receiveWal } from './pair-acts.ts';
import { usualOptions } from './scenario.ts';

const configure = async ({ primary }: Stage, line: string): Promise<void> =>
  appendFile(join(primary.server.dataDirectory, 'postgresql.conf'), `${line}\n`);

const savedIn = ({ primary }: Stage): string => join(primary.server.folder, 'saved');

/** The faults of the primary's own settings and files. */
export const primaryScenarios: readonly Scenario[] = [
  {
    rule: 'primary/in-place-tablespace',
    fault: async ({ primary }) =>
      primary.server.psql("SET allow_in_place_tablespaces = on; CREATE TABLESPACE space LOCATION ''"),
  },
  {
    rule: 'primary/next-start-fails',
    name: 'recovery.signal is in the running primary',
    fault: async ({ primary: { server } }) => server.run('touch', [join(server.dataDirectory, 'recovery.signal')]),
  },
  { rule: 'primary/wal-level-minimal', primary: { settings: { wal_level: 'minimal', max_wal_senders: '0' } } },
  { rule: 'primary/no-wal-senders', primary: { settings: { max_wal_senders: '0' } } },
  {
    rule: 'primary/wal-senders-exhausted',
    name: '-X stream needs two',
    primary: { settings: { max_wal_senders: '1' } },
  },
  {
    rule: 'primary/pending-restart',
    name: 'the file is right and the server was not restarted',
    primary: { settings: { max_wal_senders: '0' } },
    fault: async ({ primary }) => {
      await primary.server.psql('ALTER SYSTEM SET max_wal_senders = 10; SELECT pg_reload_conf();');
    },
  },
  {
    rule: 'primary/config-file-error',
    fault: async (stage) => {
      await configure(stage, "work_men = '64MB'");
      await stage.primary.server.reload();
    },
  },
  {
    rule: 'primary/config-file-error',
    name: 'a line that does not parse',
    fault: async (stage) => {
      await configure(stage, "shared_buffers = '64MB");
      await stage.primary.server.reload();
    },
  },
  {
    rule: 'primary/files-missing',
    name: 'its catalogs are deleted while it runs',
    fault: async (stage) => {
      const { server } = stage.primary;
      await server.psql('CHECKPOINT');
      await server.run('mkdir', ['-m', '0700', savedIn(stage)]);
      for (const name of ['base', 'global']) await server.run('mv', [join(server.dataDirectory, name), savedIn(stage)]);
    },
    // the backup is restored
    byHand: async (_step, stage) => {
      const { server } = stage.primary;
      await server.run('cp', ['-a', `${savedIn(stage)}/.`, server.dataDirectory]);
    },
    noClone: 'a server whose files were gone is not one to copy',
  },
  {
    rule: 'primary/files-missing',
    name: 'the directory of a database is gone, and replication logins still get in',
    fault: async (stage) => {
      const { server } = stage.primary;
      await server.psql('CHECKPOINT');
      await server.run('mkdir', ['-m', '0700', savedIn(stage)]);
      await server.run('mv', [join(server.dataDirectory, 'base'), savedIn(stage)]);
      await server.run('mkdir', ['-m', '0700', join(server.dataDirectory, 'base')]);
    },
    // the backup is restored
    byHand: async (_step, stage) => {
      const { server } = stage.primary;
      await server.run('cp', ['-a', `${savedIn(stage)}/.`, server.dataDirectory]);
    },
    noClone: 'a server whose files were gone is not one to copy',
  },
  {
    rule: 'primary/no-free-slot',
    primary: { settings: { max_replication_slots: '1' } },
    fault: async ({ primary }) => {
      await primary.server.psql("SELECT pg_create_physical_replication_slot('other', true)");
    },
  },
  {
    rule: 'primary/synchronous-commit-blocked',
    fault: async ({ primary }) => {
      await primary.server.psql("ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (paris, berlin)'");
      await primary.server.reload();
    },
  },
];

const withSlot = (stage: Stage, ...words: readonly string[]): readonly string[] => [...usualOptions(stage), ...words];

/** The faults of the slot that the command line names. */
export const slotScenarios: readonly Scenario[] = [
  { rule: 'slot/missing', options: (stage) => withSlot(stage, '-S', 'standby1') },
  {
    rule: 'slot/exists-already',
    options: (stage) => withSlot(stage, '-C', '-S', 'standby1'),
    fault: async ({ primary }) => {
      await primary.server.psql("SELECT pg_create_physical_replication_slot('standby1', true)");
    },
  },
  {
    rule: 'slot/in-use',
    primary: { settings: { wal_keep_size: '64MB' } },
    options: (stage) => withSlot(stage, '-S', 'standby1'),
    fault: async ({ primary }) => {
      await primary.server.psql("SELECT pg_create_physical_replication_slot('standby1', true)");
      await receiveWal(primary.server, 'standby1');
    },
  },
  {
    rule: 'slot/is-logical',
    primary: { settings: { wal_level: 'logical' } },
    options: (stage) => withSlot(stage, '-S', 'changes'),
    fault: async ({ primary }) => {
      await primary.server.psql("SELECT pg_create_logical_replication_slot('changes', 'test_decoding')");
    },
  },
  { rule: 'slot/invalid-name', options: (stage) => withSlot(stage, '-C', '-S', 'Standby-1') },
  {
    rule: 'primary/wal-summaries-off',
    from: 17,
    options: (stage) => [...usualOptions(stage), `--incremental=${stage.place.folder}/full/backup_manifest`],
    fault: async ({ place, primary }) => {
      await place.program('pg_basebackup', [
        ...['-d', `${primary.conninfo} password='${primary.password}'`, '-D', `${place.folder}/full`, '-c', 'fast'],
      ]);
    },
    noClone: 'no server is started on an incremental backup',
  },
];
