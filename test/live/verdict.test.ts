import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { aPair } from '../lab/pair.ts';
import type { Pair } from '../lab/pair.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { expectValidReport } from '../report/valid-report.ts';

async function look({ primary, standby }: Pair, more: readonly string[] = []) {
  const words = ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin, '--format', 'json', ...more];
  const result = await runStandbylint(words, { on: standby });
  expectValidReport(result.json);
  return result;
}

onReleasesInTurn(
  (release) => {
    test('a standby that streams, whose replay is paused and that lets nobody ask, is not called healthy', async () => {
      const pair = await aPair({ release, settings: { wal_keep_size: '64MB' } });
      const { standby } = pair;
      await standby.psql('SELECT pg_wal_replay_pause()');
      await writeFile(join(standby.dataDirectory, 'pg_hba.conf'), 'local all all reject\nhost all all all reject\n');
      await standby.program('pg_ctl', ['reload', '-D', standby.dataDirectory]);
      const { json, exitCode } = await look(pair);
      expect(json.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
      expect(json.verdict).toBe('unknown');
      expect(exitCode).toBe(3);
      expect(json.notShown).toEqual([
        expect.stringMatching(/that it accepts connections, .*that what arrived is replayed/u),
      ]);
      const rules = 'recovery/hot-standby-off,standby/already-primary,streaming/not-connected,recovery/replay-paused';
      const accepted = await look(pair, ['--accept-unexamined', rules]);
      expect(accepted.json.acceptedUnexamined).toContain('recovery/replay-paused');
    });
  },
  { from: 15 },
);
