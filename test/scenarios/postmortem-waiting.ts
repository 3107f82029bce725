import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Client } from 'pg';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { aPlaceForAStandby } from '../lab/primary.ts';
import { until } from '../lab/until.ts';
import { own } from './pair-acts.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** Standbys that stream and accept no connections: what they wait for is on the primary. */
export const waitingPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'recovery/waits-for-transactions',
    name: 'more than 64 subtransactions are open while it starts',
    prepare: async (stage) => {
      await openSubtransactions(stage);
      const standby = await aPlaceForAStandby({ release: stage.release, lifetime: 'file' });
      await standby.copyFrom(stage.primary.server, { conninfo: conninfoTo(stage) });
      return startedAs(stage, standby);
    },
    fault: async ({ standby }) => {
      await logged(standby, 'consistent recovery state reached');
      await pause(2000);
    },
    cleanUp: closeSession,
  },
  {
    rule: 'recovery/backup-not-ended',
    name: 'an image that was made in backup mode',
    to: 14,
    prepare: async (stage) => {
      const { primary, release } = stage;
      await primary.server.psql("SELECT pg_start_backup('disk image', true)");
      const standby = await aPlaceForAStandby({ release, lifetime: 'file' });
      await standby.run('cp', ['-a', primary.server.dataDirectory, standby.dataDirectory]);
      for (const name of ['postmaster.pid', 'postmaster.opts'])
        await rename(join(standby.dataDirectory, name), join(standby.folder, name));
      const signal = join(standby.dataDirectory, 'standby.signal');
      await writeFile(signal, '');
      await own(standby, signal);
      await standby.listenLocally();
      await standby.configure({ primary_conninfo: conninfoTo(stage) });
      return startedAs(stage, standby);
    },
    fault: async ({ standby }) => {
      await logged(standby, 'started streaming WAL');
      await pause(1000);
    },
  },
];

const conninfoTo = ({ primary }: PairStage): string => `${primary.conninfo} password='${primary.password}'`;

/** The one that is examined; it does not open, and nobody waits for that. */
function startedAs(stage: PairStage, standby: ThrowawayServer): PairStage {
  stage.others.set('examined', standby);
  void standby.tryStart();
  return { ...stage, standby };
}

const logged = async (server: ThrowawayServer, words: string): Promise<void> => {
  await until(`the log says: ${words}`, async () => ((await server.log()).includes(words) ? true : null));
};

const sessions = new Map<ThrowawayServer, Client>();

async function openSubtransactions({ primary: { server } }: PairStage): Promise<void> {
  await server.psql('CREATE TABLE many (n int)');
  const client = new Client({
    host: server.folder,
    port: server.port,
    user: 'postgres',
    database: 'postgres',
    ssl: false,
  });
  client.on('error', () => undefined);
  sessions.set(server, client);
  await client.connect();
  await client.query('BEGIN');
  for (let number = 0; number < 70; number += 1)
    await client.query(`SAVEPOINT s${number}; INSERT INTO many VALUES (${number})`);
}

async function closeSession({ primary: { server } }: PairStage): Promise<void> {
  await sessions
    .get(server)
    ?.end()
    .catch(() => undefined);
}
