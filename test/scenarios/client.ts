import { chmod, chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { releases } from '../lab/releases.ts';
import type { Scenario, Stage } from './scenario.ts';
import { usualOptions } from './scenario.ts';

/** A password file of the user that runs standbylint; PGPASSWORD, which would win, is empty. */
const passfile = (stage: Stage): string => join(stage.place.folder, 'passwords');
const withPassfile = (stage: Stage): Readonly<Record<string, string>> => ({
  PGPASSFILE: passfile(stage),
  PGPASSWORD: '',
});

async function writePassfile(stage: Stage, database: string, mode: number): Promise<void> {
  const { primary, place } = stage;
  await writeFile(passfile(stage), `127.0.0.1:${primary.server.port}:${database}:replicator:${primary.password}\n`);
  await chmod(passfile(stage), mode);
  if (place.runAs !== null) await chown(passfile(stage), place.runAs.uid, place.runAs.gid);
}

const oldest = releases.at(-1);

/** The faults of what runs the copy. */
export const clientScenarios: readonly Scenario[] = [
  {
    rule: 'client/pg-basebackup-missing',
    name: 'the one that the command line names',
    options: (stage) => ['/nowhere/bin/pg_basebackup', ...usualOptions(stage)],
    byHand: async () => undefined,
    optionsAfter: usualOptions,
  },
  {
    rule: 'client/older-than-server',
    from: (oldest?.major ?? 18) + 1,
    options: (stage) => [join(oldest?.bin ?? '', 'pg_basebackup'), ...usualOptions(stage)],
    byHand: async () => undefined,
    optionsAfter: usualOptions,
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
  { rule: 'client/no-password', env: withPassfile },
];
