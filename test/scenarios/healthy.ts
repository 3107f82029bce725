import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import { aStandby } from '../lab/pair.ts';
import type { PrimaryOptions } from '../lab/primary.ts';
import { turnOnSnakeoil } from './snakeoil.ts';
import { by, expectReady, preflight, setTheStage, usualOptions } from './scenario.ts';
import type { Stage } from './scenario.ts';

/** A setup in which nothing is wrong: no finding at `error`, exit status 0. */
export interface HealthySetup {
  readonly name: string;
  readonly primary?: PrimaryOptions;
  readonly prepare?: (stage: Stage) => Promise<Stage | void>;
  readonly options?: (stage: Stage) => readonly string[];
  readonly admin?: ((stage: Stage) => string) | null;
  readonly env?: (stage: Stage) => Promise<Readonly<Record<string, string>>>;
}

export async function expectHealthy(setup: HealthySetup, release: Release): Promise<void> {
  const stage = await setTheStage({ primary: setup.primary ?? {} }, release);
  try {
    const prepared = (await setup.prepare?.(stage)) ?? stage;
    const options = (setup.options ?? usualOptions)(prepared);
    const result = await preflight(setup, prepared, options, await setup.env?.(prepared));
    expectReady(result.json);
    expect(result.exitCode).toBe(0);
  } finally {
    await stage.place.dispose();
    await stage.primary.server.dispose();
  }
}

export const healthySetups: readonly HealthySetup[] = [
  { name: 'an absent directory' },
  {
    name: 'segments of 64 MB, the certificate that ssl-cert makes, a slot for logical decoding, a path with blanks, quotes and $',
    primary: { initdb: ['--wal-segsize=64', '--data-checksums'], settings: { wal_level: 'logical' } },
    prepare: async ({ primary: { server } }) => {
      await server.psql("SELECT pg_create_logical_replication_slot('changes', 'test_decoding')");
      await turnOnSnakeoil(server);
    },
    options: (stage) => [...usualOptions(stage), '-D', join(stage.place.folder, `it's "my" $HOME data`)],
  },
  {
    name: 'an empty directory, 0700',
    prepare: async ({ place }) => own(place.runAs, place.dataDirectory, async (path) => mkdir(path, { mode: 0o700 })),
  },
  {
    name: 'an existing slot with -S',
    prepare: async ({ primary }) => {
      await primary.server.psql("SELECT pg_create_physical_replication_slot('standby1', true)");
    },
    options: (stage) => [...usualOptions(stage), '-S', 'standby1'],
  },
  {
    name: 'a new slot with -C',
    options: (stage) => [...usualOptions(stage), '-C', '-S', 'standby1'],
  },
  {
    name: 'a group in pg_hba.conf, through another group',
    primary: { hba: ['host replication +standbys 127.0.0.1/32 scram-sha-256'] },
    prepare: async ({ primary }) => {
      await primary.server.psql(
        'CREATE ROLE standbys; CREATE ROLE inner_group; GRANT standbys TO inner_group; GRANT inner_group TO replicator;',
      );
    },
  },
  {
    name: 'a mask in its own column',
    primary: { hba: ['host replication replicator 127.0.0.0 255.255.255.0 scram-sha-256'] },
  },
  { name: 'samenet', primary: { hba: ['host replication replicator samenet scram-sha-256'] } },
  { name: 'samehost', primary: { hba: ['host replication replicator samehost scram-sha-256'] } },
  {
    name: 'IPv6',
    primary: { hba: ['host replication replicator ::1/128 scram-sha-256'] },
    options: by(({ primary }) => ['-h', '::1', '-p', String(primary.server.port)]),
  },
  {
    name: 'a Unix socket',
    primary: { hba: ['local replication replicator scram-sha-256'] },
    options: by(({ primary }) => ['-h', primary.server.folder, '-p', String(primary.server.port)]),
  },
  {
    name: 'a primary that is itself a standby',
    prepare: async (stage) => {
      const upstream = await aStandby(stage.primary, {}, 'file');
      const port = String(upstream.port);
      return {
        ...stage,
        primary: {
          ...stage.primary,
          server: upstream,
          admin: `host=${upstream.folder} port=${port} user=postgres dbname=postgres`,
          connection: ['-h', '127.0.0.1', '-p', port, '-U', 'replicator'],
        },
      };
    },
  },
  {
    name: '--admin as a member of pg_monitor',
    prepare: async ({ primary }) => {
      await primary.server.psql("CREATE ROLE monitor LOGIN PASSWORD 'watching' IN ROLE pg_monitor");
    },
    admin: ({ primary }) => `host=127.0.0.1 port=${primary.server.port} user=monitor password=watching dbname=postgres`,
  },
  {
    // what no ordinary role sees is shared_preload_libraries: without this grant the verdict is unknown
    name: '--admin as an ordinary role that may read the settings',
    prepare: async ({ primary }) => {
      await primary.server.psql("CREATE ROLE anybody LOGIN PASSWORD 'watching' IN ROLE pg_read_all_settings");
    },
    admin: ({ primary }) => `host=127.0.0.1 port=${primary.server.port} user=anybody password=watching dbname=postgres`,
  },
  {
    name: 'no --admin, where the role may open an ordinary session and read the settings',
    prepare: async ({ primary }) => {
      await primary.server.psql('GRANT pg_read_all_settings TO replicator');
    },
    admin: null,
  },
  {
    name: 'a service file',
    options: ({ place }) => ['-d', 'service=standby', '-D', place.dataDirectory, '-R', '-c', 'fast'],
    env: async ({ primary, place }) => {
      const file = join(place.folder, 'services.conf');
      const { port } = primary.server;
      await writeFile(
        file,
        `# a comment\n[other]\nhost=nowhere\n\n[standby]\nhost=127.0.0.1\nport=${port}\nuser=replicator\n`,
      );
      return { PGSERVICEFILE: file };
    },
  },
  {
    name: 'a password file with escapes',
    primary: { role: { password: String.raw`a:b\c d` } },
    env: async ({ primary, place }) => {
      const file = join(place.folder, 'passwords');
      const { port } = primary.server;
      await own(place.runAs, file, async (path) =>
        writeFile(
          path,
          [
            '# every line that does not match is stepped over',
            `127.0.0.1:${port}:postgres:replicator:of another database`,
            String.raw`127.0.0.1:${String(port)}:replication:replicator:a\:b\\c d`,
            '*:*:*:*:too late',
            '',
          ].join('\n'),
          { mode: 0o600 },
        ),
      );
      return { PGPASSFILE: file, PGPASSWORD: '' };
    },
  },
];

/** Makes a file or a directory, and gives it to the user that runs the servers and standbylint. */
async function own(
  user: Stage['place']['runAs'],
  path: string,
  make: (path: string) => Promise<unknown>,
): Promise<void> {
  await make(path);
  if (user !== null) await chown(path, user.uid, user.gid);
}
