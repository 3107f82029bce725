import type { Timelines } from '../../src/facts/standby-wal.ts';
import { unseen } from '../../src/facts/observed.ts';
import { askingForPassword } from '../../src/remedies/asked-password.ts';
import { behindPrimarySwitch } from '../../src/rules/timeline/behind-primary-switch.ts';
import { diverged } from '../../src/rules/timeline/diverged.ts';
import { strayHistoryFile } from '../../src/rules/timeline/stray-history-file.ts';
import { systemIdentifierDiffers } from '../../src/rules/timeline/system-identifier-differs.ts';
import { twoPrimaries } from '../../src/rules/timeline/two-primaries.ts';
import { testRule } from './rule-tester.ts';
import {
  anArchive,
  aCheckpoint,
  aConfiguration,
  aConninfo,
  aControlFile,
  aDataDirectory,
  aLocalWal,
  aReceiver,
  aRunningStandby,
  aStoppedDirectory,
  healthyStandby,
  standardSettings,
} from './standby-world.ts';
import {
  aPrimary,
  aRefusal,
  aSession,
  anAdminServer,
  anAttempt,
  lsn,
  someSettings,
  aSystemIdentifier,
  systemIdentifier,
} from './world.ts';
import { both, here, history, there, tli } from './timelines-world.ts';

/** It was promoted at 0/3000000, and has written half a megabyte since. */
const promoted = both(
  here(2, '0/3080000', history(2, '1\t0/3000000\tno recovery target specified'), {
    checkpointBeforeFork: { kind: 'found', location: lsn('0/2000060') },
  }),
  there(1, '0/3400000'),
);
/** The other one was promoted at 0/3000000, and this one is past that. */
const passed = (position: string, change: Partial<Timelines['local']> = {}) =>
  both(
    here(1, position, history(1), { checkpointBeforeFork: { kind: 'found', location: lsn('0/2000060') }, ...change }),
    there(2, '0/4000000', history(2, '1\t0/3000000\tno recovery target specified')),
  );
const production = aControlFile({ state: 'in production', minimumRecoveryPoint: null });
const shutDown = aControlFile({ state: 'shut down in recovery' });
const parted = {
  timelines: promoted,
  dataDirectory: aStoppedDirectory(),
  runningStandby: unseen('connection', 'no server runs'),
  controlFile: shutDown,
};
const stopped = {
  standbyControl: {
    control: { kind: 'pg_ctl' as const, dataDirectory: '/data', binDirectory: undefined },
    running: false,
  },
};
const other = aSystemIdentifier('42');

