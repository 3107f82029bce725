import { readFile, stat } from 'node:fs/promises';

import { errorCode } from '../../../hosts/local-answers.ts';
import { localHost } from '../../../hosts/local.ts';
import { connect } from '../../../servers/connect.ts';
import type { OptionValue, OptionValues } from '../../configuration/content.ts';
import { didYouMean } from '../../options/did-you-mean.ts';
import { sessionConnection } from '../../examination/examination.ts';
import { shownWord } from '../../options/shown-word.ts';
import { UsageError } from '../../usage-error.ts';
import type { Asking, Row } from './inventory.ts';
import { kinds } from './kinds.ts';
import { targetOf } from './targets.ts';
import type { InventoryTarget } from './targets.ts';

/** The targets of each `KIND:VALUE`. Throws a {@link UsageError}; what is wrong with one entry is said of that one alone. */
export async function readInventories(
  given: readonly string[],
  each: OptionValues,
  signal: AbortSignal,
): Promise<readonly InventoryTarget[]> {
  const targets: InventoryTarget[] = [];
  for (const written of given) {
    const [, name = written, value = ''] = /^([^:]*):(.*)$/su.exec(written) ?? [];
    const inventory = kinds.find(({ kind }) => kind === name);
    if (inventory === undefined)
      throw new UsageError(
        `--inventory takes ${kinds.map((one) => `${one.kind}:${one.value}`).join(', ')}, not "${shownWord(written)}".`,
        didYouMean(
          name,
          kinds.map(({ kind }) => kind),
        ),
      );
    const entries = await inventory.read(value, asking(signal));
    if (entries.length === 0) throw new UsageError(`--inventory ${shownWord(written)} has no servers.`);
    const unsaid = each['command'] === 'postmortem' ? (inventory.eachPostmortem ?? inventory.each) : inventory.each;
    targets.push(...entries.map((entry) => targetOf(entry, { ...unsaid, ...each })));
  }
  const twice = targets.find(({ name }, at) => targets.findIndex((one) => one.name === name) !== at);
  if (twice !== undefined) throw new UsageError(`The inventory has two servers of the name "${twice.name}".`);
  return targets;
}

/** --each KEY=VALUE, and KEY alone for a flag. */
export function eachOptions(words: readonly string[]): OptionValues {
  const options: Record<string, OptionValue> = {};
  for (const word of words) {
    const [, key = '', value] = /^([\w-]+)(?:=(.*))?$/su.exec(word) ?? [];
    if (key === '')
      throw new UsageError(
        `--each takes KEY=VALUE, not "${shownWord(word)}".`,
        'For example: --each pgdata=ssh:{host}:/srv/pg',
      );
    options[key] = value ?? true;
  }
  return options;
}

const timeoutMs = 30_000;
const largest = 4 * 1024 ** 2;

const asking = (signal: AbortSignal): Asking => ({
  file: async (path) => {
    try {
      const { size } = await stat(path);
      if (size > largest) throw new Error('it is larger than 4 MB');
      return await readFile(path, 'utf8');
    } catch (error) {
      throw new UsageError(`The inventory ${path} could not be read: ${reasonOf(error)}.`);
    }
  },
  program: async (name, words) => {
    const ran = await localHost().run(name, words, {
      ...{ timeoutMs, signal, maxOutputBytes: 64 * 1024 ** 2 },
      // Ansible does not start without UTF-8
      environment: { LC_ALL: 'C.UTF-8' },
    });
    if (!ran.ok) throw new UsageError(`${name} could not be run: ${ran.problem.message}.`);
    const { exitCode, stdout, stderr } = ran.value;
    if (exitCode === 0) return stdout;
    const last = stderr.trim().split('\n').at(-1) ?? '';
    throw new UsageError(`${name} ended with status ${exitCode}: ${shownWord(last.slice(0, 200))}`);
  },
  page: async (url) => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      return await answer.text();
    } catch (error) {
      throw new UsageError(`${url} did not answer: ${reasonOf(error)}.`);
    }
  },
  rows: async (conninfo, query) => rowsOf(conninfo, query, signal),
});

async function rowsOf(conninfo: string, query: string, signal: AbortSignal): Promise<readonly Row[]> {
  const host = localHost();
  const connection = await sessionConnection(host, 'admin', conninfo, { timeoutMs, signal });
  if (connection === undefined) return [];
  const { attempts, session } = await connect(connection, { host, timeoutMs, signal });
  if (session === undefined) {
    const outcome = attempts.at(-1)?.outcome;
    const said = outcome !== undefined && 'error' in outcome ? outcome.error.message : (outcome?.kind ?? 'no address');
    throw new UsageError(`The server of the inventory refused the login: ${said}.`);
  }
  try {
    // the tables of the user's own query are named as in psql
    const begun = await session.simpleQuery(`BEGIN TRANSACTION READ ONLY; SET LOCAL search_path = "$user", public`);
    const answer = begun.ok ? await session.simpleQuery(query) : begun;
    if (!answer.ok)
      throw new UsageError(
        `The query of the inventory failed: ${answer.kind === 'server' ? answer.error.message : answer.message}.`,
      );
    const { columns, rows } = answer.results.at(-1) ?? { columns: [], rows: [] };
    return rows.map((row) =>
      Object.fromEntries(
        columns.flatMap((column, at) => {
          const value = row[at] ?? null;
          return value === null ? [] : [[column, value] as const];
        }),
      ),
    );
  } finally {
    await session.close();
  }
}

const reasonOf = (error: unknown): string => {
  const code = errorCode(error) ?? '';
  if (code === 'ENOENT') return 'it does not exist';
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
};
