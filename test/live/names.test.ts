import { assert, asyncProperty, constantFrom, oneof, string } from 'fast-check';
import { Client } from 'pg';
import { beforeAll, expect, test } from 'vitest';

import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { nameAsSeen, nameAsSet } from '../../src/postgres/name-as-seen.ts';
import { aPrimary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';

const name = oneof(
  string({ unit: 'binary', maxLength: 90 }),
  string({ unit: 'grapheme-ascii', minLength: 55, maxLength: 80 }),
  string({ unit: constantFrom('é', 'x', '日', '\t', '🐘'), minLength: 20, maxLength: 70 }),
).filter((text) => !text.includes('\0'));

onReleasesInTurn((release) => {
  let server: ThrowawayServer;

  beforeAll(async () => {
    ({ server } = await aPrimary({ release, lifetime: 'file' }));
  });

  test('a name is what a WAL sender makes of it', async () => {
    await assert(
      asyncProperty(name, async (given) => {
        const client = new Client({
          host: server.folder,
          port: server.port,
          user: ThrowawayServer.superuser,
          application_name: given,
          ...{ replication: 'true' },
        });
        await client.connect();
        try {
          const shown = await client.query<{ application_name: string }>('SHOW application_name');
          expect(shown.rows[0]?.application_name).toBe(nameAsSet(given, release.major));
          const [row] = await server.query(
            "SELECT application_name AS name FROM pg_stat_activity WHERE backend_type = 'walsender'",
          );
          expect(row?.['name']).toBe(nameAsSeen(given, release.major));
        } finally {
          await client.end();
          await server.query(
            "SELECT pg_sleep(0.02) FROM generate_series(1, 50) WHERE EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'walsender')",
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});
