import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { literal } from '../../src/remedies/quoting.ts';
import { aStandby, untilStreaming } from '../lab/pair.ts';
import { aPrimary } from '../lab/primary.ts';
import { present } from '../present.ts';
import { until } from '../lab/until.ts';
import { own, quick, untilRefused } from './pair-acts.ts';
import { inside } from './postmortem-data-directory.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

const right = ({ primary }: PairStage): string => `${primary.conninfo} password='${primary.password}'`;

/** With the standby's own port in the place of the primary's. */
const toItself = (stage: PairStage): string =>
  right(stage).replace(`port=${stage.primary.server.port}`, `port=${stage.standby.port}`);

/** Written by ALTER SYSTEM, which postgresql.auto.conf holds; it waits for a reload. */
const set = async ({ standby }: PairStage, text: string): Promise<void> => {
  await standby.psql(`ALTER SYSTEM SET primary_conninfo = ${literal(text)}`);
};

const inForce = async (stage: PairStage, text: string): Promise<void> => {
  await set(stage, text);
  await stage.standby.reload();
};

/**
 * What is examined is made by pg_basebackup -R of the standby, whose own postgresql.conf and postgresql.auto.conf lead to
 * the root: two lines that are overridden come with the copy.
 */
async function copyOfStandby(stage: PairStage, { promoted }: { readonly promoted: boolean }): Promise<PairStage> {
  const { primary, standby } = stage;
  await inside("grep '^primary_conninfo' postgresql.auto.conf >> postgresql.conf")(stage);
  await standby.reload();
  if (promoted) await standby.psql('SELECT pg_promote()');
  const conninfo = primary.conninfo.replace(/port=\d+/u, `port=${standby.port}`);
  const source = { ...primary, server: standby, conninfo };
  const copy = await aStandby(source, quick, 'file');
  stage.others.set('copy', copy);
  return { ...stage, primary: promoted ? source : primary, standby: copy };
}

/** Each login succeeds, and the primary ends the stream in less than a second. */
const endedByOwnOptions: PostmortemScenario = {
  rule: 'streaming/breaks-repeatedly',
  name: 'wal_sender_timeout of a few milliseconds in the options of primary_conninfo',
  pair: { standby: quick },
  fault: async (stage) => {
    await inForce(stage, `${right(stage)} options='-c wal_sender_timeout=5'`);
    await until('three streams have broken', async () =>
      ((await stage.standby.log()).match(/could not receive data from WAL stream/gu) ?? []).length >= 4 ? true : null,
    );
  },
};

/** The server that was copied is down: what pg_basebackup -R wrote is right all the same. */
const whatWasCopiedIsDown = (promoted: boolean): PostmortemScenario => {
  const source = ({ others, primary }: PairStage): ThrowawayServer =>
    promoted ? primary.server : present(others.get('source'));
  return {
    rule: 'network/connection-refused',
    name: `a copy by pg_basebackup -R of a ${promoted ? 'promoted standby' : 'standby'}, which is down: the last primary_conninfo is the intended one`,
    from: 15,
    to: 15,
    ...(promoted ? { admin: null } : {}),
    prepare: async (stage) => {
      stage.others.set('source', stage.standby);
      return copyOfStandby(stage, { promoted });
    },
    fault: async (stage) => {
      await source(stage).stop();
      await untilRefused(stage.standby);
    },
    consequences: ['streaming/not-connected'],
    byHand: async (_step, stage) => source(stage).start(),
    follow: 'recovery',
    told: async ({ findings }) => {
      const overridden = findings.filter(({ rule }) => rule === 'conninfo/overridden');
      expect(overridden.map(({ severity }) => severity)).toEqual(['info']);
      const typed = findings.flatMap(({ remedy }) => remedy?.steps.filter(({ kind }) => kind === 'shell') ?? []);
      expect(typed.filter(({ paths = [] }) => paths.some((path) => path.endsWith('/postgresql.auto.conf')))).toEqual(
        [],
      );
    },
  };
};

