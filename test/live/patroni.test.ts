import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { aPatroniCluster, noPatroni, passwords, postmortemOfMember } from '../lab/patroni.ts';
import type { PatroniCluster } from '../lab/patroni.ts';
import { releases } from '../lab/releases.ts';
import { roots } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import { itsRelease, turn } from '../lab/turn.ts';
import { until } from '../lab/until.ts';

/** Debian's Patroni knows releases up to 15. */
const major = turn === 'whole' ? 15 : (itsRelease([15, 13], 0, turn) ?? 15);
const bin = releases.find((release) => release.major === major)?.bin;
let cluster: PatroniCluster;

if (bin === undefined || (noPatroni !== undefined && process.env['CI'] !== 'true'))
  test.skip(`Patroni cannot be run here: ${noPatroni ?? `PostgreSQL ${major} is not installed`}`, () => undefined);
else
  describe('a member of Patroni', { timeout: 90_000 }, () => {
    beforeAll(async () => {
      cluster = await aPatroniCluster(bin, ['db1', 'db2', 'db3']);
    }, 90_000);
    afterAll(async () => cluster.end(), 30_000);

    test('that streams has no error, and is called what it is', async () => {
      const { json } = await clean();
      expect(json.subject.manager).toBe('Patroni (cluster shop, member db2)');
    });

    test('whose Patroni is stopped is started by Patroni, and never by pg_ctl', async () => {
      await cluster.stopMember('db2');
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['standby/not-running']);
      expect(json.plan.steps.map(({ step }) => step.kind)).toEqual(['manual']);
      expect(json.plan.steps[0]?.step.text).toContain('systemctl start patroni');
      await cluster.startMember('db2');
      await cluster.streams();
    });

    test('that is refused for its password: the role is given the one that Patroni has', async () => {
      await cluster.psql(
        "ALTER ROLE replicator PASSWORD 'another'; SELECT pg_terminate_backend(pid) FROM pg_stat_replication",
      );
      await refused();
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['role/wrong-password']);
      const [first, ...others] = json.plan.steps.map(({ step }) => step);
      expect(first?.text).toContain(`postgresql.authentication.replication in ${cluster.configuration('db2')}`);
      expect(others.map(({ on, kind }) => `${kind} on ${on}`)).toEqual(['sql on primary']);
      await cluster.psql(
        others.map(({ text }) => text).join('\n'),
        `${passwords.replicator}\n${passwords.replicator}\n`,
      );
      await cluster.streams();
    });

    test('that pg_hba.conf does not let in: the entry goes to where Patroni writes the file from', async () => {
      const entry = 'host replication replicator 127.0.0.1/32 scram-sha-256';
      const without = JSON.stringify({
        postgresql: { pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 md5'] },
      });
      const ctl = `patronictl -c ${cluster.configuration('db1')}`;
      await cluster.typed(`printf '%s' '${without}' | ${ctl} edit-config shop --force --apply -`);
      await until('pg_hba.conf is written', async () =>
        (await cluster.psql('SELECT count(*) FROM pg_hba_file_rules')) === '2' ? true : null,
      );
      await cluster.psql('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
      // by hand, as the usual advice has it: Patroni takes it back
      await cluster.typed(
        `echo '${entry}' >> ${cluster.directory('db1')}/pg_hba.conf && ${ctl} restart shop db1 --force`,
      );
      await until('the entry is gone', async () =>
        (await cluster.typed(`cat ${cluster.directory('db1')}/pg_hba.conf`)).includes(entry) ? null : true,
      );
      await refused();
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['hba/no-replication-entry']);
      expect(json.plan.steps.map(({ step }) => step.kind)).toEqual(['shell']);
      for (const { step } of json.plan.steps) await cluster.typed(step.text);
      await cluster.streams();
      await clean();
    });
  });

const postmortem = async (): Promise<StandbylintResult> => postmortemOfMember(cluster);

async function clean(): Promise<StandbylintResult> {
  const result = await postmortem();
  expect(result.json.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  return result;
}

const refused = (): Promise<unknown> =>
  until('nothing streams', async () =>
    (await cluster.psql('SELECT count(*) FROM pg_stat_replication')) === '0' ? true : null,
  );
