import { describe, expect, it } from 'vitest';

import { recoveryOf } from '../../src/diagnosis/recovery.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { link } from '../../src/diagnosis/link.ts';
import { unseen } from '../../src/facts/observed.ts';
import type { Finding, Recovery } from '../../src/findings/report.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import { timelineId } from '../../src/postgres/lsn.ts';
import { parseTimelineHistory } from '../../src/postgres/timeline-history.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { world } from '../rules/rule-tester.ts';
import type { Changes } from '../rules/rule-tester.ts';
import {
  aBackupLabel,
  aPrimaryWal,
  anArchive,
  aControlFile,
  aLocalWal,
  aRunningStandby,
  aStoppedDirectory,
  healthyStandby,
} from '../rules/standby-world.ts';
import { aPlace, aRefusal, aRefusedLogin, anAttempt, aRole, lsn, someSettings, timeline } from '../rules/world.ts';
import { bothAt, promotedHere } from '../rules/timelines-world.ts';

const rules: readonly AnyRule[] = catalogue;

/** Every rule of a post-mortem over these facts, and what it comes to. */
function recovery(changes: Changes): { readonly recovery: Recovery; readonly findings: readonly Finding[] } {
  const facts = world(changes, healthyStandby);
  const judged = rules.filter(({ commands }) => commands.includes('postmortem')).map((rule) => judge(rule, facts));
  const findings = link(judged);
  return { recovery: recoveryOf(facts, findings), findings };
}

const two = timelineId(2) ?? timeline;
const promotion = parseTimelineHistory('1\t0/3000000\tno recovery target specified', two);
const historyOfTwo = promotion.ok ? promotion.value : [];

const primaryWal = (oldest: string | undefined) =>
  aPrimaryWal(oldest, {
    remedy: oldest === undefined ? 'GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO mon;' : undefined,
  });
const archive = anArchive();
/** A cause that keeps it from its primary, and nothing else. */
const cause = {
  replicationRole: aRole({ replication: false }),
  runningStandby: aRunningStandby({ receiver: undefined }),
  replicationLogin: aRefusedLogin(
    aRefusal('role-no-replication', '42501', 'must be superuser or replication role to start walsender'),
  ),
};
const promoted = promotedHere;
const wasPromoted = {
  timelines: promoted,
  dataDirectory: aStoppedDirectory(),
  standbyControl: {
    control: { kind: 'pg_ctl' as const, dataDirectory: '/data', binDirectory: undefined },
    running: false,
  },
  runningStandby: unseen('connection', 'no server runs'),
  controlFile: aControlFile({ state: 'shut down', minimumRecoveryPoint: null }),
  localWal: aLocalWal({ histories: [{ timeline: two, history: historyOfTwo }] }),
};