const unset = async ({ standby }: PairStage): Promise<void> => {
  await standby.psql('ALTER SYSTEM RESET primary_conninfo');
  await standby.restart();
};

const trusting = ['host replication replicator 127.0.0.1/32 trust', 'host all all 127.0.0.1/32 trust'];

/** A primary_conninfo that does not lead to the primary. */
export const conninfoScenarios: readonly PostmortemScenario[] = [
  {
    rule: 'conninfo/missing',
    // a password would go into the password file of the user that runs the tests
    pair: { hba: trusting },
    fault: unset,
    told: async ({ findings }, { primary }) =>
      expect(findings[0]?.remedy?.summary).toContain(
        `127.0.0.1, port ${primary.server.port}, and its role "replicator"`,
      ),
  },
  {
    rule: 'conninfo/missing',
    name: 'without --admin',
    admin: null,
    fault: unset,
    byHand: async (_step, stage) => inForce(stage, right(stage)),
  },
  {
    rule: 'conninfo/missing',
    name: 'written into standby.signal, with restore_command',
    fault: async (stage) => {
      await unset(stage);
      const lines = `primary_conninfo = ${literal(right(stage))}\nrestore_command = 'false'\n`;
      await writeFile(join(stage.standby.dataDirectory, 'standby.signal'), lines);
    },
    told: async ({ findings }) =>
      expect(findings[0]?.title).toBe('primary_conninfo is in standby.signal, which the server does not read'),
  },
  {
    rule: 'conninfo/missing',
    name: 'in a file that nothing includes, of a server that is down',
    fault: async (stage) => {
      await unset(stage);
      await stage.standby.stop();
      const file = join(stage.standby.dataDirectory, 'replication.conf');
      await writeFile(file, `# of this standby\nprimary_conninfo = ${literal(right(stage))}`);
      await own(stage.standby, file);
    },
  },
  {
    rule: 'conninfo/missing',
    name: 'in a file of include_dir whose name does not end in .conf',
    fault: async (stage) => {
      await unset(stage);
      const { dataDirectory } = stage.standby;
      const file = join(dataDirectory, 'conf.d', 'replication.cnf');
      await mkdir(dirname(file));
      await writeFile(file, `primary_conninfo = ${literal(right(stage))}\n`);
      await own(stage.standby, dirname(file));
      await appendFile(join(dataDirectory, 'postgresql.conf'), "\ninclude_dir 'conf.d'\n");
    },
    told: async ({ findings }) =>
      expect(findings[0]?.title).toBe('primary_conninfo is in replication.cnf, which the server does not read'),
  },
  {
    rule: 'conninfo/malformed',
    name: 'a sign of equality is missing',
    fault: async (stage) => inForce(stage, right(stage).replace('host=', 'host ')),
    byHand: async (_step, stage) => set(stage, right(stage)),
  },
  {
    rule: 'conninfo/malformed',
    name: 'typographic quotation marks',
    fault: async (stage) => inForce(stage, right(stage).replace('user=replicator', 'user=“replicator”')),
    byHand: async (_step, stage) => set(stage, right(stage)),
  },
  {
    rule: 'conninfo/malformed',
    name: 'a number with a unit',
    fault: async (stage) => inForce(stage, `${right(stage)} keepalives_idle=30s`),
    consequences: ['streaming/not-connected'],
    told: async ({ findings }) => expect(findings[0]?.title).toBe('libpq does not accept keepalives_idle=30s'),
  },
  {
    rule: 'conninfo/malformed',
    name: 'a port that is none, of a server that is down',
    fault: async (stage) => {
      await set(stage, right(stage).replace(/port=\d+/u, 'port=543200'));
      await stage.standby.stop();
    },
  },
  {
    rule: 'conninfo/unknown-keyword',
    name: 'hots',
    fault: async (stage) => inForce(stage, right(stage).replace('host=', 'hots=')),
  },
  {
    rule: 'conninfo/unknown-keyword',
    name: 'of a server that is down',
    fault: async (stage) => {
      await set(stage, right(stage).replace('port=', 'prot='));
      await stage.standby.stop();
    },
  },
  {
    rule: 'conninfo/unknown-keyword',
    name: 'in the value that wins over a right one',
    consequences: ['conninfo/overridden'],
    fault: async (stage) => {
      await stage.standby.configure({ primary_conninfo: right(stage) });
      await inForce(stage, right(stage).replace('host=', 'hots='));
    },
  },
  {
    rule: 'conninfo/points-at-itself',
    name: 'and pg_stat_wal_receiver says streaming',
    fault: async (stage) => {
      await inForce(stage, toItself(stage));
      await stage.standby.restart();
      await untilStreaming(stage.standby);
    },
  },
  {
    rule: 'conninfo/points-at-itself',
    name: 'of a server that is down',
    fault: async (stage) => {
      await set(stage, toItself(stage));
      await stage.standby.stop();
    },
  },
  {
    rule: 'conninfo/overridden',
    name: 'an old value in postgresql.auto.conf',
    fault: async (stage) => {
      await inside("grep '^primary_conninfo' postgresql.auto.conf >> postgresql.conf")(stage);
      await set(stage, right(stage).replace(`port=${stage.primary.server.port}`, 'port=1'));
      await stage.standby.restart();
    },
  },
  {
    rule: 'conninfo/overridden',
    name: 'postgresql.auto.conf leads to another cluster',
    prepare: async (stage) => {
      const { server } = await aPrimary({ release: stage.release, lifetime: 'file' });
      stage.others.set('stranger', server);
      return stage;
    },
    fault: async (stage) => {
      await inside("grep '^primary_conninfo' postgresql.auto.conf >> postgresql.conf")(stage);
      const other = present(stage.others.get('stranger'));
      await set(stage, right(stage).replace(`port=${stage.primary.server.port}`, `port=${other.port}`));
      await stage.standby.restart();
    },
  },
  endedByOwnOptions,
  {
    rule: 'network/hostaddr-elsewhere',
    pair: { standby: quick },
    fault: async (stage) => {
      await inForce(stage, `${right(stage)} hostaddr=127.0.0.9`);
      await untilRefused(stage.standby);
    },
    consequences: ['streaming/not-connected'],
  },
  whatWasCopiedIsDown(false),
  whatWasCopiedIsDown(true),
  {
    rule: 'conninfo/no-password',
    name: 'in no file of the user that runs the server',
    fault: async (stage) => {
      const { primary, standby } = stage;
      await set(stage, `${primary.conninfo} passfile=${standby.folder}/pgpass`);
      await standby.restart();
    },
  },
  {
    rule: 'conninfo/no-password',
    name: 'who looks has one in the environment',
    asRoot: process.getuid?.() === 0,
    env: ({ primary }) => ({ PGPASSWORD: primary.password }),
    fault: async (stage) => {
      const { primary, standby } = stage;
      await set(stage, `${primary.conninfo} passfile=${standby.folder}/pgpass`);
      await standby.restart();
    },
  },
  {
    rule: 'conninfo/not-applied',
    severity: 'warning',
    fault: async (stage) => set(stage, `${right(stage)} connect_timeout=5`),
  },
  {
    rule: 'conninfo/application-name',
    name: 'commits wait for it',
    fault: async ({ primary }) => {
      await primary.server.psql("ALTER SYSTEM SET synchronous_standby_names = 'berlin'");
      await primary.server.reload();
    },
    consequences: ['primary/synchronous-commit-blocked'],
  },
  {
    rule: 'conninfo/application-name',
    name: 'no commit waits',
    severity: 'warning',
    pair: { settings: { synchronous_standby_names: 'berlin', synchronous_commit: 'local' } },
    fault: async () => undefined,
  },
];
