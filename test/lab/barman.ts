import { access, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Release } from '../../src/throwaway/releases.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Lifetime } from './lifetime.ts';
import { aPlaceForAStandby, aPrimary } from './primary.ts';
import type { Primary } from './primary.ts';
import { untilStreaming } from './pair.ts';
import { until } from './until.ts';

/** Why Barman cannot be run here; undefined where it can. */
export const noBarman: string | undefined = await access('/usr/bin/barman').then(
  () => undefined,
  () => "Debian's barman is not installed",
);

/** A primary that archives into Barman, and a standby that Barman recovered: server `shop`. */
export interface BarmanPair {
  readonly primary: Primary;
  readonly standby: ThrowawayServer;
  /** Of Barman: `shop/wals`, `shop/base`. */
  readonly home: string;
  /** Barman, as the user of the servers; throws with its words. */
  barman(...words: readonly string[]): Promise<string>;
  /** The standby's directory from Barman; the old one is moved aside. */
  recover(...words: readonly string[]): Promise<void>;
  /** Starts the standby and waits until it streams. */
  start(): Promise<void>;
}

export async function aBarmanPair(release: Release, lifetime: Lifetime = 'file'): Promise<BarmanPair> {
  const primary = await aPrimary({
    release,
    lifetime,
    settings: { wal_keep_size: '0', archive_mode: 'on' },
    role: { password: 'Of-barman-6' },
  });
  const standby = await aPlaceForAStandby({ release, lifetime });
  const { server } = primary;
  const home = join(server.folder, 'barman');
  await mkdir(home);
  if (server.runAs !== null) await chown(home, server.runAs.uid, server.runAs.gid);
  const configuration = join(server.folder, 'barman.conf');
  await writeFile(
    configuration,
    `[barman]
barman_home = ${home}
barman_user = ${server.runAs?.name ?? ''}
log_file = ${join(server.folder, 'barman.log')}
configuration_files_directory = ${join(server.folder, 'barman.d')}
path_prefix = ${release.bin}
[shop]
description = the primary
conninfo = host=${server.folder} port=${server.port} user=postgres dbname=postgres
streaming_conninfo = host=${server.folder} port=${server.port} user=postgres
backup_method = postgres
archiver = on
`,
  );
  const barman = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await server.run('/usr/bin/barman', ['-c', configuration, ...words]);
    if (exitCode !== 0) throw new Error(`barman ${words.join(' ')} ended with status ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  };
  // makes its directories, and fails, because nothing is archived yet
  await barman('check', 'shop').catch(() => undefined);
  await server.psql(
    `ALTER SYSTEM SET archive_command = 'test ! -f ${home}/shop/incoming/%f && cp %p ${home}/shop/incoming/%f'; SELECT pg_reload_conf(); SELECT pg_switch_wal()`.replaceAll(
      '; SELECT',
      ';\nSELECT',
    ),
  );
  const pair: BarmanPair = {
    primary,
    standby,
    home,
    barman,
    recover: async (...words) => {
      if (await standby.isRunning()) await standby.stop();
      await standby.run(
        'sh',
        ['-c', `[ ! -e ${standby.dataDirectory} ] || mv ${standby.dataDirectory} "$(mktemp -d)"`],
        {
          environment: { TMPDIR: standby.folder },
        },
      );
      await barman('recover', ...words, 'shop', 'latest', standby.dataDirectory);
      await standby.listenLocally();
    },
    start: async () => {
      await standby.start();
      await untilStreaming(standby);
    },
  };
  await until('the first segment is archived', async () => {
    await barman('archive-wal', 'shop');
    return barman('check', 'shop');
  });
  await barman('backup', '--wait', 'shop');
  return pair;
}
