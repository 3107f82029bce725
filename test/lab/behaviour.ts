import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

import schema from '../../schemas/report.json' with { type: 'json' };
import type { Report } from '../../src/findings/report.ts';
import { runStandbylint } from './standbylint.ts';
import type { RunOptions, StandbylintResult } from './standbylint.ts';
import { until } from './until.ts';

const isReport = new Ajv2020({ strict: false }).compile(schema);

export interface Behaviour {
  /** The exit statuses that are right here; 1 or 3 when left out. */
  readonly exits?: readonly number[];
  /** Beyond this it is a hang. */
  readonly withinMs?: number;
  /** Only the first of both where the world is another one for the second run. */
  readonly formats?: readonly ['json'];
}

/**
 * Runs the program in both formats and holds it to what is true of every run, whatever the world does to it: it ends
 * in time and with one of the statuses, says what it has to say in its own form and in nothing but printable text,
 * blames nothing on itself, and leaves no process behind.
 */
export async function behaves(
  words: readonly string[],
  options: RunOptions = {},
  { exits = [1, 3], withinMs = 8_000, formats }: Behaviour = {},
): Promise<Report> {
  const [asJson, asText] = await Promise.all([
    runOnce([...words, '--format', 'json'], options),
    formats === undefined ? runOnce([...words, '--format', 'stylish'], options) : undefined,
  ]);
  for (const { stdout, stderr, exitCode, elapsedMs } of asText === undefined ? [asJson] : [asJson, asText]) {
    const all = `${stdout}\n${stderr}`;
    expect(exits, `exit status ${exitCode}: ${all}`).toContain(exitCode);
    expect(elapsedMs, all).toBeLessThan(withinMs);
    expect(all).not.toMatch(/^\s+at .+:\d+:\d+\)?$/mu);
    expect(all).not.toMatch(/an internal error|UnhandledPromise|node:internal/u);
    expect(rawControls(all)).toEqual([]);
  }
  expect(asJson.stderr).toBe('');
  const report = asJson.json;
  expect(isReport(report), JSON.stringify(isReport.errors)).toBe(true);
  expect(report.rules.filter(({ outcome }) => outcome === 'crashed')).toEqual([]);
  if (asText !== undefined) {
    expect(asText.exitCode).toBe(asJson.exitCode);
    // the two formats tell the same; what follows from a warning is in the whole report (--full) and in JSON
    for (const { rule, causedBy } of report.findings) if (causedBy === null) expect(asText.stdout).toContain(rule);
  }
  return report;
}

async function runOnce(words: readonly string[], options: RunOptions): Promise<StandbylintResult> {
  const mark = `STANDBYLINT_TEST_MARK=${randomUUID()}`;
  const [name = '', value = ''] = mark.split('=', 2);
  const result = await runStandbylint(words, { ...options, env: { ...options.env, [name]: value } });
  // what was told to end may take a moment for it
  await until(
    `the end of ${words.join(' ')} and all its children`,
    async () => ((await processesWith(mark)).length === 0 ? true : null),
    2_000,
  ).catch(async (error: unknown) => {
    throw new Error(`left behind: ${(await processesWith(mark)).join('; ')}`, { cause: error });
  });
  return result;
}

/** The living processes that have this in their environment: children inherit it. Linux only; elsewhere none is seen. */
async function processesWith(mark: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/u.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '');
      if (!environment.split('\0').includes(mark)) return [];
      return [`${id} ${(await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')}`];
    }),
  );
  return found.flat();
}

/** Control characters that would reach a terminal: C0 but the newline, DEL, C1, and those that reverse or hide text. */
export function rawControls(text: string): readonly string[] {
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  const found = text.matchAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/gu);
  return [...found].map(({ 0: character, index }) => `${character.codePointAt(0)?.toString(16)} at ${index}`);
}

/** The rules of these groups, as `group/` prefixes, that claim to have been examined and to hold. */
export const passed = (report: Report, groups: readonly string[]): readonly string[] =>
  report.rules
    .filter(({ id, outcome }) => outcome === 'passed' && groups.some((group) => id.startsWith(`${group}/`)))
    // whether a program writes the directory this machine alone tells
    .filter(({ id }) => id !== 'platform/directory-being-written')
    .map(({ id, because }) => `${id}: ${because ?? ''}`);

export const errors = (report: Report): readonly string[] =>
  report.findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null).map(({ rule }) => rule);
