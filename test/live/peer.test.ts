import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { aPair } from '../lab/pair.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';

/** As Debian has it: over the Unix socket only the namesake of a role is let in. */
async function peerOnly(server: ThrowawayServer): Promise<void> {
  const lines = 'local all all peer\nlocal replication all peer\nhost replication all 127.0.0.1/32 scram-sha-256\n';
  await writeFile(join(server.dataDirectory, 'pg_hba.conf'), lines);
  await server.program('pg_ctl', ['reload', '-D', server.dataDirectory]);
}

describe.runIf(process.getuid?.() === 0)('root looks, where peer authentication lets in the namesake of a role', () =>
  onReleasesInTurn((release) => {
    test('the standby is asked as the owner of its directory, the primary as the user of the role', async () => {
      const { primary, standby } = await aPair({ release, settings: { wal_keep_size: '64MB' } });
      await standby.psql('SELECT pg_wal_replay_pause()');
      await peerOnly(primary.server);
      await peerOnly(standby);
      const words = ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin, '--format', 'json'];
      const { json } = await runStandbylint(words, { on: standby, user: null });
      const outcome = new Map(json.rules.map(({ id, outcome: is }) => [id, is]));
      expect(outcome.get('recovery/replay-paused')).toBe('failed');
      const told = json.findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule);
      expect(told).toEqual(['recovery/replay-paused']);
      expect(outcome.get('streaming/not-seen-by-primary')).toBe('passed');
      for (const server of [primary.server, standby]) expect(await server.log()).not.toContain('authentication failed');
    });
  }),
);
