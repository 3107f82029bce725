import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import { asUser } from '../../src/throwaway/os-user.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { releases } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { until } from '../lab/until.ts';
import { expectValidReport } from '../report/valid-report.ts';
import { turn } from '../lab/turn.ts';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));

const own = releases.filter(({ major }) => major >= 15);
const chosen = own.filter((_, index) => turn === 'whole' || index === turn % own.length);

const words = ({ connection }: Primary, directory: string, more: readonly string[]): readonly string[] => [
  ...['preflight', ...connection, '-D', directory, '-R', '-X', 'stream', '-c', 'fast', '--rehearse', ...more],
];

/** A page whose checksum is wrong: no file of the primary shows that before it is read. */
async function withDamagedPage({ server }: Primary): Promise<void> {
  await server.psql('CREATE TABLE damaged AS SELECT generate_series(1, 1000) AS id; CHECKPOINT;');
  const [row] = await server.query("SELECT pg_relation_filepath('damaged') AS path");
  const file = await open(join(server.dataDirectory, String(row?.['path'])), 'r+');
  await file.write(Buffer.alloc(64, 0x55), 0, 64, 4096);
  await file.close();
}

test.each(chosen)(
  'PostgreSQL $major: the rehearsal reads everything, or says what cannot be read',
  { timeout: 60_000 },
  async (release) => {
    const primary = await aPrimary({
      release,
      initdb: ['--data-checksums'],
      settings: { logging_collector: 'on' },
    });
    const place = await aPlaceForAStandby({ release });
    const look = async () =>
      runStandbylint(words(primary, place.dataDirectory, ['--format', 'json']), {
        on: place,
        env: { PGPASSWORD: primary.password },
      });
    const good = await look();
    expectValidReport(good.json);
    expect(good.json.steps).toEqual([expect.objectContaining({ name: 'rehearsal', outcome: 'done' })]);
    await withDamagedPage(primary);
    const bad = await look();
    expectValidReport(bad.json);
    expect({ verdict: bad.json.verdict, exitCode: bad.exitCode }).toEqual({ verdict: 'blocked', exitCode: 1 });
    const [step] = bad.json.steps ?? [];
    expect(step).toMatchObject({ name: 'rehearsal', outcome: 'failed' });
    const told = step?.details.map(({ label, value }) => `${label}: ${value}`).join('\n');
    expect(told).toContain('first error: checksum error occurred');
    expect(told).toMatch(/primary's log: WARNING: checksum verification failed in file/u);
  },
);

test.each(chosen)('PostgreSQL $major: Ctrl-C ends a rehearsal on both sides', { timeout: 60_000 }, async (release) => {
  const primary = await aPrimary({ release });
  const place = await aPlaceForAStandby({ release });
  const child = execa(process.execPath, [program, ...words(primary, place.dataDirectory, ['-r', '1M'])], {
    ...asUser(place.runAs),
    cwd: place.folder,
    env: { ...place.environment, PGPASSWORD: primary.password },
    extendEnv: false,
    reject: false,
    timeout: 50_000,
  });
  const senders = async (): Promise<string> =>
    primary.server.psql("SELECT count(*) FROM pg_stat_replication WHERE state = 'backup'");
  await until('the primary sends', async () => ((await senders()).trim() === '1' ? true : null));
  child.kill('SIGINT');
  expect((await child).exitCode).toBe(130);
  await until('the primary has ended it', async () => ((await senders()).trim() === '0' ? true : null));
});

test.each(chosen)(
  'PostgreSQL $major: after a copy that was cut, the log of the primary says why, over --admin',
  { timeout: 60_000 },
  async (release) => {
    const primary = await aPrimary({ release, settings: { logging_collector: 'on' } });
    const place = await aPlaceForAStandby({ release });
    const more = ['--admin', primary.admin, '--format', 'json', '-r', '1M'];
    const clone = ['clone', ...words(primary, place.dataDirectory, more).slice(1)].filter(
      (word) => word !== '--rehearse',
    );
    const running = runStandbylint(clone, { on: place, env: { PGPASSWORD: primary.password } });
    const cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_replication WHERE state = 'backup'";
    await until('the copy was cut', async () => ((await primary.server.psql(cut)).trim() === '1' ? true : null));
    const { json } = await running;
    const copy = json.steps?.find(({ name }) => name === 'copy');
    const told = copy?.details.map(({ label, value }) => `${label}: ${value}`).join('\n');
    expect(told).toContain("primary's log: FATAL: terminating connection due to administrator command");
  },
);
