import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

import { withoutCluster } from '../lab/etc.ts';
import { afterwards } from '../lab/lifetime.ts';
import { onlyRoot } from './here.ts';
import type { Scenario, Stage } from './scenario.ts';
import { usualOptions } from './scenario.ts';

const target = ({ place }: Stage): string => place.dataDirectory;

/** What is made here belongs to the user that runs standbylint and the servers. */
async function own({ place }: Stage, ...paths: readonly string[]): Promise<void> {
  if (place.runAs !== null) for (const path of paths) await chown(path, place.runAs.uid, place.runAs.gid);
}

const into =
  (directory: (stage: Stage) => string, ...more: readonly string[]) =>
  (stage: Stage): readonly string[] => [
    ...stage.primary.connection,
    '-D',
    directory(stage),
    '-X',
    'stream',
    '-R',
    '-c',
    'fast',
    ...more,
  ];

/** The faults of the place where the standby is to be. */
export const targetScenarios: readonly Scenario[] = [
  {
    rule: 'target/server-directory-not-empty',
    from: 15,
    fault: async (stage) => {
      await stage.primary.server.psql('GRANT pg_write_server_files TO replicator');
      await mkdir(target(stage), { mode: 0o700 });
      await writeFile(join(target(stage), 'base.tar'), '');
      await own(stage, target(stage), join(target(stage), 'base.tar'));
    },
    options: (stage) => [...stage.primary.connection, `--target=server:${target(stage)}`, '-X', 'fetch', '-c', 'fast'],
    noClone: 'the primary keeps the copy',
  },
  {
    rule: 'target/not-empty',
    name: 'a foreign file, hidden',
    fault: async (stage) => {
      await mkdir(target(stage), { mode: 0o700 });
      await writeFile(join(target(stage), '.bash_history'), 'ls\n');
      await own(stage, target(stage));
    },
    noClone: 'the copy goes to another directory than the one that the lab has its server in',
  },
  {
    rule: 'target/not-empty',
    name: 'a stopped copy of this primary',
    fault: async ({ place, primary }) => {
      await place.copyFrom(primary.server);
    },
  },
  {
    rule: 'target/not-empty',
    name: 'another cluster',
    fault: async ({ place }) => place.initdb(),
  },
  {
    rule: 'target/not-empty',
    name: 'a copy that was not finished',
    fault: async (stage) => {
      const { place, primary } = stage;
      await place.copyFrom(primary.server);
      await place.run('mv', [join(target(stage), 'backup_manifest'), join(target(stage), 'backup_manifest.tmp')]);
      await place.run('mv', [join(target(stage), 'global', 'pg_control'), join(place.folder, 'pg_control')]);
    },
  },
  {
    rule: 'target/server-running',
    fault: async ({ place, primary }) => {
      await place.copyFrom(primary.server);
      await place.start();
    },
    byHand: async (_step, { place }) => {
      await place.stop();
      await place.run('mv', [place.dataDirectory, `${place.dataDirectory}.old`]);
    },
  },
  {
    rule: 'target/is-primary-data-directory',
    name: 'through a symbolic link',
    fault: async (stage) => {
      await symlink(stage.primary.server.dataDirectory, join(stage.place.folder, 'link'));
    },
    options: into(({ place }) => join(place.folder, 'link', '..', 'link')),
    byHand: async () => undefined,
    optionsAfter: usualOptions,
  },
  {
    rule: 'target/not-a-directory',
    fault: async (stage) => {
      await writeFile(target(stage), 'not a directory');
      await own(stage, target(stage));
    },
  },
  {
    rule: 'target/not-a-directory',
    name: 'a FIFO',
    fault: async ({ place }) => {
      await place.run('mkfifo', [place.dataDirectory]);
    },
  },
  {
    rule: 'target/dangling-link',
    fault: async (stage) => {
      await symlink(join(stage.place.folder, 'nowhere'), target(stage));
    },
  },
  {
    rule: 'target/permissions',
    fault: async (stage) => {
      await mkdir(target(stage));
      await chmod(target(stage), 0o755);
      await own(stage, target(stage));
    },
  },
  {
    rule: 'target/not-writable',
    fault: async (stage) => {
      await mkdir(target(stage));
      await chmod(target(stage), 0o500);
      await own(stage, target(stage));
    },
  },
  {
    rule: 'target/waldir-not-empty',
    fault: async (stage) => {
      const wal = join(stage.place.folder, 'wal');
      await mkdir(wal, { mode: 0o700 });
      await writeFile(join(wal, 'notes.txt'), 'mine');
      await own(stage, wal);
    },
    options: (stage) => [...usualOptions(stage), '--waldir', join(stage.place.folder, 'wal')],
    byHand: async () => undefined,
    optionsAfter: (stage) => [...usualOptions(stage), '--waldir', join(stage.place.folder, 'another')],
  },
  ...['', '/pg_wal', '/base/wal'].map((within) => ({
    rule: 'target/waldir-not-empty' as const,
    name: `a place that the copy itself fills: -D${within}`,
    options: (stage: Stage) => [...usualOptions(stage), '--waldir', `${stage.place.dataDirectory}${within}`],
  })),
  {
    rule: 'target/waldir-not-absolute',
    options: (stage) => [...usualOptions(stage), '--waldir', 'wal'],
  },
  {
    rule: 'target/tablespace-collision',
    fault: makeTablespace,
  },
  {
    rule: 'target/tablespace-not-writable',
    fault: async (stage) => {
      await makeTablespace(stage);
      const closed = join(stage.place.folder, 'closed');
      await mkdir(closed);
      await own(stage, closed);
      await chmod(closed, 0o500);
    },
    options: (stage) => [
      ...usualOptions(stage),
      '-T',
      `${tablespace(stage)}=${join(stage.place.folder, 'closed', 'ts')}`,
    ],
    byHand: async () => undefined,
    optionsAfter: (stage) => [...usualOptions(stage), '-T', `${tablespace(stage)}=${join(stage.place.folder, 'ts')}`],
  },
  { rule: 'target/run-as-root', notHere: onlyRoot('play it'), asRoot: true },
  {
    rule: 'target/wrong-owner',
    notHere: onlyRoot('give a directory to another user'),
    fault: async ({ place }) => {
      const foreign = join(place.folder, 'foreign');
      await mkdir(foreign);
      await chmod(foreign, 0o777);
      await chown(foreign, nobody, nobody);
      await mkdir(join(foreign, 'data'));
      await chown(join(foreign, 'data'), nobody, place.runAs?.gid ?? nobody);
      await chmod(join(foreign, 'data'), 0o770);
    },
    options: into(({ place }) => join(place.folder, 'foreign', 'data')),
    byHand: async () => undefined,
    optionsAfter: usualOptions,
  },
  {
    rule: 'target/disk-space',
    notHere: onlyRoot('mount a small file system'),
    fault: async ({ place }) => {
      const small = join(place.folder, 'small');
      await mkdir(small);
      const owner = place.runAs === null ? '' : `,uid=${place.runAs.uid},gid=${place.runAs.gid}`;
      await execa('mount', ['-t', 'tmpfs', '-o', `size=12m,mode=0700${owner}`, 'tmpfs', small]);
    },
    cleanUp: async ({ place }) => execa('umount', ['-l', join(place.folder, 'small')]),
    options: into(({ place }) => join(place.folder, 'small', 'data')),
    byHand: async () => undefined,
    optionsAfter: usualOptions,
  },
  {
    rule: 'target/configuration-lower-than-primary',
    notHere: onlyRoot('write to /etc/postgresql'),
    primary: { settings: { max_connections: '200' } },
    fault: async (stage) => prepared(stage, 'max_connections = 50'),
    noClone: "a cluster of Debian's is started by pg_ctlcluster, which wants the whole of its packages",
  },
  {
    rule: 'target/setting-refused',
    name: 'a time zone that this machine does not have',
    notHere: onlyRoot('write to /etc/postgresql'),
    fault: async (stage) => prepared(stage, "timezone = 'Mars/Olympus'"),
    noClone: "a cluster of Debian's is started by pg_ctlcluster, which wants the whole of its packages",
  },
];

/** The configuration that Debian keeps for a cluster on the target. */
async function prepared(stage: Stage, line: string): Promise<void> {
  const folder = `/etc/postgresql/${stage.release.major}/standbylint_${process.pid}_${Date.now()}`;
  afterwards(async () => withoutCluster(folder), 'file');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'postgresql.conf');
  await writeFile(file, `data_directory = '${target(stage)}'\nport = ${stage.place.port}\n${line}\n`);
  await own(stage, folder, file);
}

const nobody = 65_534;

const tablespace = ({ primary }: Stage): string => join(primary.server.folder, 'tablespace');

async function makeTablespace(stage: Stage): Promise<void> {
  const location = tablespace(stage);
  await mkdir(location, { mode: 0o700 });
  await own(stage, location);
  await stage.primary.server.psql(`CREATE TABLESPACE fast LOCATION '${location}'`);
  await stage.primary.server.psql('CREATE TABLE stored_there (id int) TABLESPACE fast');
}
