import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import { afterwards } from '../../lab/lifetime.ts';
import { untilStreaming } from '../../lab/pair.ts';
import { endedAfterwards, shared } from './stage.ts';
import { adminOf, auto, conninfoTo, postmortem, started } from './attack.ts';
import type { Attack } from './attack.ts';

/** Whose server is it: roots and slots of other servers. */
export const otherServers: readonly Attack[] = [
  {
    name: 'the slot is missing on the primary, and --admin is a primary of another cluster',
    async make(stage) {
      const standby = await stage.another();
      await auto(standby.path, { primary_slot_name: 'lost1' });
      await started(standby);
      return {
        call: postmortem(standby.path, stage.foreign.admin),
        watched: { standby, primary: stage.primary.server, foreign: stage.foreign.server },
      };
    },
  },
  {
    name: 'the slot is missing on the primary, and --admin is another standby of it',
    async make(stage) {
      const standby = await stage.another();
      await auto(standby.path, { primary_slot_name: 'lost2' });
      await started(standby);
      return {
        call: postmortem(standby.path, adminOf(stage.standby)),
        watched: { standby, primary: stage.primary.server, other: stage.standby },
      };
    },
  },
  {
    name: 'the slot is missing on the primary, and --admin is the standby itself',
    async make(stage) {
      const standby = await stage.another();
      await auto(standby.path, { primary_slot_name: 'lost3' });
      await started(standby);
      return {
        call: postmortem(standby.path, adminOf(standby)),
        watched: { standby, primary: stage.primary.server },
      };
    },
  },
  {
    name: 'primary_conninfo leads to another cluster, where the slot is missing',
    async make(stage) {
      const standby = await stage.another();
      const { port } = stage.foreign.server;
      await auto(standby.path, {
        primary_conninfo: conninfoTo(stage, `host=127.0.0.1 port=${port}`),
        primary_slot_name: 'lost4',
      });
      await started(standby);
      return {
        call: postmortem(standby.path, stage.foreign.admin),
        watched: { standby, primary: stage.primary.server, foreign: stage.foreign.server },
      };
    },
  },
  {
    name: 'the first of two hosts of primary_conninfo is another cluster',
    async make(stage) {
      const standby = await stage.another();
      const { primary, foreign } = stage;
      await auto(standby.path, {
        primary_conninfo: conninfoTo(
          stage,
          `host=127.0.0.1,127.0.0.1 port=${foreign.server.port},${primary.server.port}`,
        ),
        primary_slot_name: 'lost5',
      });
      await started(standby);
      return {
        call: postmortem(standby.path, foreign.admin),
        watched: { standby, primary: primary.server, foreign: foreign.server },
      };
    },
  },
  {
    name: 'a standby of a standby lacks its slot there, and --admin is the root of the cascade',
    async make(stage) {
      const standby = await stage.another();
      await auto(standby.path, {
        primary_conninfo: conninfoTo(stage, `host=127.0.0.1 port=${stage.standby.port}`),
        primary_slot_name: 'leaf1',
      });
      await started(standby);
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { standby, root: stage.primary.server, upstream: stage.standby },
      };
    },
  },
  {
    name: 'the slot is in use by another standby',
    async make(stage) {
      const standby = await stage.another();
      await auto(standby.path, { primary_slot_name: shared, wal_retrieve_retry_interval: '1s' });
      await started(standby);
      return {
        call: postmortem(standby.path, stage.primary.admin),
        watched: { primary: stage.primary.server, other: stage.standby },
        // a slot of its own
        mayChange: /^new primary: slot /u,
        after: async () => {
          await stage.primary.server.query(
            `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name <> '${shared}' AND active`,
          );
          await standby.stop('immediate');
          await stage.primary.server.query(
            `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name <> '${shared}'`,
          );
        },
      };
    },
  },
  {
    name: '--standby is another standby than that of -D, which is down',
    async make(stage) {
      const standby = await stage.another();
      await stage.standby.psql('SELECT pg_wal_replay_pause()');
      afterwards(async () => void (await stage.standby.psql('SELECT pg_wal_replay_resume()')));
      endedAfterwards(standby.path);
      return {
        call: postmortem(standby.path, stage.primary.admin, '--standby', adminOf(stage.standby)),
        watched: { other: stage.standby, primary: stage.primary.server },
        after: async () => {
          expect((await stage.standby.psql('SELECT pg_is_wal_replay_paused()')).trim()).toBe('t');
        },
      };
    },
  },
  {
    name: '--standby is another standby with the same port on another address',
    async make(stage) {
      const { standby: other } = stage;
      const standby = await stage.another();
      await appendFile(join(standby.path, 'postgresql.conf'), `port = ${other.port}\nlisten_addresses = '127.0.0.2'\n`);
      await auto(standby.path, { primary_slot_name: 'lost6' });
      await other.configure({ listen_addresses: '127.0.0.1' });
      await other.restart();
      await untilStreaming(other);
      await started(standby);
      await other.psql('SELECT pg_wal_replay_pause()');
      afterwards(async () => void (await other.psql('SELECT pg_wal_replay_resume()')));
      return {
        call: postmortem(standby.path, stage.primary.admin, '--standby', adminOf(other)),
        watched: { other },
        after: async () => {
          expect((await other.psql('SELECT pg_is_wal_replay_paused()')).trim()).toBe('t');
          await standby.stop('immediate');
          await stage.primary.server.query(
            `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name <> '${shared}'`,
          );
        },
      };
    },
  },
  {
    name: '-D is the data directory of the primary, which runs',
    async make({ primary }) {
      return { call: postmortem(primary.server.dataDirectory, primary.admin), watched: { primary: primary.server } };
    },
  },
];
