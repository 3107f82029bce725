import { rm } from 'node:fs/promises';

import { beforeAll, describe, expect, test } from 'vitest';

import { until } from '../lab/until.ts';
import { aRestoredPair, noPgBackRest } from '../lab/pgbackrest.ts';
import type { RestoredPair } from '../lab/pgbackrest.ts';
import { rowArrives, untilStreaming } from '../lab/pair.ts';
import { releases } from '../lab/releases.ts';
import { runStep } from '../lab/remedy.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import { itsReleaseNow, turn } from '../lab/turn.ts';
import { expectValidReport } from '../report/valid-report.ts';

/** Debian's pgBackRest knows releases up to 15. */
const major = turn === 'whole' ? 15 : itsReleaseNow([15, 13], 1, turn);
const release = releases.find((one) => one.major === major);
/** On one of the two the repository is encrypted. */
const cipher = major === 13 ? 'Of-the-repository-7' : undefined;
let pair: RestoredPair;

if (release === undefined || (noPgBackRest !== undefined && process.env['CI'] !== 'true'))
  test.skip(`pgBackRest is not run: ${noPgBackRest ?? 'it is the turn of others'}`, () => undefined);
else
  describe('a standby that pgBackRest restored', { timeout: 180_000 }, () => {
    beforeAll(async () => {
      pair = await aRestoredPair(release, cipher === undefined ? {} : { cipher });
    }, 180_000);

    test('streams, and nothing is found', async () => {
      await pair.restore('--type=standby');
      await pair.start();
      await healthy();
    });

    test('without --type=standby: the signal file is renamed before it becomes a primary', async () => {
      await pair.restore();
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['standby/recovery-signal-instead']);
      await typed(json);
      await healthy();
    });

    test('without --type=standby, started: it has become a primary', async () => {
      await pair.restore();
      await pair.standby.start();
      await until('it is promoted', async () =>
        (await pair.standby.psql('SELECT pg_is_in_recovery()')).trim() === 'f' ? true : null,
      );
      expect(roots((await postmortem()).json)).toEqual(['standby/already-primary']);
    });

    test('without primary_conninfo replays from the repository, and is called that', async () => {
      await pair.configure({ 'recovery-option': undefined });
      await pair.restore('--type=standby');
      await pair.configure();
      await pair.standby.start();
      const { json } = await postmortem();
      expect(json.verdict).toBe('healthy');
      expect(json.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    });

    test('whose repository is not where its configuration says', async () => {
      await behind();
      await pair.configure({ 'repo1-path': '/nowhere/repository' });
      const json = await waiting('recovery/restore-command-fails');
      expect(json.findings[0]?.title).toBe('pgBackRest does not find its repository');
      expect(json.plan.steps.map(({ step }) => step.text).join()).toContain(`set repo1-path in ${pair.configuration}`);
      await pair.configure();
      await untilStreaming(pair.standby);
      await healthy();
    });

    test.runIf(cipher !== undefined).each([
      [
        'has the passphrase of another repository',
        { 'repo1-cipher-pass': 'Of-another-one-7' },
        'is not the passphrase',
      ],
      [
        'says nothing of a cipher',
        { 'repo1-cipher-type': 'none', 'repo1-cipher-pass': undefined },
        'is encrypted, but',
      ],
    ])('whose pgbackrest.conf %s', async (_, options, told) => {
      await behind();
      await pair.configure(options);
      const json = await waiting('recovery/restore-command-fails');
      expect(json.findings[0]?.title).toBe('pgBackRest cannot decrypt its repository');
      expect(json.findings[0]?.message).toContain(told);
      expect(JSON.stringify(json)).not.toContain('Of-another-one-7');
      expect(json.plan.steps.map(({ step }) => step.text).join()).toContain(`in ${pair.configuration} as in`);
      await pair.configure();
      await untilStreaming(pair.standby);
      await healthy();
    });

    test('whose restore_command names another stanza', async () => {
      await behind();
      const file = `${pair.standby.dataDirectory}/postgresql.auto.conf`;
      await pair.standby.run('sed', ['-i', 's/--stanza=shop/--stanza=shoop/', file]);
      const json = await waiting('recovery/restore-command-fails');
      await typed(json);
      await healthy();
    });

    test('whose user may not read the repository', async () => {
      await behind();
      const closed = `${pair.repository}/archive/shop`;
      await pair.standby.run('chmod', ['0', closed]);
      const json = await waiting('recovery/restore-command-fails');
      expect(json.plan.steps.map(({ step }) => step.text).join()).toContain(closed);
      await pair.standby.run('chmod', ['750', closed]);
      await untilStreaming(pair.standby);
      await healthy();
    });

    test('whose pgbackrest.conf has the data directory of another server', async () => {
      await behind();
      await pair.configure({ 'pg1-path': '/var/lib/postgresql/elsewhere' });
      const json = await waiting('recovery/restore-command-fails');
      await typed(json);
      await healthy();
    });

    test('whose repository lacks a segment: only a new copy helps', async () => {
      await behind();
      const [directory] = (
        await pair.standby.run('sh', ['-c', `echo ${pair.repository}/archive/shop/*-1/*0`])
      ).stdout.split('\n');
      const { stdout } = await pair.standby.run('sh', [
        '-c',
        `ls ${directory} | grep -v backup | tail -n 3 | head -n 1`,
      ]);
      await pair.standby.run('mv', [`${directory}/${stdout.trim()}`, pair.standby.folder]);
      const json = await waiting('wal/segment-removed');
      expect(json.recovery?.way).toBe('new-copy');
      await pair.standby.run('mv', [`${pair.standby.folder}/${stdout.trim()}`, `${directory}/`]);
      await untilStreaming(pair.standby);
      await healthy();
    });
  });

