import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import report from '../../../schemas/report.json' with { type: 'json' };
import schema from '../../../schemas/fleet.json' with { type: 'json' };
import { isInShard, shardOf } from '../../../src/cli/fleet/shard.ts';
import { runStandbylint } from '../../lab/standbylint.ts';

const names = Array.from({ length: 1000 }, (_, at) => `db-${at}`);
const shards = (count: number) => Array.from({ length: count }, (_, at) => ({ index: at + 1, count }));

describe('a shard', () => {
  it.each([1, 2, 3, 7, 64])('each target is in exactly one of %i, and they are about as large', (count) => {
    const sizes = shards(count).map((shard) => names.filter((name) => isInShard(name, shard)).length);
    for (const name of names) expect(shards(count).filter((shard) => isInShard(name, shard))).toHaveLength(1);
    expect(Math.max(...sizes)).toBeLessThan((1000 / count) * 2 + 10);
  });

  it('is the same wherever and whenever it is computed', () =>
    expect(names.slice(0, 8).map((name) => shards(4).findIndex((shard) => isInShard(name, shard)) + 1)).toEqual(
      Object.values(known),
    ));

  it.each(['0/4', '5/4', '1', 'a/b', '-1/4', '1/0', '1/99999'])('%s is none', (text) =>
    expect(() => shardOf(text)).toThrow('--shard takes'),
  );
});

const known: Readonly<Record<string, number>> = {
  'db-0': 1,
  'db-1': 1,
  'db-2': 1,
  'db-3': 1,
  'db-4': 1,
  'db-5': 2,
  'db-6': 1,
  'db-7': 1,
};

async function aFleet(count: number): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'standbylint-shards-'));
  onTestFinished(async () => rm(at, { recursive: true }));
  await chmod(at, 0o755);
  const targets = Object.fromEntries(
    names
      .slice(0, count)
      .map((name) => [
        name,
        { command: 'preflight', host: '127.0.0.1', port: 1, username: 'nobody', pgdata: `/nonexistent/${name}` },
      ]),
  );
  await writeFile(join(at, 'standbylint.config.json'), JSON.stringify({ targets }));
  return at;
}

/** Without the time of the run, and what the machine shows at each look: its free space. */
const timeless = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) =>
    ['startedAt', 'elapsedMs', 'lastCheckedAt', 'now', 'measures', 'because', 'evidence'].includes(key) ? null : value,
  );

describe('shards that run at once, each a process of its own', () => {
  it(
    'are together what one run is; what is missing, there twice or of another list is said',
    { timeout: 120_000 },
    async () => {
      const cwd = await aFleet(9);
      const run = async (...words: readonly string[]) => runStandbylint(words, { cwd });
      const [whole, ...parts] = await Promise.all([
        run('fleet', '--format', 'json'),
        ...shards(4).map(async ({ index }) => run('fleet', '--format', 'json', '--shard', `${index}/4`)),
      ]);
      const files = shards(4).map(({ index }) => join(cwd, `shard-${index}.json`));
      for (const [at, file] of files.entries()) await writeFile(file, parts[at]?.stdout ?? '');
      const merged = await run('merge', ...files.toReversed(), '--format', 'json');
      expect(merged.stderr).toBe('');
      expect(timeless(merged.stdout)).toEqual(timeless(whole?.stdout ?? ''));
      expect(merged.exitCode).toBe(whole?.exitCode);
      const fits = new Ajv2020({ allowUnionTypes: true, formats: { 'date-time': true } })
        .addSchema(report, 'report.json')
        .compile(schema);
      for (const json of [whole?.stdout, parts[0]?.stdout, merged.stdout])
        expect([fits(JSON.parse(json ?? '')), fits.errors]).toEqual([true, null]);
      const text = await run('merge', ...files);
      expect(text.stdout).toContain('9 targets');

      const refused = async (said: string, ...given: readonly string[]) => {
        const { exitCode, stdout, stderr } = await run('merge', ...given);
        expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)]);
      };
      const [one = '', two = '', three = '', four = ''] = files;
      await refused('Shard 3/4 is missing.', one, two, four);
      await refused('Shards 2/4, 4/4 are missing.', one, three);
      await refused('there twice', one, two, two, three, four);
      await writeFile(join(cwd, 'whole.json'), whole?.stdout ?? '');
      await refused('is not a shard', join(cwd, 'whole.json'));
      const changed = async (
        file: string,
        change: (value: { tool: object; shard: object }) => object,
      ): Promise<string> => {
        const to = join(cwd, 'changed.json');
        const value = JSON.parse(parts[files.indexOf(file)]?.stdout ?? '') as { tool: object; shard: object };
        await writeFile(to, JSON.stringify(change(value)));
        return to;
      };
      const older = await changed(four, (value) => ({ ...value, tool: { name: 'standbylint', version: '0.0.9' } }));
      await refused('was made by standbylint 0.0.9, and this is', one, two, three, older);
      const other = await changed(four, (value) => ({ ...value, shard: { ...value.shard, of: ['db-1'] } }));
      await refused('different lists', one, two, three, other);
      await writeFile(join(cwd, 'other.json'), '{}');
      await refused('is not a report of standbylint fleet', join(cwd, 'other.json'));
    },
  );
});
