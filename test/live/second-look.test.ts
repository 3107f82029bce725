import { expect, test } from 'vitest';

import { literal } from '../../src/remedies/quoting.ts';
import { aPair } from '../lab/pair.ts';
import type { Pair } from '../lab/pair.ts';
import { onEachRelease } from '../lab/releases.ts';
import { runStep } from '../lab/remedy.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { turn } from '../lab/turn.ts';
import { untilRefused } from '../scenarios/pair-acts.ts';

/** The standby keeps its own interval of five seconds: a fix shows only when it tries again. */
const faults: readonly (readonly [rule: string, fault: (pair: Pair) => Promise<void>])[] = [
  [
    'hba/no-replication-entry',
    async ({ primary }) => {
      await primary.server.writeHba(['host all all 127.0.0.1/32 scram-sha-256']);
      await primary.server.reload();
    },
  ],
  [
    'role/no-replication',
    async ({ primary }) => void (await primary.server.query(`ALTER ROLE ${primary.role} NOREPLICATION`)),
  ],
  [
    'slot/missing',
    async ({ primary, standby }) => {
      // the fix makes the slot: the next time it is another one
      const [slots] = await primary.server.query('SELECT count(*) FROM pg_replication_slots');
      await standby.psql(`ALTER SYSTEM SET primary_slot_name = ${literal(`gone_${String(slots?.['count'])}`)}`);
      await standby.reload();
    },
  ],
];

onEachRelease((release) => {
  const [rule, fault] = faults[(turn === 'whole' ? 0 : turn + release.major) % faults.length] ?? [];
  test.skipIf(![15, 18].includes(release.major))(
    `after what mends ${rule} the next look says healthy, whoever takes the steps`,
    { timeout: 90_000 },
    async () => {
      if (rule === undefined || fault === undefined) return;
      const pair = await aPair({ release, settings: { wal_keep_size: '64MB' } });
      const { primary, standby } = pair;
      const run = async (...more: readonly string[]) =>
        runStandbylint(
          ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin, '--format', 'json', ...more],
          { on: standby, cwd: standby.folder },
        );
      const broken = async () => {
        await fault(pair);
        await primary.server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
        await untilRefused(standby);
      };
      await broken();
      const { json: found } = await run();
      expect([found.verdict, found.findings[0]?.rule]).toEqual(['broken', rule]);
      for (const { step } of found.plan.steps) {
        const { exitCode, output } = await runStep(step, { primary: primary.server, standby });
        expect(exitCode, output).toBe(0);
      }
      const { json: typed, stdout } = await run('--fix', '--yes');
      expect([typed.verdict, typed.applied], stdout).toEqual(['healthy', []]);

      await broken();
      const { json: fixed, stdout: said } = await run('--fix', '--yes');
      expect([fixed.verdict, fixed.applied?.every(({ outcome }) => outcome === 'done')], said).toEqual([
        'healthy',
        true,
      ]);
    },
  );
});
