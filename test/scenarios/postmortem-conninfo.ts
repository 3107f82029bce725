import { literal } from '../../src/remedies/quoting.ts';
import { untilStreaming } from '../lab/pair.ts';
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

/** A primary_conninfo that does not lead to the primary. */
export const conninfoScenarios: readonly PostmortemScenario[] = [
  {
    rule: 'conninfo/missing',
    fault: async ({ standby }) => {
      await standby.psql('ALTER SYSTEM RESET primary_conninfo');
      await standby.restart();
    },
    byHand: async (_step, stage) => inForce(stage, right(stage)),
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
