import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { expect, onTestFinished, test } from 'vitest';

import { readBaseBackupCall } from '../../src/cli/options/base-backup-options.ts';
import { examine } from '../../src/cli/examination/examination.ts';
import { readPostmortemOptions } from '../../src/cli/options/postmortem-options.ts';
import { examineStandby } from '../../src/cli/examination/standby-examination.ts';
import type { Looked } from '../../src/diagnosis/diagnose.ts';
import type { FleetReport } from '../../src/findings/fleet-report.ts';
import type { Report } from '../../src/findings/report.ts';
import { factsFile, readFactsFile } from '../../src/recording/facts-file.ts';
import { aPair } from '../lab/pair.ts';
import type { Pair } from '../lab/pair.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import { onEachRelease } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import type { RunOptions } from '../lab/standbylint.ts';
import { everyFormat, reportOf } from '../recording/worlds.ts';
import { untilRefused } from '../scenarios/pair-acts.ts';

/** A folder that the user of the servers may write to. */
async function aFolder(): Promise<string> {
  const folder = await mkdtemp('/tmp/standbylint-facts-');
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o777);
  return folder;
}

/** One look, told at once and by way of a file: the same in every format, to the last byte. */
async function expectSameReport(looked: Looked): Promise<void> {
  const recording = { ...looked, tool: '0.1.0', machine: 'here', redacted: false };
  const read = readFactsFile(factsFile(recording));
  if (!read.ok) throw new Error(read.problem);
  expect(await everyFormat(reportOf(read.recording))).toEqual(await everyFormat(reportOf(recording)));
}

/** As a user does it: collected where the servers are, judged when none of them runs any more. Gives the root causes. */
async function rootCauses(
  words: readonly string[],
  options: RunOptions,
  stop: () => Promise<unknown>,
): Promise<readonly string[]> {
  const file = join(await aFolder(), 'a.facts');
  const collected = await runStandbylint(['collect', ...words, '-o', file], options);
  expect([collected.exitCode, collected.stderr], collected.stdout).toEqual([0, '']);
  expect(collected.stdout).toContain(`standbylint analyze ${file}`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const piped = join(await aFolder(), 'piped.facts');
  const through = await runStandbylint(['collect', ...words, '-o', '-'], {
    ...{ ...options, within: ['sh', '-c', `"$@" > ${piped}`, 'sh'] },
  });
  expect([through.exitCode, through.stdout], through.stderr).toEqual([0, '']);
  expect(readFactsFile(await readFile(piped)).ok).toBe(true);
  const hidden = join(await aFolder(), 'redacted.facts');
  const redacted = await runStandbylint(
    ['collect', ...words, '--redact', '--redact-map', `${hidden}.json`, '-o', hidden],
    options,
  );
  expect([redacted.exitCode, redacted.stderr], redacted.stdout).toEqual([0, '']);
  await stop();
  await expectRedacted(hidden, words);
  const text = await runStandbylint(['analyze', file, '--full']);
  const { json, exitCode, stderr } = await runStandbylint(['analyze', file, '--format', 'json']);
  expect([text.exitCode, text.stderr, stderr]).toEqual([exitCode, '', '']);
  expect(exitCode).toBe(json.findings.some(({ severity }) => severity === 'error') ? 1 : 0);
  expect(text.stdout).toContain(json.subject.primary);
  const { json: ofTokens } = await runStandbylint(['analyze', hidden, '--format', 'json']);
  expect(causesOf(ofTokens)).toEqual(causesOf(json));
  await expectFleet(file, hidden, json);
  return causesOf(json);
}

/** Several looks are one run; a file that is none is a target that failed, and the others are told all the same. */
async function expectFleet(file: string, hidden: string, one: Report): Promise<void> {
  const broken = join(await aFolder(), 'broken.facts');
  await writeFile(broken, 'no facts');
  const { stdout, exitCode } = await runStandbylint(['analyze', file, hidden, broken, '--format', 'json']);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the program prints
  const { targets, complete } = JSON.parse(stdout) as FleetReport;
  expect([exitCode, complete]).toEqual([2, false]);
  expect(targets.map(({ target, outcome, report }) => [target, outcome, report?.verdict])).toEqual([
    ['a', 'examined', one.verdict],
    ['redacted', 'examined', one.verdict],
    ['broken', 'failed', undefined],
  ]);
  expect(targets[0]?.report).toEqual(one);
}

const causesOf = ({ findings }: Report): readonly string[] =>
  findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null).map(({ rule }) => rule);

/** None of what is replaced is left, and the folder of this test is among it. */
async function expectRedacted(file: string, words: readonly string[]): Promise<void> {
  const text = gunzipSync(await readFile(file)).toString();
  const tokens: unknown = JSON.parse(await readFile(`${file}.json`, 'utf8'));
  const names = Object.values(tokens ?? {}).map(String);
  const [, , directory = ''] = words;
  const folder = directory.split('/').find((part) => part.startsWith('standbylint-')) ?? '';
  expect(names).toEqual(expect.arrayContaining([folder, hostname()]));
  const distinct = names.filter((name) => /[^a-z]/u.test(name) && name.length > 5);
  expect(distinct.filter((name) => text.includes(name))).toEqual([]);
}

const signal = new AbortController().signal;

const faults: readonly (readonly [rule: string, make: (pair: Pair) => Promise<void>])[] = [
  ['', async () => undefined],
  [
    'hba/no-replication-entry',
    async ({ primary, standby }) => {
      await primary.server.writeHba(['host all all 127.0.0.1/32 scram-sha-256']);
      await primary.server.reload();
      await primary.server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
      await untilRefused(standby);
    },
  ],
  [
    'role/no-replication',
    async ({ primary, standby }) => {
      await primary.server.query(`ALTER ROLE ${primary.role} NOREPLICATION`);
      await primary.server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
      await untilRefused(standby);
    },
  ],
  [
    'standby/config-file-error',
    async ({ standby }) => {
      await standby.stop();
      await writeFile(join(standby.dataDirectory, 'postgresql.conf'), 'max_connections = lots\n');
    },
  ],
];

onEachRelease(
  (release) => {
    test.each(faults)('a pair: %s', { timeout: 60_000 }, async (rule, make) => {
      const pair = await aPair({ release, settings: { wal_keep_size: '64MB' } });
      await make(pair);
      const { primary, standby } = pair;
      const words = ['-D', standby.dataDirectory, '--admin', primary.admin];
      await examineStandby(readPostmortemOptions(words), signal, {
        here: async ({ looked }) => {
          await expectSameReport(looked);
          return 0;
        },
      });
      // one of the faults has stopped the standby already
      const stop = async () => Promise.allSettled([primary.server.stop(), standby.stop()]);
      expect(await rootCauses(['postmortem', ...words], { on: standby }, stop)).toEqual(rule === '' ? [] : [rule]);
    });

    test('a preflight', { timeout: 60_000 }, async () => {
      const primary = await aPrimary({ release, role: { attributes: 'LOGIN' } });
      const { dataDirectory } = await aPlaceForAStandby({ release });
      const words = ['-D', dataDirectory, '-d', `${primary.conninfo} password='${primary.password}'`, '-R'];
      words.push('--admin', primary.admin);
      const call = readBaseBackupCall('preflight', words);
      if (call.command === undefined) throw new Error('it asks for help');
      await expectSameReport((await examine('preflight', call, signal)).looked);
      const stop = async () => primary.server.stop();
      expect(await rootCauses(['preflight', ...words], { on: primary.server }, stop)).toContain('role/no-replication');
    });
  },
  { from: 15, to: 17 },
);
