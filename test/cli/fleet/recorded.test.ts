import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { FleetReport } from '../../../src/findings/fleet-report.ts';

const program = fileURLToPath(new URL('../../../dist/standbylint.js', import.meta.url));
const recorded = fileURLToPath(new URL('../../../fixtures/facts/', import.meta.url));
const count = 420;
const names = Array.from({ length: count }, (_, number) => `t${String(number).padStart(3, '0')}`);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standbylint-recorded-'));
  for (const [number, name] of names.entries()) {
    const file = join(folder, `${name}.facts`);
    // of those in one thread, and of those in the other, some are not there, and some are no facts
    if (number % 50 < 2) continue;
    if (number % 50 < 4) await writeFile(file, 'no facts');
    else await cp(join(recorded, `1-${number % 3 === 0 ? 'preflight' : 'postmortem'}.facts`), file);
  }
  // each thread that begins says so
  await writeFile(join(folder, 'says.cjs'), `require('fs').appendFileSync(__dirname + '/threads', 'x');`);
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

async function analyzed(some: readonly string[]): Promise<FleetReport> {
  const files = some.map((name) => `${name}.facts`);
  const words = ['--require', join(folder, 'says.cjs'), program, 'analyze', '--format', 'json', ...files];
  const options = { cwd: folder, maxBuffer: 2 ** 28 };
  // some cannot be read: that is no status 0
  const { stdout } = await promisify(execFile)(process.execPath, words, options).catch((error: unknown) =>
    typeof error === 'object' && error !== null && 'stdout' in error ? { stdout: String(error.stdout) } : never(error),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the program's own report
  return JSON.parse(stdout) as FleetReport;
}

function never(error: unknown): never {
  throw error;
}

test('many recordings are judged in several threads, and each as it is in one', { timeout: 120_000 }, async () => {
  const together = await analyzed(names);
  expect(await readFile(join(folder, 'threads'), 'utf8')).toHaveLength(Math.min(2, availableParallelism()));
  expect(together.targets.map(({ target }) => target)).toEqual(names);
  const third = count / 3;
  const apart = [];
  for (const from of [0, third, 2 * third]) apart.push(...(await analyzed(names.slice(from, from + third))).targets);
  expect(together.targets).toEqual(apart);
  expect(new Set(apart.map(({ outcome }) => outcome))).toEqual(new Set(['examined', 'failed']));
});

test('an interrupt ends a judging that waits for standard input', { timeout: 30_000 }, async () => {
  const words = [program, 'analyze', '--format', 'ndjson', 't004.facts', '-'];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    // the first file is judged
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  } finally {
    child.kill('SIGKILL');
  }
});
