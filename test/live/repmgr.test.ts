import { readFile, writeFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { aRepmgrPair, noRepmgr, repmgrPassword } from '../lab/repmgr.ts';
import type { RepmgrPair } from '../lab/repmgr.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import { turn } from '../lab/turn.ts';
import { until } from '../lab/until.ts';
import { expectValidReport } from '../report/valid-report.ts';

let pair: RepmgrPair;

/** Debian's repmgr is for one release: every other turn is enough. */
const isItsTurn = turn === 'whole' || turn % 2 === 0;

if (!isItsTurn || (noRepmgr !== undefined && process.env['CI'] !== 'true'))
  test.skip(`repmgr is not run: ${noRepmgr ?? 'it is the turn of others'}`, () => undefined);
else
  describe('a node of repmgr', { timeout: 120_000 }, () => {
    beforeAll(async () => {
      pair = await aRepmgrPair();
    }, 120_000);
    afterAll(async () => pair.end(), 60_000);

    test('that streams is clean, and is called what it is', async () => {
      const { json } = await clean();
      expect(json.subject.manager).toBe('repmgr (node db2, ID 2)');
      expect(rules(json, 'info')).not.toContain('manager/daemon-stopped');
    });

    test('without repmgrd: a note, and nothing more', async () => {
      await pair.stopDaemon('db2');
      const { json } = await clean();
      expect(rules(json, 'info')).toContain('manager/daemon-stopped');
      const [step] = json.findings.find(({ rule }) => rule === 'manager/daemon-stopped')?.remedy?.steps ?? [];
      expect(step?.text).toContain(`repmgrd -f ${pair.configuration('db2')} -d`);
      await pair.startDaemon('db2');
    });

    test('that is stopped is started, and its record is no finding beside that', async () => {
      await pair.stop('db2');
      await noticed(/^unable to connect to local node/u);
      const { json } = await postmortem();
      expect(quoted(json)).toContain('unable to connect to local node "db2" (ID: 2), marking inactive');
      await fixed(['standby/not-running']);
    });

    test('whose primary is down: repmgrd says so, too, and no more when it is back', async () => {
      await pair.stop('db1');
      // which of the two it says first is a matter of moments
      const down = /^unable to (?:connect to upstream node "db1" \(ID: 1\)$|ping )/u;
      await noticed(down);
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['network/connection-refused']);
      expect(quoted(json)).toEqual([expect.stringMatching(down)]);
      await pair.start('db1');
      await clean();
    });

    test('whose primary_conninfo leads elsewhere is pointed back by repmgr', async () => {
      await changed('db2/postgresql.auto.conf', (text) => text.replace(/port=\d+/u, 'port=1'));
      await pair.stop('db2');
      await pair.start('db2');
      await fixed(['manager/other-upstream'], [expect.stringMatching(/^repmgr -f \S+ standby follow$/u)]);
    });

    test('whose server is down besides gets its primary_conninfo from repmgr', async () => {
      await changed('db2/postgresql.auto.conf', (text) => text.replace(/port=\d+/u, 'port=1'));
      await pair.stop('db2');
      await fixed(
        ['manager/other-upstream'],
        [expect.stringContaining('pg_ctl start'), expect.stringMatching(/standby follow$/u)],
      );
    });

    test('that is refused for its password', async () => {
      await pair.psql(
        'db1',
        "ALTER ROLE repmgr PASSWORD 'another'; SELECT pg_terminate_backend(pid) FROM pg_stat_replication",
      );
      await refused();
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['role/wrong-password']);
      const steps = json.plan.steps.map(({ step }) => step).filter(({ kind }) => kind === 'sql');
      await pair.psql('db1', steps.map(({ text }) => text).join('\n'), `${repmgrPassword}\n${repmgrPassword}\n`);
      await pair.streams();
      await clean();
    });

    test('that pg_hba.conf does not let in: repmgr does not write the file', async () => {
      await changed('db1/pg_hba.conf', (text) => text.replace(/^host replication.*\n/mu, ''));
      await pair.psql('db1', 'SELECT pg_reload_conf(), pg_terminate_backend(pid) FROM pg_stat_replication');
      await refused();
      await fixed(['hba/no-replication-entry']);
    });

    test('that was promoted is rewound by repmgr, and keeps its own files', async () => {
      await pair.psql('db2', 'SELECT pg_promote()');
      await pair.psql('db2', 'CREATE TABLE only_here AS SELECT 1');
      await pair.psql('db1', 'CREATE TABLE only_there AS SELECT 1');
      await fixed(
        ['standby/already-primary'],
        [expect.stringContaining('pg_ctl stop'), expect.stringMatching(/^repmgr -f \S+ node rejoin .*--force-rewind/u)],
      );
    });

    test('whose WAL is gone is cloned by repmgr and registered anew; the old directory stays', async () => {
      await pair.stop('db2');
      await pair.psql('db1', "ALTER SYSTEM SET wal_keep_size = '0'");
      await pair.psql('db1', 'SELECT pg_reload_conf()');
      for (let count = 0; count < 4; count += 1) {
        await pair.psql('db1', 'CREATE TABLE filler AS SELECT 1; DROP TABLE filler; SELECT pg_switch_wal()');
        await pair.psql('db1', 'CHECKPOINT');
      }
      await pair.start('db2');
      await refused();
      await pair.psql('db1', 'ALTER SYSTEM RESET wal_keep_size');
      await pair.psql('db1', 'SELECT pg_reload_conf()');
      const steps = await fixed(['wal/segment-removed']);
      expect(steps.filter((text) => text.startsWith('repmgr'))).toEqual([
        expect.stringMatching(/ standby clone --fast-checkpoint$/u),
        expect.stringMatching(/ standby register --force$/u),
      ]);
      expect(await pair.typed(`ls -d ${pair.directory('db2')}.before-standby-*`)).not.toBe('');
    });

    test('that is not registered', async () => {
      await pair.stopDaemon('db2');
      await pair.typed(`repmgr -f ${pair.configuration('db2')} standby unregister`);
      const { json } = await postmortem();
      expect(json.verdict).toBe('degraded');
      expect(rules(json, 'warning')).toEqual(['manager/not-registered']);
      await typed(json);
      await pair.startDaemon('db2');
      await clean();
    });

    test('whose repmgr.conf was copied from another node', async () => {
      const file = pair.configuration('db2');
      const own = await readFile(file, 'utf8');
      const [, other] = /port=(\d+)/u.exec(await readFile(pair.configuration('db1'), 'utf8')) ?? [];
      await writeFile(file, own.replace(/port=\d+/u, `port=${other}`));
      const { json } = await postmortem();
      expect(rules(json, 'warning')).toEqual(['manager/other-server-in-configuration']);
      const [, port] = /set port=(\d+)/u.exec(json.plan.steps[0]?.step.text ?? '') ?? [];
      expect(own).toContain(`port=${port}`);
      await writeFile(file, own);
      await clean();
    });
  });