testRule(
  systemIdentifierDiffers,
  {
    fails: [
      {
        name: 'another cluster',
        facts: {
          primary: aPrimary({ systemIdentifier: other }),
          adminServer: unseen('not-asked', 'no --admin connection was given'),
        },
        severity: 'error',
        risk: 'safe',
        message: /10\.0\.0\.1:5432 \(db1\) has 42/,
        steps: [
          `In primary_conninfo, replace 10.0.0.1:5432 (db1) with a server of cluster ${systemIdentifier}, then reload the standby (SELECT pg_reload_conf()). On the right server, SELECT system_identifier FROM pg_control_system(); returns ${systemIdentifier}. Run standbylint again with --admin CONNINFO for that server, and it prints the exact change.`,
        ],
      },
      {
        name: 'the first of several hosts is one of another cluster',
        facts: {
          primary: aPrimary({ systemIdentifier: other }),
          adminServer: unseen('not-asked', 'no --admin connection was given'),
          standbyConninfo: aConninfo({
            hosts: [
              { host: 'db1', port: 5432 },
              { host: 'db2', port: 5432 },
            ],
          }),
        },
        risk: 'safe',
        steps: [
          `In primary_conninfo, remove 10.0.0.1:5432 (db1) from the list of hosts (and its port, if ports are listed), keep or add a server of cluster ${systemIdentifier}, then reload the standby (SELECT pg_reload_conf()). On the right server, SELECT system_identifier FROM pg_control_system(); returns ${systemIdentifier}. Run standbylint again with --admin CONNINFO for that server, and it prints the exact change.`,
        ],
      },
      {
        name: 'another cluster, and the directory was never a copy',
        facts: {
          primary: aPrimary({ systemIdentifier: other }),
          adminServer: unseen('not-asked', 'no --admin connection was given'),
          dataDirectory: aDataDirectory({ backupLabelOld: undefined, manifest: 'absent' }),
        },
        risk: 'destructive',
      },
      {
        name: 'a newer cluster where the standby streams from, as an entrypoint makes it in an empty volume',
        facts: {
          primary: aPrimary({ systemIdentifier: aSystemIdentifier(String(systemIdentifier + (1n << 40n))) }),
          adminServer: anAdminServer({
            systemIdentifier: aSystemIdentifier(String(systemIdentifier + (1n << 40n))),
          }),
          runningStandby: aRunningStandby({ receiver: aReceiver({ senderHost: 'db1', senderPort: 5432 }) }),
        },
        risk: 'safe',
        message: /was made by initdb at .* after the one of this standby/,
      },
      {
        name: '--admin leads to that cluster, too',
        facts: {
          primary: aPrimary({ systemIdentifier: other }),
          adminServer: anAdminServer({ systemIdentifier: other }),
        },
        risk: 'destructive',
      },
      {
        name: 'a server that refuses the login, and whose files are here',
        facts: {
          primary: unseen('connection', 'the replication login was refused'),
          adminServer: anAdminServer({ identity: { is: 'unknown' }, host: 'db2', address: '10.0.0.2' }),
          replicationLogin: {
            attempts: [anAttempt()],
            outcome: {
              accepted: false,
              decisive: aRefusal('role-missing', '28000', 'role "replicator" does not exist'),
            },
          },
          refusingServer: { systemIdentifier: other, called: 'the container shop-db' },
        },
        risk: 'safe',
        message: /^primary_conninfo points to 10\.0\.0\.1:5432 \(db1\) \(the container shop-db\), which has .* 42\./,
      },
      {
        name: '--admin has reached its own cluster elsewhere',
        facts: {
          primary: aPrimary({ systemIdentifier: other }),
          adminServer: anAdminServer({ identity: { is: 'another-cluster' }, host: 'db2', address: '10.0.0.2' }),
          replicationLogin: {
            attempts: [anAttempt()],
            outcome: { accepted: true, session: aSession({ systemIdentifier: other }) },
          },
        },
        risk: 'safe',
        message: /^primary_conninfo points to 10\.0\.0.*directory is a copy of another cluster/,
      },
      {
        name: '--admin has reached a standby of its own cluster',
        facts: {
          primary: aPrimary({ systemIdentifier: other }),
          adminServer: anAdminServer({ identity: { is: 'another-cluster' }, inRecovery: true }),
        },
        risk: 'safe',
        message: /^primary_conninfo points to 10/,
      },
    ],
    unexamined: [{ name: 'no control file', facts: { controlFile: { ok: false, absent: true } } }],
  },
  healthyStandby,
);

