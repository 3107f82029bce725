import type { RunningCommand } from '../../src/facts/machine.ts';
import { commandHangs } from '../../src/rules/recovery/command-hangs.ts';
import { testRule } from './rule-tester.ts';
import type { Changes } from './rule-tester.ts';
import { aConninfo, healthyStandby, someProcesses } from './standby-world.ts';

const running = (change: Partial<RunningCommand>): Changes => ({
  ownProcesses: {
    ...someProcesses(),
    commands: [{ pid: 4711, of: 'startup', parent: 4244, text: 'scp backup:wal/x y', ageSeconds: 600, ...change }],
  },
});

testRule(
  commandHangs,
  {
    passes: [
      { name: 'restore_command has just begun', facts: running({ ageSeconds: 1 }) },
      { name: 'its age is not known', facts: running({ ageSeconds: undefined }) },
      { name: 'the archiver archives a segment', facts: running({ of: 'archiver', ageSeconds: 12 }) },
      { name: 'the checkpointer cleans the archive', facts: running({ of: 'checkpointer', ageSeconds: 29 }) },
    ],
    fails: [
      {
        name: 'restore_command for ten minutes, and it can stream',
        facts: running({}),
        message: /startup process \(process 4244\) waits for restore_command \(process 4711\).* for 10 min\. /,
        risk: 'disruptive',
      },
      {
        name: 'the same, and the archive is its only source',
        facts: { ...running({}), standbyConninfo: aConninfo({ text: undefined }) },
        risk: 'disruptive',
      },
      {
        name: 'restore_command for a few seconds',
        facts: running({ ageSeconds: 7 }),
        severity: 'warning',
        message: /running for 7 s/,
      },
      {
        name: 'archive_cleanup_command',
        facts: running({ of: 'checkpointer', ageSeconds: 60 }),
        severity: 'warning',
        message: /The checkpointer \(process 4244\) waits for archive_cleanup_command .* no restartpoint completes/,
        risk: 'safe',
      },
      {
        name: 'archive_command, with archive_mode = always',
        facts: running({ of: 'archiver', ageSeconds: 60 }),
        severity: 'warning',
        message: /The archiver .* waits for archive_command .*archives nothing/,
      },
    ],
  },
  healthyStandby,
);
