import { access, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Release } from '../../src/throwaway/releases.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Lifetime } from './lifetime.ts';
import { aPlaceForAStandby, aPrimary } from './primary.ts';
import type { Primary } from './primary.ts';
import { untilStreaming } from './pair.ts';

/** Why pgBackRest cannot be run here; undefined where it can. */
export const noPgBackRest: string | undefined = await access('/usr/bin/pgbackrest').then(
  () => undefined,
  () => "Debian's pgbackrest is not installed",
);

/** A primary that archives by pgBackRest, and a standby that is restored from its repository: stanza `shop`. */
export interface RestoredPair {
  readonly primary: Primary;
  readonly standby: ThrowawayServer;
  readonly repository: string;
  /** The standby's pgbackrest.conf. */
  readonly configuration: string;
  /** Writes it again, with other options than it is made with. */
  configure(options?: Readonly<Record<string, string | undefined>>): Promise<void>;
  /** pgBackRest beside the standby, as the user of the servers; throws with its words. */
  pgbackrest(...words: readonly string[]): Promise<string>;
  /** A full backup, and what was written since is archived. */
  backup(): Promise<void>;
  /** The standby's directory from the repository; the old one is moved aside. */
  restore(...words: readonly string[]): Promise<void>;
  /** Starts the standby on a port of its own. */
  start(): Promise<void>;
}

/** `cipher`: the passphrase of a repository that is encrypted. */
export async function aRestoredPair(
  release: Release,
  { lifetime = 'file', cipher }: { readonly lifetime?: Lifetime; readonly cipher?: string } = {},
): Promise<RestoredPair> {
  const primary = await aPrimary({
    release,
    lifetime,
    started: false,
    settings: { wal_keep_size: '0' },
    role: { password: 'Of-pgbackrest-4' },
  });
  const standby = await aPlaceForAStandby({ release, lifetime });
  const { server } = primary;
  const repository = join(server.folder, 'repository');
  const ciphered = cipher === undefined ? {} : { 'repo1-cipher-type': 'aes-256-cbc', 'repo1-cipher-pass': cipher };
  const file = (of: ThrowawayServer): string => join(of.folder, 'pgbackrest.conf');
  const write = async (of: ThrowawayServer, stanza: Readonly<Record<string, string | undefined>>): Promise<void> => {
    const lines = (options: Readonly<Record<string, string | undefined>>): string =>
      Object.entries(options)
        .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`]))
        .join('');
    const asMade = { 'repo1-path': repository, ...ciphered };
    const isGlobal = ([name]: readonly [string, unknown]): boolean => name in asMade;
    const others = Object.fromEntries(Object.entries(stanza).filter((one) => !isGlobal(one)));
    const global = {
      ...asMade,
      ...Object.fromEntries(Object.entries(stanza).filter(isGlobal)),
      'log-path': join(of.folder, 'pgbackrest-log'),
      'lock-path': join(of.folder, 'pgbackrest-lock'),
      'spool-path': join(of.folder, 'pgbackrest-spool'),
      'start-fast': 'y',
      'archive-timeout': '20',
    };
    await writeFile(file(of), `[global]\n${lines(global)}\n[shop]\n${lines(others)}`);
    if (of.runAs !== null) await chown(file(of), of.runAs.uid, of.runAs.gid);
  };
  for (const path of [repository, ...[server, standby].flatMap((of) => [join(of.folder, 'pgbackrest-log')])]) {
    await mkdir(path, { recursive: true });
    if (server.runAs !== null) await chown(path, server.runAs.uid, server.runAs.gid);
  }
  const ran = async (of: ThrowawayServer, words: readonly string[]): Promise<string> => {
    const all = [`--config=${file(of)}`, '--stanza=shop', ...words];
    const { exitCode, stdout, stderr } = await of.run('/usr/bin/pgbackrest', all);
    if (exitCode !== 0)
      throw new Error(`pgbackrest ${all.join(' ')} ended with status ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  };
  const pair: RestoredPair = {
    primary,
    standby,
    repository,
    configuration: file(standby),
    configure: async (options = {}) =>
      write(standby, {
        'pg1-path': standby.dataDirectory,
        'recovery-option': `primary_conninfo=${primary.conninfo} password=${primary.password}`,
        ...options,
      }),
    pgbackrest: async (...words) => ran(standby, words),
    backup: async () => {
      await ran(server, ['--type=full', 'backup']);
    },
    restore: async (...words) => {
      if (await standby.isRunning()) await standby.stop();
      await standby.run(
        'sh',
        ['-c', `[ ! -e ${standby.dataDirectory} ] || mv ${standby.dataDirectory} "$(mktemp -d)"`],
        {
          environment: { TMPDIR: standby.folder },
        },
      );
      await ran(standby, ['restore', ...words]);
      await standby.listenLocally();
    },
    start: async () => {
      await standby.start();
      await untilStreaming(standby);
    },
  };
  await write(server, {
    'pg1-path': server.dataDirectory,
    'pg1-port': String(server.port),
    'pg1-socket-path': server.folder,
  });
  await pair.configure();
  await server.configure({
    archive_mode: 'on',
    archive_command: `pgbackrest --config=${file(server)} --stanza=shop archive-push %p`,
  });
  await ran(server, ['stanza-create', '--no-online']);
  await server.start();
  await server.psql(
    `CREATE ROLE ${primary.role} LOGIN REPLICATION PASSWORD '${primary.password.replaceAll("'", "''")}'`,
  );
  await ran(server, ['--type=full', 'backup']);
  return pair;
}