async function postmortem(): Promise<StandbylintResult> {
  const words = ['postmortem', '-D', pair.directory('db2'), '--admin', pair.admin, '--format', 'json'];
  const result = await runStandbylint(words);
  expectValidReport(result.json);
  expect(result.stdout).not.toContain(repmgrPassword);
  return result;
}

/** What the report quotes of repmgrd's own log. */
const quoted = ({ findings }: StandbylintResult['json']): readonly string[] =>
  findings.flatMap(({ evidence }) =>
    evidence.filter(({ label }) => label.startsWith('the log of repmgr says')).map(({ value }) => value),
  );

const noticed = async (words: RegExp): Promise<void> => {
  try {
    await until('repmgrd has noticed', async () =>
      quoted((await postmortem()).json).some((text) => words.test(text)) ? true : null,
    );
  } catch (error) {
    const log = await pair.typed(`tail -n 30 ${pair.directory('')}/db2.repmgrd.log`);
    const { stdout } = await postmortem();
    throw new Error(`repmgrd has not noticed. Its log:\n${log}\n${stdout}`, { cause: error });
  }
};

async function clean(): Promise<StandbylintResult> {
  await pair.streams();
  const result = await postmortem();
  expect(quoted(result.json)).toEqual([]);
  expect(result.json.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(result.json.verdict).toBe('healthy');
  return result;
}

/** The fault is named, its steps are typed as they are printed, and the node streams; they are handed back. */
async function fixed(expected: readonly string[], steps?: readonly unknown[]): Promise<readonly string[]> {
  const { json } = await postmortem();
  expect(roots(json).toSorted()).toEqual(expected.toSorted());
  const texts = json.plan.steps.map(({ step }) => step.text);
  if (steps !== undefined) expect(texts).toEqual(steps);
  await typed(json);
  await clean();
  return texts;
}

async function typed({ plan }: StandbylintResult['json']): Promise<void> {
  for (const { step } of plan.steps) {
    expect(step.kind).not.toBe('manual');
    if (step.kind === 'sql') await pair.psql(step.on === 'primary' ? 'db1' : 'db2', step.text);
    else await pair.typed(step.text);
  }
}

async function changed(name: string, change: (text: string) => string): Promise<void> {
  const file = pair.directory('').replace(/\/?$/u, `/${name}`);
  const text = await readFile(file, 'utf8');
  expect(change(text)).not.toBe(text);
  await writeFile(file, change(text));
}

const refused = (): Promise<unknown> =>
  until('nothing streams', async () =>
    (await pair.psql('db1', 'SELECT count(*) FROM pg_stat_replication')) === '0' ? true : null,
  );

const rules = ({ findings }: StandbylintResult['json'], wanted: string): readonly string[] =>
  findings.filter(({ severity }) => severity === wanted).map(({ rule }) => rule);
