import { readFile, writeFile } from 'node:fs/promises';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { aPatroniCluster, noPatroni, postmortemOfMember } from '../lab/patroni.ts';
import type { PatroniCluster } from '../lab/patroni.ts';
import { releases } from '../lab/releases.ts';
import { roots } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import { itsReleaseNow, turn } from '../lab/turn.ts';
import { until } from '../lab/until.ts';

/** Debian's Patroni knows releases up to 15. */
const major = turn === 'whole' ? 15 : itsReleaseNow([15, 13], 0, turn);
const bin = releases.find((release) => release.major === major)?.bin;
let cluster: PatroniCluster;

if (bin === undefined || (noPatroni !== undefined && process.env['CI'] !== 'true'))
  test.skip(`Patroni is not run: ${noPatroni ?? 'it is the turn of others'}`, () => undefined);
else
  describe('a member of Patroni', { timeout: 120_000 }, () => {
    beforeAll(async () => {
      cluster = await aPatroniCluster(bin);
    }, 120_000);
    afterAll(async () => cluster.end(), 60_000);

    test('that was stopped while the cluster is paused: the pause is ended, and Patroni starts it', async () => {
      const ctl = `patronictl -c ${cluster.configuration('db2')}`;
      await cluster.typed(`${ctl} pause shop --wait`);
      await until('the pause is written down', async () =>
        (await cluster.typed(`cat ${cluster.directory('db2')}/patroni.dynamic.json`))
          .replaceAll(' ', '')
          .includes('"pause":true')
          ? true
          : null,
      );
      await cluster.typed(`${bin}/pg_ctl stop -m fast -D ${cluster.directory('db2')}`);
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['standby/not-running']);
      expect(json.findings.map(({ rule }) => rule)).toContain('manager/paused');
      expect(json.plan.steps.map(({ step }) => step.text)).toEqual([
        `${ctl} resume shop`,
        `${ctl} restart shop db2 --force`,
      ]);
      await typed(json);
      await cluster.streams();
      await clean();
    });

    test('that has not copied its leader: Patroni is to do it, and says what keeps it from that', async () => {
      const directory = cluster.directory('db2');
      const replace = (from: string, to: string): Promise<string> =>
        cluster.typed(`sed -i 's/${from}/${to}/' ${cluster.configuration('db2')}`);
      await cluster.stopMember('db2');
      await cluster.typed(`mv ${directory} ${directory}.aside`);
      const stopped = await postmortem();
      expect(roots(stopped.json)).toEqual(['standby/not-a-data-directory']);
      expect(stopped.json.plan.steps.map(({ step }) => step.text)).toEqual([
        expect.stringMatching(/^Start Patroni, which starts the server/u),
      ]);
      await replace('Of-the-replicator-2', 'Of-another-role-3');
      await cluster.startMember('db2');
      await until('Patroni says that it cannot copy', async () => {
        const { json } = await postmortem();
        const [finding] = json.findings;
        return finding?.rule === 'standby/not-a-data-directory' &&
          finding.message.includes('pg_basebackup exited with code=1')
          ? true
          : null;
      });
      await replace('Of-another-role-3', 'Of-the-replicator-2');
      await cluster.stopMember('db2');
      await cluster.startMember('db2');
      await cluster.streams();
      await clean();
    });

    test('whose history has parted, with pg_rewind off: Patroni makes it anew', async () => {
      const ctl = `patronictl -c ${cluster.configuration('db2')}`;
      await cluster.typed(`${ctl} edit-config shop -s postgresql.use_pg_rewind=false --force`);
      await cluster.stopMember('db2');
      const directory = cluster.directory('db2');
      const byHand = `${bin}/pg_ctl -w -D ${directory} -l ${directory}.log`;
      await cluster.typed(`rm ${directory}/standby.signal; ${byHand} -o "-c port=1 -c listen_addresses=''" start`);
      await cluster.typed(
        `${bin}/psql -Xqh $(dirname ${directory}) -p 1 -U postgres -d postgres -c 'CREATE TABLE here AS SELECT 1; SELECT pg_switch_wal()'`,
      );
      await cluster.typed(`${byHand} -m fast stop`);
      await cluster.psql('CREATE TABLE there AS SELECT 1; CHECKPOINT; SELECT pg_switch_wal()');
      await cluster.startMember('db2');
      await until('Patroni runs its server', async () =>
        (await cluster.typed(`${ctl} list shop -f json`)).includes('"Member": "db2"') ? true : null,
      );
      const { json } = await until('the parting is seen', async () => {
        const result = await postmortem();
        return roots(result.json)[0]?.startsWith('timeline/') === true ? result : null;
      });
      expect(json.plan.risk).toBe('destructive');
      expect(json.plan.steps.map(({ step }) => step.text)).toEqual([`${ctl} reinit shop db2 --force`]);
      await typed(json);
      await cluster.streams();
      await clean();
    });

    test('whose directory is of another cluster: it is moved aside, and Patroni copies the leader', async () => {
      await cluster.stopMember('db2');
      const directory = cluster.directory('db2');
      await cluster.typed(`mv ${directory} ${directory}.kept && ${bin}/initdb -D ${directory} -U postgres --no-sync`);
      await cluster.typed(
        `cp ${directory}.kept/postgresql.auto.conf ${directory}/ && touch ${directory}/standby.signal`,
      );
      await cluster.typed(`grep -h primary_conninfo ${directory}.kept/postgresql.conf >> ${directory}/postgresql.conf`);
      // "system ID mismatch": Patroni ends
      await cluster.startMember('db2');
      const { json } = await until('Patroni has ended', async () => {
        const result = await postmortem();
        return roots(result.json).length > 0 && result.json.plan.steps.length > 1 ? result : null;
      });
      expect(roots(json)).toEqual(['timeline/system-identifier-differs']);
      expect(quoted(json)).toEqual([expect.stringContaining('system ID mismatch, node db2 belongs to')]);
      const steps = json.plan.steps.map(({ step }) => step);
      expect(steps.at(-1)?.text).toContain('Start Patroni');
      for (const { kind, text } of steps) if (kind === 'shell') await cluster.typed(text);
      await cluster.startMember('db2');
      await cluster.streams();
      await clean();
      expect(await cluster.typed(`ls -d ${directory}.before-standby-*`)).not.toBe('');
    });

    test.skipIf(process.getuid?.() !== 0)(
      'whose disk is full: it is started by Patroni when there is room',
      async () => {
        await cluster.stopMember('db2');
        const wal = `${cluster.directory('db2')}/pg_wal`;
        await cluster.typed(`mv ${wal} ${wal}.kept && mkdir -m 700 ${wal}`);
        const owner = (await cluster.typed('id -u; id -g')).split('\n');
        await execa('mount', [
          '-t',
          'tmpfs',
          '-o',
          `size=400m,mode=0700,uid=${owner[0]},gid=${owner[1]}`,
          'tmpfs',
          wal,
        ]);
        try {
          await cluster.typed(`cp -a ${wal}.kept/. ${wal}/ && head -c 500M /dev/zero > ${wal}/filler || true`);
          await cluster.startMember('db2');
          await cluster.psql('CREATE TABLE much AS SELECT repeat(i::text, 100) FROM generate_series(1, 60000) i');
          const { json } = await until('the disk is full', async () => {
            const result = await postmortem();
            return roots(result.json).includes('wal/disk-full') ? result : null;
          });
          expect(roots(json)).toEqual(['wal/disk-full']);
          const texts = json.plan.steps.map(({ step }) => step.text);
          expect(texts.join('\n')).not.toContain('pg_ctl');
          await cluster.typed(`rm ${wal}/filler`);
          for (const { step } of json.plan.steps) if (step.kind === 'shell') await cluster.typed(step.text);
          await cluster.streams();
          await clean();
        } finally {
          await cluster.stopMember('db2');
          await execa('umount', ['-l', wal]);
          await cluster.typed(`rmdir ${wal} && mv ${wal}.kept ${wal}`);
          await cluster.startMember('db2');
          await cluster.streams();
        }
      },
    );

    test('whose configuration names another store: Patroni waits for it, and patronictl would, too', async () => {
      const { useAgain, streamsAgain } = await configured(/etcd3: .*/u, 'etcd3: {host: "127.0.0.1:2"}');
      const { json } = await until('Patroni waits', async () => {
        const result = await postmortem();
        return roots(result.json).join() === 'manager/holds-start-up' ? result : null;
      });
      expect(json.plan.steps.map(({ step }) => step.text)).toEqual([
        expect.stringContaining(`Compare the address of the store in ${cluster.configuration('db2')}`),
      ]);
      await useAgain();
      await streamsAgain();
    });

    test('with the name of its leader: it is given its own, and nothing is made anew under that name', async () => {
      const { useAgain, streamsAgain } = await configured('name: db2', 'name: db1');
      const { json } = await until('the leader has a namesake', async () => {
        const result = await postmortem();
        return roots(result.json).includes('manager/configured-as-another') ? result : null;
      });
      expect(roots(json)).toEqual(['manager/configured-as-another']);
      expect(json.plan.steps.map(({ step }) => step.text).join('\n')).not.toMatch(/patronictl -c/u);
      await useAgain();
      await streamsAgain();
    });

    test('with another scope: it leads a cluster of its own, until it is given that of its primary', async () => {
      const { useAgain, streamsAgain } = await configured('scope: shop', 'scope: shop2');
      const { json } = await until('it is promoted', async () => {
        const result = await postmortem();
        return roots(result.json).includes('manager/configured-as-another') ? result : null;
      });
      expect(roots(json)).toEqual(['manager/configured-as-another']);
      expect(json.plan.steps.map(({ step }) => step.text)).toContain(
        `Stop this Patroni, set scope: shop in ${cluster.configuration('db2')}, and start Patroni again.`,
      );
      await useAgain();
      // Patroni does not always see the timeline that its server has got meanwhile: the next report says what is left
      const after = await until('it follows the leader again, or its history has parted', async () => {
        // what pg_rewind has brought is consistent with the next record, which an idle leader does not write
        await cluster.psql('CHECKPOINT');
        const next = await postmortem();
        return next.json.verdict === 'healthy' || roots(next.json).includes('timeline/diverged') ? next : null;
      });
      if (after.json.verdict !== 'healthy') await typed(after.json);
      await streamsAgain();
    });

    test('whose directory has the wrong mode: Patroni starts the server when that is right', async () => {
      const directory = cluster.directory('db2');
      await cluster.stopMember('db2');
      await cluster.typed(`chmod 0755 ${directory}`);
      await cluster.startMember('db2');
      const { json } = await until('Patroni cannot start it', async () => {
        const result = await postmortem();
        return result.json.plan.steps.some(({ step }) => step.text.includes(' restart ')) ? result : null;
      });
      expect(roots(json)).toEqual(['standby/permissions']);
      await typed(json);
      await cluster.streams();
      await clean();
    });

    test('whose configuration Patroni cannot use: neither a start nor patronictl is printed before that is right', async () => {
      const file = cluster.configuration('db2');
      const before = await readFile(file, 'utf8');
      const other = releases.find((release) => release.bin !== bin && release.major > 15);
      const right = new RegExp(`bin_dir: ${bin}$`, 'u');
      const cases: readonly (readonly [change: (text: string) => string, message: RegExp, step: RegExp])[] = [
        [(text) => text.replace('  listen: 127', '  listen 127'), /is not YAML \(line \d+, /u, /^Correct .* at line /u],
        [(text) => text.replace('  bin_dir: ', '\tbin_dir: '), /is not YAML \(line \d+, /u, /^Correct .* at line /u],
        [
          (text) => text.replace(/bin_dir: .*/u, 'bin_dir: /usr/lib/postgresql/1/bin'),
          /has no program postgres/u,
          right,
        ],
        ...(other === undefined
          ? []
          : ([
              [
                (text: string) => text.replace(/bin_dir: .*/u, `bin_dir: ${other.bin}`),
                new RegExp(`has the programs of release ${other.major}`, 'u'),
                right,
              ],
            ] as const)),
      ];
      for (const [change, message, step] of cases) {
        await cluster.stopMember('db2');
        await writeFile(file, change(before));
        await cluster.startMember('db2');
        const { json } = await postmortem();
        expect(roots(json)).toEqual(['manager/holds-start-up']);
        expect(json.findings[0]?.message).toMatch(message);
        expect(json.plan.steps.map(({ step: { text } }) => text)).toEqual([
          expect.stringMatching(step),
          expect.stringMatching(/^(?:Start|Restart) Patroni, which/u),
        ]);
      }
      await cluster.stopMember('db2');
      await writeFile(file, before);
      if (process.getuid?.() === 0) {
        await execa('chown', ['root', file]);
        const { json } = await postmortem();
        expect(roots(json)).toEqual(['manager/holds-start-up']);
        const [chown, start] = json.plan.steps.map(({ step: { text } }) => text);
        expect(chown).toMatch(/^As root: chown /u);
        expect(start).toMatch(/^Start Patroni/u);
        await execa('sh', ['-c', (chown ?? '').replace(/^As root: /u, '')]);
      }
      await cluster.startMember('db2');
      await cluster.streams();
      await clean();
    });

    test('whose configuration store is down: no member is the primary', async () => {
      await cluster.stopMember('etcd');
      const { json } = await until(
        'the leader is demoted',
        async () => {
          const result = await postmortem();
          // while the leader steps down, its standby is cut off as well
          return roots(result.json).join() === 'manager/store-silent' ? result : null;
        },
        80_000,
      );
      expect(quoted(json)).toEqual(['DCS is not accessible']);
      expect(json.plan.steps.map(({ step }) => step.text)).toEqual([
        expect.stringContaining('Start the configuration store'),
      ]);
      await cluster.startStore();
      await until('there is a leader', async () =>
        (await cluster.psql('SELECT pg_is_in_recovery()').catch(() => '')) === 'f' ? true : null,
      );
      await cluster.streams();
      // a member asks the store again with its next turn
      await until('each member has reached the store', async () => {
        await clean();
        return true;
      });
    });
  });

const postmortem = async (): Promise<StandbylintResult> => postmortemOfMember(cluster);

interface Configured {
  /** Puts the old configuration back. */
  readonly useAgain: () => Promise<void>;
  readonly streamsAgain: () => Promise<void>;
}

/** Restarts the Patroni of db2 with another configuration. */
async function configured(what: string | RegExp, becomes: string): Promise<Configured> {
  const file = cluster.configuration('db2');
  const before = await readFile(file, 'utf8');
  const use = async (text: string): Promise<void> => {
    await cluster.stopMember('db2');
    await writeFile(file, text);
    await cluster.startMember('db2');
  };
  await use(before.replace(what, becomes));
  const streamsAgain = async (): Promise<void> => {
    await cluster.streams();
    await clean();
  };
  return { useAgain: async () => use(before), streamsAgain };
}

/** What the report quotes of Patroni's own log. */
const quoted = ({ findings }: StandbylintResult['json']): readonly string[] =>
  findings.flatMap(({ evidence }) =>
    evidence.filter(({ label }) => label.startsWith('the log of Patroni says')).map(({ value }) => value),
  );

async function clean(): Promise<void> {
  const { json } = await postmortem();
  expect(json.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(quoted(json)).toEqual([]);
  expect(json.verdict).toBe('healthy');
}

async function typed({ plan }: StandbylintResult['json']): Promise<void> {
  for (const { step } of plan.steps) {
    expect(step.kind).toBe('shell');
    await cluster.typed(step.text);
  }
}
