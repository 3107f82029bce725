import { appendFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

import { aStandby, rowArrives, untilStreaming } from '../lab/pair.ts';
import type { HealthyPair } from './postmortem.ts';

/** Standbys in which nothing is wrong, however they look at first sight. */
export const healthyPairs: readonly HealthyPair[] = [
  { name: 'it streams' },
  { name: 'it streams, and nobody can look into the primary', admin: null },
  { name: 'it streams through a slot', pair: { standby: { slot: 'standby1' } } },
  {
    name: 'delayed on purpose',
    pair: { standby: { settings: { recovery_min_apply_delay: '10min' } } },
    prepare: async ({ primary }) => {
      await primary.server.psql('CREATE TABLE later AS SELECT generate_series(1, 10000) AS n');
      await pause(1500);
    },
  },
  {
    name: 'just restarted',
    prepare: async ({ primary, standby }) => {
      await standby.restart();
      await untilStreaming(standby);
      await rowArrives(primary.server, standby);
    },
  },
  {
    name: 'an idle primary',
    prepare: async () => pause(2000),
  },
  {
    name: 'errors in its log that are healed',
    prepare: async ({ primary, standby }) => {
      await primary.server.stop();
      await pause(1500);
      await primary.server.start();
      await untilStreaming(standby, 30_000);
    },
  },
  {
    name: 'primary_conninfo in postgresql.conf',
    prepare: async ({ standby }) => {
      const text = await standby.psql('SHOW primary_conninfo');
      await standby.psql('ALTER SYSTEM RESET primary_conninfo');
      await appendFile(
        `${standby.dataDirectory}/postgresql.conf`,
        `\nprimary_conninfo = '${text.trim().replaceAll("'", "''")}'\n`,
      );
      await standby.restart();
      await untilStreaming(standby);
    },
  },
  {
    name: 'a cascade, from its middle',
    prepare: async (stage) => {
      const { primary, standby } = stage;
      const conninfo = primary.conninfo.replace(/port=\d+/u, `port=${standby.port}`);
      stage.others.set('leaf', await aStandby({ ...primary, server: standby, conninfo }));
    },
  },
  {
    name: 'a synchronous standby',
    pair: { standby: { applicationName: 'sync1' } },
    prepare: async ({ primary, standby }) => {
      await primary.server.psql("ALTER SYSTEM SET synchronous_standby_names = 'sync1'");
      await primary.server.reload();
      await rowArrives(primary.server, standby);
    },
  },
];
