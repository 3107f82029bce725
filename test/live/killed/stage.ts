import { readdir } from 'node:fs/promises';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../../src/throwaway/throwaway-server.ts';
import { until } from '../../lab/until.ts';
import { runStandbylint } from '../../lab/standbylint.ts';
import type { StandbylintResult } from '../../lab/standbylint.ts';
import type { Primary } from '../../lab/primary.ts';
import type { Round } from './draw.ts';
import type { Call, Run, Surroundings } from './struck.ts';

/** One command on one release, ready to be struck again and again. */
export interface Stage {
  readonly around: Surroundings;
  /** As it was before; afterwards the command has something to do. */
  readonly ready: (round: Round | undefined) => Promise<Call>;
  /** What holds whenever it was struck; then the next runs say what happened, and all is whole at the end. */
  readonly after: (round: Round, run: Run) => Promise<void>;
}

/** How the command is called with the files of that server: as its user, or as root to a machine behind `ssh`. */
export function callsWith(server: ThrowawayServer, scratch: string, ssh: { readonly path: string } | undefined) {
  const isThere = (round: Round | undefined): boolean => ssh !== undefined && round?.there === true;
  const callOf = (round: Round | undefined, words: readonly string[]): Call => ({
    words,
    environment: {
      ...server.environment,
      ...(isThere(round) ? { PATH: `${ssh?.path}:/usr/bin:/bin` } : {}),
      ...{ HOME: server.folder, TMPDIR: scratch, LC_ALL: 'C.UTF-8' },
    },
    cwd: server.folder,
    user: isThere(round) ? null : server.runAs,
  });
  const run = async (round: Round | undefined, words: readonly string[]): Promise<StandbylintResult> => {
    const { environment, cwd, user } = callOf(round, words);
    return runStandbylint(words, { on: { environment }, cwd, user, timeoutMs: 400_000 });
  };
  return { isThere, callOf, run };
}

/** A crash of either server ends with its start. */
export async function running(server: ThrowawayServer): Promise<void> {
  if (await server.isRunning())
    await until(
      'the server answers',
      async () => ((await server.tryPsql('SELECT 1')).exitCode === 0 ? true : null),
      60_000,
    );
  else await server.start();
}

/** Sessions of ours, base backups that were begun, and slots of a session end with who had them; every other slot is one of these. */
export async function nothingHeld({ server }: Primary, slots: readonly string[]): Promise<void> {
  let held: unknown;
  await until(
    'nothing is held on the primary',
    async () => {
      const sessions = await server.query(
        "SELECT pid, application_name, query FROM pg_stat_activity WHERE (application_name ILIKE '%standbylint%' OR application_name = 'pg_basebackup') AND pid <> pg_backend_pid()",
      );
      const found = await server.query('SELECT slot_name FROM pg_replication_slots');
      const foreign = found.filter((row) => !slots.includes(row['slot_name'] ?? ''));
      held = [...sessions, ...foreign];
      return sessions.length + foreign.length === 0 ? true : null;
    },
    60_000,
  ).catch(() => expect(held).toEqual([]));
}

/** Temporary files of ours. */
export async function noScratch(...folders: readonly string[]): Promise<void> {
  const names = (await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])))).flat();
  expect(names.filter((name) => /\.standbylint-[0-9a-f]+|^standbylint-(?:scratch|ssh)-/u.test(name))).toEqual([]);
}
