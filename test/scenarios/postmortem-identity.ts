import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { aStandby, untilStreaming } from '../lab/pair.ts';
import { aPrimary } from '../lab/primary.ts';
import { until } from '../lab/until.ts';
import { changeConninfo, reconnectWith } from './pair-acts.ts';
import type { HealthyPair, PairStage, PostmortemScenario } from './postmortem.ts';

/** A cluster of its own, in which the same role logs in with the same password. */
async function stranger(stage: PairStage): Promise<ThrowawayServer> {
  const { server } = await aPrimary({ release: stage.release, lifetime: 'file' });
  stage.others.set('stranger', server);
  return server;
}

/** A standby of the standby is what is examined; --admin stays that of the root. */
async function leafOf(stage: PairStage, options: Parameters<typeof aStandby>[1] = {}): Promise<PairStage> {
  const { primary, standby } = stage;
  const conninfo = primary.conninfo.replace(/port=\d+/u, `port=${standby.port}`);
  await standby.psql("ALTER SYSTEM SET wal_keep_size = '64MB'");
  await standby.reload();
  const leaf = await aStandby({ ...primary, server: standby, conninfo }, options, 'file');
  stage.others.set('leaf', leaf).set('middle', standby);
  return { ...stage, standby: leaf };
}

const socketOf = ({ folder, port }: ThrowawayServer): string =>
  `host=${folder} port=${port} user=postgres dbname=postgres`;

/** The middle of the cascade follows its own leaf. */
async function followLeaf(stage: PairStage): Promise<void> {
  const middle = stage.others.get('middle');
  if (middle === undefined) throw new Error('There is no cascade.');
  await reconnectWith({ ...stage, standby: middle }, (text) => text.replace(/port=\d+/u, `port=${stage.standby.port}`));
  await until('the middle follows its leaf', async () => {
    const [row] = await middle.query("SELECT sender_port AS port FROM pg_stat_wal_receiver WHERE status = 'streaming'");
    return Number(row?.['port']) === stage.standby.port ? true : null;
  });
}

const slotsOf = async (server: ThrowawayServer): Promise<readonly unknown[]> =>
  server.query('SELECT slot_name FROM pg_replication_slots');

