import { accessSync, constants } from 'node:fs';
import { chmod, chown, copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Release } from '../../src/throwaway/releases.ts';
import { releases } from '../lab/releases.ts';
import type { Scenario, Stage } from './scenario.ts';
import { usualOptions } from './scenario.ts';

/** A password file of the user that runs standbylint; PGPASSWORD, which would win, is empty. */
const passfile = (stage: Stage): string => join(stage.place.folder, 'passwords');
const withPassfile = (stage: Stage): Readonly<Record<string, string>> => ({
  PGPASSFILE: passfile(stage),
  PGPASSWORD: '',
});

async function writePassfile(
  stage: Stage,
  database: string,
  mode: number,
  password = stage.primary.password,
): Promise<void> {
  const { primary, place } = stage;
  await writeFile(passfile(stage), `127.0.0.1:${primary.server.port}:${database}:replicator:${password}\n`);
  await chmod(passfile(stage), mode);
  if (place.runAs !== null) await chown(passfile(stage), place.runAs.uid, place.runAs.gid);
}

const oldest = releases.at(-1);

const librariesOf = ({ bin }: Release): string => join(bin, '..', 'lib');

const mayInstallLibraries = releases.every((release) => {
  try {
    accessSync(librariesOf(release), constants.W_OK);
    return true;
  } catch {
    return false;
  }
});

/** The faults of what runs the copy. */
export const clientScenarios: readonly Scenario[] = [
  {
    rule: 'client/pg-basebackup-missing',
    name: 'the one that the command line names',
    options: (stage) => ['/nowhere/bin/pg_basebackup', ...usualOptions(stage)],
  },
  {
    rule: 'client/older-than-server',
    from: 14,
    notHere: oldest?.major === 13 ? undefined : 'PostgreSQL 13 is not installed here',
    options: (stage) => [join(oldest?.bin ?? '', 'pg_basebackup'), ...usualOptions(stage)],
  },
  {
    rule: 'client/passfile-ignored',
    fault: async (stage) => writePassfile(stage, 'replication', 0o644),
    env: withPassfile,
  },
  {
    rule: 'client/passfile-no-match',
    name: 'the database of a replication connection is replication',
    fault: async (stage) => writePassfile(stage, 'postgres', 0o600),
    env: withPassfile,
  },
  {
    rule: 'client/passfile-no-match',
    name: 'the line that matches first has no password',
    fault: async (stage) => writePassfile(stage, 'replication', 0o600, ''),
    env: withPassfile,
  },
  ...['one:two', String.raw`one\two`, 'one ', String.raw`\:':"\\`].map((password): Scenario => ({
    rule: 'client/password-misread',
    name: `${JSON.stringify(password)} in the password file`,
    primary: { role: { password: password.trimEnd() } },
    fault: async (stage) => writePassfile(stage, 'replication', 0o600, password),
    env: withPassfile,
  })),
  { rule: 'client/no-password', env: withPassfile },
  libraryGone(),
];

/** A library that the running primary has loaded and that is gone from $libdir, as when a package was removed meanwhile. */
function libraryGone(): Scenario {
  const name = `standbylint_${process.pid}`;
  const library = (stage: Stage): string => join(librariesOf(stage.release), `${name}.so`);
  const install = async (stage: Stage): Promise<void> =>
    copyFile(join(librariesOf(stage.release), 'passwordcheck.so'), library(stage));
  return {
    rule: 'client/library-missing',
    notHere: mayInstallLibraries ? undefined : 'the directory of libraries cannot be written to',
    fault: async (stage) => {
      const { server } = stage.primary;
      await install(stage);
      await server.configure({ shared_preload_libraries: name });
      await server.restart();
      await rm(library(stage));
    },
    byHand: async (_step, stage) => install(stage),
    cleanUp: async (stage) => rm(library(stage), { force: true }),
  };
}