/** Restored, stopped, and so far behind that only the repository has what it needs; then started, and not waited for. */
async function behind(): Promise<void> {
  const { primary, standby } = pair;
  if (await standby.isRunning()) await standby.stop();
  await pair.configure();
  await pair.restore('--type=standby');
  let last = '';
  for (let segment = 0; segment < 3; segment += 1) {
    await primary.server.psql('CREATE TABLE filler AS SELECT 1;\nDROP TABLE filler;');
    last = (await primary.server.psql('SELECT pg_walfile_name(pg_switch_wal())')).trim();
    await primary.server.psql('CHECKPOINT');
  }
  await until('all of it is archived', async () =>
    (await primary.server.psql(`SELECT last_archived_wal >= '${last}' FROM pg_stat_archiver`)).trim() === 't'
      ? true
      : null,
  );
  await primary.server.psql('CHECKPOINT');
}

/** Started by now, and its post-mortem, once it has this one root cause. */
async function waiting(rule: string): Promise<StandbylintResult['json']> {
  const { standby } = pair;
  await rm(standby.logFile, { force: true });
  await standby.run('pg_ctl', ['start', '-W', '-D', standby.dataDirectory, '-l', standby.logFile]);
  return until(
    rule,
    async () => {
      const { json } = await postmortem();
      if (roots(json).length === 0) return null;
      expect(roots(json)).toEqual([rule]);
      return json;
    },
    40_000,
  );
}

async function postmortem(): Promise<StandbylintResult> {
  const { standby, primary } = pair;
  const all = ['postmortem', '-D', standby.dataDirectory, '--log', standby.logFile, '--admin', primary.admin];
  const result = await runStandbylint([...all, '--format', 'json'], { on: standby });
  expectValidReport(result.json);
  expect(result.stdout).not.toContain(primary.password);
  return result;
}

async function healthy(): Promise<void> {
  await rowArrives(pair.primary.server, pair.standby);
  // streams that broke until a moment ago are told of until one has held
  const json = await until('nothing is found', async () => {
    const result = await postmortem();
    return result.json.findings.every(({ severity }) => severity === 'info') ? result.json : null;
  });
  expect(json.verdict).toBe('healthy');
}

/** As printed, and it streams. */
async function typed({ plan }: StandbylintResult['json']): Promise<void> {
  const { standby } = pair;
  for (const { step } of plan.steps) {
    const { exitCode, output } = await runStep(step, { primary: pair.primary.server, standby });
    expect({ text: step.text, output, exitCode }).toMatchObject({ exitCode: 0 });
  }
  await untilStreaming(standby);
}