/** primary_conninfo leads to a server that --admin does not look into. */
export const identityPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'timeline/system-identifier-differs',
    name: 'primary_conninfo leads to another cluster, --admin to its own: no slot is made there, and no new copy',
    pair: { standby: { slot: 'standby1' } },
    prepare: async (stage) => {
      await stranger(stage);
      return stage;
    },
    fault: async (stage) => {
      const { server } = stage.primary;
      const other = stage.others.get('stranger')?.port ?? 1;
      await changeConninfo(stage, (text) => text.replace(`port=${server.port}`, `port=${other}`));
    },
    way: 'mend',
    consequences: ['streaming/not-connected'],
    told: async ({ findings }, stage) => {
      expect(findings.map(({ rule }) => rule)).not.toContain('slot/missing');
      expect(findings[0]?.title).toBe('primary_conninfo points to a server of another cluster');
      expect(await slotsOf(stage.others.get('stranger') ?? stage.standby)).toEqual([]);
    },
  },
  {
    rule: 'timeline/system-identifier-differs',
    name: 'primary_conninfo leads to another cluster, which refuses the login before it tells who it is',
    prepare: async (stage) => {
      const server = await stranger(stage);
      await server.writeHba(['local all all trust', 'host all all 127.0.0.1/32 scram-sha-256']);
      await server.reload();
      return stage;
    },
    fault: async (stage) => {
      const other = stage.others.get('stranger')?.port ?? 1;
      await changeConninfo(stage, (text) => text.replace(`port=${stage.primary.server.port}`, `port=${other}`));
    },
    way: 'mend',
    consequences: ['hba/no-replication-entry', 'streaming/not-connected'],
    told: async ({ findings }) => {
      expect(findings[0]?.title).toBe('primary_conninfo points to a server of another cluster');
    },
  },
  {
    rule: 'timeline/system-identifier-differs',
    name: 'primary_conninfo leads to another cluster, without --admin: a good standby is pointed home first',
    prepare: async (stage) => {
      await stranger(stage);
      return stage;
    },
    admin: null,
    fault: async (stage) => {
      const other = stage.others.get('stranger')?.port ?? 1;
      await changeConninfo(stage, (text) => text.replace(`port=${stage.primary.server.port}`, `port=${other}`));
    },
    way: 'mend',
    told: async ({ plan }) => {
      expect(plan.steps.map(({ step }) => step.does)).toEqual(['by-hand']);
      expect(plan.alternatives.map(({ risk }) => risk)).toEqual(['destructive']);
    },
    byHand: async (_step, stage) => {
      const other = stage.others.get('stranger')?.port ?? 1;
      await changeConninfo(stage, (text) => text.replace(`port=${other}`, `port=${stage.primary.server.port}`), false);
    },
  },
  {
    rule: 'streaming/upstream-receives-nothing',
    name: 'two standbys follow each other, and --admin is the primary',
    prepare: leafOf,
    fault: async (stage) => {
      await followLeaf(stage);
      await stage.primary.server.psql('CREATE TABLE later AS SELECT generate_series(1, 1000) AS n');
    },
    consequences: ['primary/is-standby'],
    told: async ({ findings }) => expect(findings[0]?.message).toMatch(/The primary is \d+ kB ahead/u),
  },
  {
    rule: 'streaming/upstream-receives-nothing',
    name: 'two standbys follow each other, and --admin is the other one',
    prepare: leafOf,
    admin: ({ others, standby }) => socketOf(others.get('middle') ?? standby),
    fault: followLeaf,
    told: async ({ findings }) => expect(findings[0]?.title).toMatch(/follow each other$/u),
    byHand: async (_step, stage) =>
      reconnectWith(stage, (text) => text.replace(/port=\d+/u, `port=${stage.primary.server.port}`)),
  },
  {
    rule: 'streaming/upstream-receives-nothing',
    name: 'the primary above its upstream is down, and nobody can look into it',
    prepare: leafOf,
    admin: ({ others, standby }) => socketOf(others.get('middle') ?? standby),
    fault: async ({ primary, others }) => {
      await primary.server.stop();
      await until('the upstream has no receiver', async () =>
        (await others.get('middle')?.query('SELECT 1 FROM pg_stat_wal_receiver'))?.length === 0 ? true : null,
      );
    },
    byHand: async (_step, { primary, others }) => {
      await primary.server.start();
      const middle = others.get('middle');
      if (middle !== undefined) await untilStreaming(middle);
    },
  },
  {
    rule: 'network/login-not-possible',
    name: 'target_session_attrs=read-write, and the upstream is a standby; --admin is the root',
    prepare: async (stage) => leafOf(stage),
    fault: async (stage) => changeConninfo(stage, (text) => `${text} target_session_attrs=read-write`),
    consequences: ['streaming/not-connected'],
    told: async ({ findings }) => {
      expect(
        findings.filter(({ rule, severity }) => severity !== 'info' && /^(?:slot|hba|primary)\//u.test(rule)),
      ).toEqual([]);
    },
  },
];

export const identityHealthyPairs: readonly HealthyPair[] = [
  {
    name: 'a cascade, from its end, and --admin is the root',
    prepare: async (stage) => leafOf(stage),
  },
  {
    name: 'a cascade through a slot of its middle, and --admin is the root',
    prepare: async (stage) => {
      const examined = await leafOf(stage, { slot: 'leaf1' });
      expect(await slotsOf(stage.primary.server)).toEqual([]);
      return examined;
    },
  },
  {
    name: '--admin leads to the examined standby itself',
    admin: ({ standby }) => `host=${standby.folder} port=${standby.port} user=postgres dbname=postgres`,
  },
  {
    name: '--admin leads to another standby of the primary',
    prepare: async (stage) => {
      stage.others.set('second', await aStandby(stage.primary, { applicationName: 'second' }, 'file'));
    },
    admin: ({ others, standby }) => {
      const { folder, port } = others.get('second') ?? standby;
      return `host=${folder} port=${port} user=postgres dbname=postgres`;
    },
  },
];