testRule(
  diverged,
  {
    passes: [
      { name: 'behind', facts: { timelines: both(here(1, '0/3000060'), there(1, '0/9000000')) } },
      {
        name: 'at the very switch',
        facts: { timelines: passed('0/3000000') },
        because: /left timeline 1 at 0\/3000000/,
      },
      {
        name: 'the upstream is a standby that lags',
        facts: { timelines: both(here(1, '0/5000000'), there(1, '0/4000000'), { upstreamInRecovery: true }) },
        because: /a standby, and has/,
      },
      {
        name: 'the upstream is a standby that has not followed yet',
        facts: { timelines: { ...promoted, upstreamInRecovery: true } },
      },
      {
        name: 'a copy that was never started has the state of its primary',
        facts: {
          controlFile: production,
          dataDirectory: aStoppedDirectory({ backupLabel: { text: '', label: undefined }, backupLabelOld: undefined }),
          runningStandby: unseen('connection', 'no server runs'),
        },
      },
    ],
    fails: [
      {
        name: 'promoted',
        facts: parted,
        severity: 'error',
        risk: 'destructive',
        message: /timeline 2 at 0\/3080000, which its.*exist only on the standby\. pg_rewind can/,
      },
      {
        name: 'promoted, neither checksums nor hints',
        facts: { ...parted, controlFile: aControlFile({ state: 'shut down', dataChecksumVersion: 0 }) },
        message: /pg_rewind cannot be used\. It requires.*are on: data checksums off, wal_log_hints off/,
      },
      {
        name: 'promoted, hints serve as well',
        facts: {
          ...parted,
          controlFile: aControlFile({ state: 'shut down', dataChecksumVersion: 0, walLogHints: true }),
        },
        message: /pg_rewind can/,
      },
      {
        name: 'promoted, ended without a shutdown',
        facts: { ...parted, ...stopped, controlFile: aControlFile({ state: 'in archive recovery' }) },
        message: /pg_rewind can/,
        risk: 'destructive',
      },
      {
        name: 'promoted, full_page_writes off here',
        facts: {
          ...parted,
          controlFile: aControlFile({ state: 'shut down', checkpoint: aCheckpoint({ fullPageWrites: false }) }),
        },
        message: /cannot be used\. It requires that full_page_writes is on:/,
      },
      {
        name: 'promoted, full_page_writes off there',
        facts: { ...parted, primarySettings: someSettings({ full_page_writes: 'off' }) },
        message: /cannot be used\. It requires that full_page_writes is on on the primary:/,
      },
      {
        name: 'promoted, the WAL before is gone',
        facts: {
          ...parted,
          timelines: {
            ...promoted,
            local: { ...promoted.local, checkpointBeforeFork: { kind: 'missing', segment: lsn('0/2000000') } },
          },
        },
        message: /000000010000000000000002 is no longer in pg_wal, and restore_command/,
      },
      {
        name: 'the other one is a standby of 13',
        facts: { ...parted, timelines: passed('0/3000060'), primary: aPrimary({ major: 13, inRecovery: true }) },
        message: /only on the standby\. pg_rewind cannot.*as source only in 14 and later/,
      },
      {
        name: 'past the switch, up to 15 a checkpoint first',
        facts: { ...parted, timelines: passed('0/3000060') },
        message: /left that timeline at 0\/3000000 and.*96 bytes of WAL exist only on/,
        steps: [
          'CHECKPOINT;',
          '/usr/lib/postgresql/15/bin/pg_ctl stop -D /var/lib/postgresql/15/standby -w -m fast',
          'mkdir -p -m 0700 /var/lib/postgresql/15/standby.own-files && tar -C /var/lib/postgresql/15/standby -cf - postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf | tar -C /var/lib/postgresql/15/standby.own-files -xpf -',
          askingForPassword(
            `PGPASSWORD="$password" /usr/lib/postgresql/15/bin/pg_rewind --target-pgdata=/var/lib/postgresql/15/standby --source-server='host=10.0.0.1 port=5432 user=postgres dbname=postgres' --progress`,
          ),
          'tar -C /var/lib/postgresql/15/standby.own-files -cf - postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf | tar -C /var/lib/postgresql/15/standby -xpf -',
          'touch /var/lib/postgresql/15/standby/standby.signal',
          '/usr/lib/postgresql/15/bin/pg_ctl start -D /var/lib/postgresql/15/standby -w -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
      {
        name: 'ahead on the same timeline',
        facts: { timelines: both(here(1, '0/5000000'), there(1, '0/4000000')) },
        message: /at 0\/5000000, but its primary is.*would report that no rewind is required/,
      },
      {
        name: 'other records on the same timeline',
        facts: {
          timelines: both(
            here(1, '0/3000060', history(1), {
              checkpoint: { location: lsn('0/2000060'), inLocalWal: true, inUpstreamWal: false },
            }),
            there(1, '0/9000000'),
          ),
        },
        message: /both wrote to this timeline/,
      },
      {
        name: 'pg_resetwal put its own checkpoint there',
        facts: {
          timelines: both(here(1, '0/50000A0'), there(1, '0/4000000')),
          controlFile: aControlFile({
            state: 'shut down',
            walLevel: 'minimal',
            checkpoint: aCheckpoint({ location: lsn('0/5000028'), redo: lsn('0/5000028') }),
          }),
        },
        message: /pg_resetwal has put a checkpoint of its own at 0\/\d+/,
      },
      {
        name: 'its own checkpoint was overwritten by what it streamed',
        facts: {
          timelines: both(
            here(1, '0/3000060', history(1), {
              checkpoint: { location: lsn('0/2000060'), inLocalWal: false, inUpstreamWal: undefined },
            }),
            there(1, '0/9000000'),
          ),
        },
        message: /both wrote to this timeline/,
      },
      {
        name: 'it ran as a primary on the same timeline',
        facts: {
          timelines: both(here(1, '0/3000060'), there(1, '0/9000000')),
          controlFile: production,
          runningStandby: unseen('connection', 'no server runs'),
        },
        message: /ran as a primary and/,
      },
      {
        name: 'no timeline in common',
        facts: {
          ...parted,
          timelines: both(here(3, '0/3000060', history(3)), there(2, '0/4000000', history(2, '1\t0/3000000\tno'))),
        },
        message: /share no timeline/,
      },
    ],
    notApplicable: [{ name: 'another cluster', facts: { timelines: { ...promoted, sameSystem: false } } }],
    unexamined: [
      {
        name: 'the history of the new primary is not to be had',
        facts: { timelines: both(here(1, '0/3000060'), there(2, '0/4000000', history(2), true)) },
        because: /TIMELINE_HISTORY/,
      },
    ],
  },
  healthyStandby,
);

testRule(
  behindPrimarySwitch,
  {
    fails: [
      {
        name: 'it can follow',
        facts: { timelines: passed('0/2F00000') },
        severity: 'warning',
        message: /it can follow/,
      },
      {
        name: 'it is down',
        facts: { timelines: passed('0/2F00001'), ...stopped },
        severity: 'warning',
        risk: 'safe',
        steps: ['pg_ctl start -D /data -w -l /data/server.log'],
      },
      {
        name: 'it may not',
        facts: {
          timelines: passed('0/2F00000'),
          standbyConfiguration: aConfiguration([
            ...standardSettings,
            ['recovery_target_timeline', 'current', '/var/lib/postgresql/15/standby/postgresql.conf', 70],
          ]),
        },
        severity: 'error',
        risk: 'disruptive',
        message: /recovery_target_timeline is current\. It stays on timeline 1/,
      },
    ],
    notApplicable: [{ name: 'past it', facts: { timelines: passed('0/3000060') } }],
    unexamined: [
      {
        name: 'the history is not to be had',
        facts: { timelines: both(here(1, '0/3000060'), there(2, '0/4000000', history(2), true)) },
      },
    ],
  },
  healthyStandby,
);

testRule(
  twoPrimaries,
  {
    passes: [
      {
        name: 'the other one is a standby',
        facts: {
          runningStandby: aRunningStandby({ inRecovery: false }),
          timelines: { ...promoted, upstreamInRecovery: true },
        },
      },
    ],
    fails: [
      {
        name: 'both accept writes',
        facts: { runningStandby: aRunningStandby({ inRecovery: false }), timelines: promoted },
        severity: 'error',
        risk: 'disruptive',
        message: /timeline 2, 0\/3080000.*timeline 1, 0\/3400000.*both accept writes/,
      },
      {
        name: 'the server lets nobody in, its control file tells',
        facts: {
          runningStandby: unseen('permission', 'no login'),
          dataDirectory: aDataDirectory({
            signals: { standby: false, recovery: false, misnamed: [], recoveryConf: undefined },
          }),
          controlFile: production,
          timelines: promoted,
        },
        message: /both accept writes/,
      },
      {
        name: 'its upstream was promoted beside the primary of --admin',
        facts: {
          adminServer: anAdminServer({ identity: { is: 'another-server', which: 'a primary' } }),
          timelines: promoted,
        },
        severity: 'warning',
        message: /both belong to the same cluster, and both accept writes/,
      },
    ],
    notApplicable: [
      { name: 'it is down', facts: { dataDirectory: aStoppedDirectory(), controlFile: production } },
      { name: 'two clusters', facts: { timelines: { ...promoted, sameSystem: false } } },
      {
        name: 'it is one and the same',
        facts: {
          runningStandby: aRunningStandby({ inRecovery: false }),
          primary: aPrimary({ sameMachine: true, postmaster: 4242, port: 5433 }),
        },
        because: /to this server itself/,
      },
    ],
    unexamined: [
      {
        name: 'the server lets nobody in, and has standby.signal and the state of a primary',
        facts: { runningStandby: unseen('permission', 'no login'), controlFile: production, timelines: promoted },
      },
      {
        name: 'what the other one is was not seen',
        facts: {
          runningStandby: aRunningStandby({ inRecovery: false }),
          timelines: { ...promoted, upstreamInRecovery: undefined },
        },
      },
    ],
  },
  healthyStandby,
);

const stray = { timeline: tli(2), history: history(2, '1\t0/3000000\tno recovery target specified') };
const archive = anArchive({ segments: [], histories: [stray] });
const silent = aRunningStandby({ receiver: undefined });

testRule(
  strayHistoryFile,
  {
    passes: [
      { name: 'the archive has none', facts: { archive: { ...archive, histories: [] } }, because: /\/archive/ },
      {
        name: 'the file is of the timeline that the primary is on',
        facts: { archive, timelines: both(here(2, '0/3080000', stray.history), there(2, '0/3080000', stray.history)) },
      },
      {
        name: 'an empty one of timeline 1, which no server reads',
        facts: { localWal: aLocalWal({ histories: [{ timeline: tli(1), history: undefined, damaged: true }] }) },
      },
      {
        name: 'an empty one of its own timeline',
        facts: {
          timelines: both(here(2, '0/3080000', stray.history), there(2, '0/3080000', stray.history)),
          localWal: aLocalWal({ histories: [{ timeline: tli(2), history: history(2), damaged: true }] }),
        },
      },
      {
        name: 'its own, after it was promoted',
        facts: { timelines: promoted, localWal: aLocalWal({ histories: [stray] }), controlFile: production },
      },
    ],
    fails: [
      {
        name: 'in the archive',
        facts: { archive, runningStandby: silent },
        severity: 'error',
        risk: 'disruptive',
        message: /\/archive\/00000002\.history exists, but the primary is on timeline 1:/,
        steps: [
          'mv /archive/00000002.history /archive/00000002.history.before-2026-11-21T200000',
          '/usr/lib/postgresql/15/bin/pg_ctl restart -D /var/lib/postgresql/15/standby -w -m fast -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
      { name: 'it streams still', facts: { archive }, severity: 'warning', risk: 'safe' },
      {
        name: 'and in pg_wal',
        facts: { archive, localWal: aLocalWal({ histories: [stray] }), runningStandby: silent },
        message:
          /\/archive\/00000002\.history and \/var\/lib\/postgresql\/15\/standby\/pg_wal\/00000002\.history exist, but/,
      },
      {
        name: 'one that no server reads, and the primary has it',
        facts: {
          localWal: aLocalWal({ histories: [{ timeline: tli(2), history: undefined, damaged: true }] }),
          timelines: both(here(1, '0/3000000'), there(2, '0/3080000', stray.history)),
          runningStandby: unseen('connection', 'no server runs'),
          dataDirectory: aStoppedDirectory(),
        },
        risk: 'safe',
        message: /00000002\.history does not name the timelines before its own/,
        steps: [
          'mv /var/lib/postgresql/15/standby/pg_wal/00000002.history /var/lib/postgresql/15/standby/pg_wal/00000002.history.before-2026-11-21T200000',
          '/usr/lib/postgresql/15/bin/pg_ctl restart -D /var/lib/postgresql/15/standby -w -m fast -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
    ],
    notApplicable: [
      { name: 'a cascade', facts: { archive, timelines: { ...promoted, upstreamInRecovery: true } } },
      {
        name: 'it does not look for the latest',
        facts: {
          archive,
          runningStandby: unseen('connection', 'no server runs'),
          standbyConfiguration: aConfiguration([
            ...standardSettings,
            ['recovery_target_timeline', 'current', '/var/lib/postgresql/15/standby/postgresql.conf', 70],
          ]),
        },
      },
      { name: 'another cluster', facts: { archive, timelines: { ...promoted, sameSystem: false } } },
    ],
  },
  healthyStandby,
);