const gone = unseen('connection', 'connection refused');
const primaryDown: Changes = {
  runningStandby: aRunningStandby({ receiver: undefined }),
  timelines: gone,
  primary: gone,
  primarySettings: gone,
  primaryWal: gone,
  slots: gone,
  walSenders: gone,
  replicationRole: gone,
  hbaRules: gone,
  replicationLogin: {
    attempts: [anAttempt()],
    outcome: {
      accepted: false,
      decisive: { ...anAttempt(), outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } },
    },
  },
};
const bothDown: Changes = {
  dataDirectory: aStoppedDirectory(),
  runningStandby: unseen('connection', 'no server runs'),
  standbyControl: wasPromoted.standbyControl,
  controlFile: aControlFile({ state: 'shut down in recovery' }),
};
const line = (second: number, text: string): string => `2026-11-21 20:00:0${second}.000 UTC [7] ${text}\n`;
const streamed =
  line(0, 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit') +
  line(1, 'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1');
const removed = line(
  2,
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000003 has already been removed',
);
const messages = await messageCatalogue();
function logOf(text: string): ServerLog {
  const builder = logSummary();
  for (const record of readLogText(text)) builder.add(record, recognise(messages, record, { major: 15 }));
  return { files: [{ path: '/log', readBytes: text.length, whole: true }], summary: builder.result(), problems: [] };
}

/** 16 MB in a quarter of an hour. */
const slowReplay: ServerLog = {
  ...logOf(streamed),
  summary: { ...logOf(streamed).summary, replayed: { amount: { segments: 1 }, seconds: 900 } },
};

describe('how it comes back', () => {
  it('an incremental backup is combined, and no other one is taken', () => {
    const { text, label } = aBackupLabel();
    const stopped = aStoppedDirectory();
    const part = label && { ...label, incrementalFrom: { lsn: label.start, timeline: label.timeline } };
    const { recovery: found } = recovery({
      dataDirectory: { ...stopped, backupLabel: { text, label: part } },
    });
    expect(found.way).toBe('mend');
    expect(found.because).toContain('no new base backup is needed');
    expect(found.steps.map(({ text: step }) => step).join()).toContain('pg_combinebackup');
  });

  it('mend: nothing is missing', () => {
    const { recovery: found, findings } = recovery({
      ...cause,
      timelines: bothAt('0/3000060', '0/3000100'),
      primaryWal: primaryWal('0/1000000'),
    });
    expect(found).toMatchObject({ way: 'mend', bytes: 160 });
    expect(found.because).toMatch(
      /^Nothing is lost\. The standby is \d+ bytes behind its primary \(0\/3000060 of 0\/3000100 on timeline 1\)/u,
    );
    const [root] = findings;
    expect(root?.rule).toBe('role/no-replication');
    expect(found.steps).toEqual(root?.remedy?.steps);
  });

  it('catch-up: the primary has all of it', () => {
    const { recovery: found } = recovery({
      ...cause,
      timelines: bothAt('0/3000060', '0/9000060'),
      primaryWal: primaryWal('0/1000000'),
    });
    expect(found).toMatchObject({ way: 'catch-up', bytes: 0x6_00_00_00 });
    expect(found.because).toMatch(
      /which still has that WAL: the oldest segment of the primary is 000000010000000000000001 \(pg_ls_waldir\)\./u,
    );
  });

  it('from-archive: the very segments', () => {
    const { recovery: found } = recovery({
      ...cause,
      timelines: bothAt('0/3000060', '0/9000060'),
      primaryWal: primaryWal('0/7000000'),
      archive,
    });
    expect(found).toMatchObject({ way: 'from-archive', bytes: 0x6_00_00_00 });
    expect(found.because).toContain('/archive has 000000010000000000000003 to 000000010000000000000006 (4 segments)');
  });

  it('from-archive: restore_command is what is missing', () => {
    const { recovery: found } = recovery({
      runningStandby: aRunningStandby({ receiver: undefined }),
      timelines: bothAt('0/3000060', '0/9000060'),
      primaryWal: primaryWal('0/7000000'),
      primaryArchive: archive,
    });
    expect(found.way).toBe('from-archive');
    expect(found.steps.map(({ text }) => text)).toContain(`ALTER SYSTEM SET restore_command = 'cp /archive/%f "%p"';`);
  });

  it('new-copy: nobody has it, and what it takes', () => {
    const { recovery: found } = recovery({
      runningStandby: aRunningStandby({ receiver: undefined }),
      timelines: bothAt('0/3000060', '0/9000060'),
      primaryWal: primaryWal('0/7000000'),
    });
    expect(found).toMatchObject({ way: 'new-copy', bytes: 41_000_000_000 });
    expect(found.because).toMatch(
      /no longer has 000000010000000000000003: its oldest.*the speed of the last base backup/u,
    );
    expect(found.steps.some(({ text }) => text.includes('pg_basebackup'))).toBe(true);
  });

  it('new-copy: the archive has it, and its replay would take longer', () => {
    const { recovery: found, findings } = recovery({
      runningStandby: aRunningStandby({ receiver: undefined }),
      timelines: bothAt('0/3000060', '0/9000060'),
      primaryWal: primaryWal('0/7000000'),
      primaryArchive: archive,
      serverLog: slowReplay,
    });
    expect(found.way).toBe('new-copy');
    expect(found.because).toMatch(/its archive does\. The alternatives take longer\. 38 GB/u);
    expect(found.steps).toEqual(findings[0]?.remedy?.steps);
    expect(findings[0]?.remedy?.alternatives?.[0]?.steps.map(({ text }) => text).join()).toContain('restore_command');
  });

  it('new-copy: pg_rewind can serve, and would take longer', () => {
    const { recovery: found } = recovery({ ...wasPromoted, serverLog: slowReplay });
    expect(found.way).toBe('new-copy');
    expect(found.because).toContain('pg_rewind can be used too, but takes longer.');
    expect(found.steps.some(({ text }) => text.includes('pg_basebackup'))).toBe(true);
  });

  it('new-copy: another cluster', () => {
    const { recovery: found } = recovery({ timelines: bothAt('0/3000060', '0/9000060', { sameSystem: false }) });
    expect(found.way).toBe('new-copy');
  });

  it('unknown: and what would show it', () => {
    const { recovery: found } = recovery({
      ...cause,
      timelines: bothAt('0/3000060', '0/9000060'),
      primaryWal: primaryWal(undefined),
    });
    expect(found.way).toBe('unknown');
    expect(found.steps.at(-1)).toEqual({
      on: 'primary',
      kind: 'sql',
      does: 'change-role',
      text: 'GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO mon;',
    });
  });

  it('unknown: -D names no data directory', () => {
    const none = unseen('unreadable', 'no such file');
    const { recovery: way } = recovery({
      dataDirectoryPlace: aPlace({ path: '/srv/pg' }),
      dataDirectory: none,
      controlFile: none,
      timelines: none,
    });
    expect(way).toMatchObject({ way: 'unknown', because: 'No data directory was examined.' });
  });

  it('unknown: nothing was heard of the primary', () => {
    const { recovery: found } = recovery({ timelines: gone, primary: gone, primaryWal: gone });
    expect(found.way).toBe('unknown');
    expect(found.because).toMatch(/needs next, WAL from about 0\/3000060 onward: connection refused/u);
  });

  it('mend: the primary is down, and nothing points to a gap', () => {
    const { recovery: found, findings } = recovery(primaryDown);
    expect(findings[0]?.rule).toBe('network/connection-refused');
    expect(found).toMatchObject({ way: 'mend', bytes: null, steps: findings[0]?.remedy?.steps });
    expect(found.because).toMatch(/This server runs as a standby.*standby has WAL up to at least/u);
  });

  it('unknown: the primary cannot be reached, and the standby that is down is started all the same', () => {
    const { recovery: found } = recovery({
      ...primaryDown,
      ...bothDown,
      replicationLogin: {
        attempts: [anAttempt()],
        outcome: {
          accepted: false,
          decisive: {
            ...anAttempt(),
            outcome: { kind: 'not-resolved', code: 'ENOTFOUND', message: 'name or service not known' },
          },
        },
      },
    });
    expect(found.way).toBe('unknown');
    expect(found.steps.map(({ does }) => does)).toContain('start');
  });

  it('mend: the primary is down, and the standby that followed it too', () => {
    const { recovery: found } = recovery({ ...primaryDown, ...bothDown, serverLog: logOf(streamed) });
    expect(found.way).toBe('mend');
    expect(found.because).toMatch(
      /Its log shows that it streamed \(since 2026-11-21T20:00:01\.000Z\).*start this standby/u,
    );
    expect(found.steps.at(-1)?.text).toMatch(/pg_ctl start/u);
  });

  it.each<{ readonly name: string; readonly facts: Changes; readonly because: RegExp }>([
    {
      name: 'and nothing shows that this one followed it',
      facts: bothDown,
      because: /is not known whether the primary.*from about 0\/3000000 onward: connection refused/u,
    },
    {
      name: 'and the log says that WAL was gone',
      facts: { serverLog: logOf(`${streamed}${removed}`) },
      because: /Its log says: ".*already been removed"/u,
    },
  ])('unknown: the primary is down, $name', ({ facts, because }) => {
    const { recovery: found } = recovery({ ...primaryDown, ...facts });
    expect(found.way).toBe('unknown');
    expect(found.because).toMatch(because);
  });

  it('mend: the segment that the primary writes is there, whoever may list', () => {
    const { recovery: found } = recovery({
      ...cause,
      timelines: bothAt('0/3000060', '0/3400000'),
      primaryWal: unseen('permission', 'no settings'),
    });
    expect(found).toMatchObject({ way: 'mend', bytes: 0x3f_ffa0 });
  });

  it('rewind: each condition named, and what is thrown away', () => {
    const { recovery: found } = recovery(wasPromoted);
    expect(found).toMatchObject({ way: 'rewind', bytes: 0x8_00_00 });
    expect(found.because).toMatch(
      /diverge at 0\/3000000 on timeline 1.*the standby are discarded\. All conditions of/u,
    );
    for (const condition of ['data checksums', 'full_page_writes', 'shut down', 'the checkpoint at 0/2000060'])
      expect(found.conditions?.join('\n')).toContain(condition);
    expect(found.steps.some(({ text }) => text.includes('pg_rewind'))).toBe(true);
  });

  it.each<{ readonly name: string; readonly facts: Changes; readonly because: RegExp }>([
    {
      name: 'neither checksums nor wal_log_hints',
      facts: { controlFile: aControlFile({ state: 'shut down', dataChecksumVersion: 0 }) },
      because: /data checksums off, wal_log_hints off/u,
    },
    {
      name: 'no clean shutdown, and its WAL is not whole',
      facts: {
        controlFile: aControlFile({ state: 'in archive recovery' }),
        timelines: { ...promoted, local: { ...promoted.local, positionFrom: 'pg_control' } },
      },
      because: /"in archive recovery".*its WAL ends before the point where its files are consistent/u,
    },
    {
      name: 'no clean shutdown, and recovery.signal',
      facts: {
        controlFile: aControlFile({ state: 'in archive recovery' }),
        dataDirectory: aStoppedDirectory({
          signals: { standby: false, recovery: true, misnamed: [], recoveryConf: undefined },
        }),
      },
      because: /in archive recovery" \(pg_control\), and no.*recovery\.signal, recovery ends with a promotion/u,
    },
    {
      name: 'full_page_writes off there',
      facts: { primarySettings: someSettings({ full_page_writes: 'off' }) },
      because: /full_page_writes off/u,
    },
    {
      name: 'WAL from before is gone',
      facts: {
        timelines: {
          ...promoted,
          local: { ...promoted.local, checkpointBeforeFork: { kind: 'missing', segment: lsn('0/2000000') } },
        },
      },
      because: /000000010000000000000002 is no longer in pg_wal/u,
    },
  ])('no rewind: $name', ({ facts, because }) => {
    const { recovery: found } = recovery({ ...wasPromoted, ...facts });
    expect(found.way).toBe('new-copy');
    expect(found.because).toMatch(because);
    expect(found.steps.some(({ text }) => text.includes('pg_rewind'))).toBe(false);
  });

  it('a new base backup: what two containers have written is not trusted, whatever the WAL says', () => {
    const { recovery: found } = recovery({
      standbyControl: {
        control: {
          kind: 'container',
          name: 'db2',
          engine: 'docker',
          dataDirectory: '/data',
          sharedWith: ['db3'],
        },
        running: true,
      },
    });
    expect(found).toMatchObject({ way: 'new-copy', because: expect.stringContaining('is not to be trusted') });
  });

  it('rewind: what ended without a shutdown is started once and stopped', () => {
    const { recovery: found } = recovery({
      ...wasPromoted,
      controlFile: aControlFile({ state: 'in archive recovery' }),
    });
    expect(found.way).toBe('rewind');
    expect(found.conditions?.join('\n')).toMatch(/ended without a shutdown\. It is.*not run recovery on a standby$/mu);
    expect(found.steps.slice(0, 2).map(({ text }) => text)).toEqual([
      "pg_ctl start -D /data -w -l /data/server.log -o '-c recovery_target_timeline=current'",
      'pg_ctl stop -D /data -w -m fast',
    ]);
  });

  it('no rewind: one timeline on both sides, where pg_rewind itself sees nothing to do', () => {
    const { recovery: found } = recovery({
      timelines: bothAt('0/5000000', '0/4000000'),
      runningStandby: aRunningStandby({ receiver: undefined }),
    });
    expect(found.way).toBe('new-copy');
    expect(found.because).toContain('it would report that no rewind is required');
  });
});
