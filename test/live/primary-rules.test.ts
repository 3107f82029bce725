import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { Surroundings } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/registry.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import type { BaseBackupCommand } from '../../src/facts/base-backup.ts';
import type { Report } from '../../src/facts/report.ts';
import { localHost } from '../../src/hosts/local.ts';
import { primaryRules } from '../../src/rules/primary/group.ts';
import { slotRules } from '../../src/rules/slot/group.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { onEachRelease } from '../lab/releases.ts';
import { runRemedy } from '../lab/remedy.ts';
import { aBaseBackup } from '../rules/world.ts';

/** The rules of the primary and of slots on a real server, with --admin unless it is left out. */
async function examine(
  primary: Primary,
  options: { readonly command?: Partial<BaseBackupCommand>; readonly admin?: boolean } = {},
): Promise<Report> {
  const host = localHost();
  const given = { host: undefined, port: undefined, user: undefined };
  const conninfo = `${primary.conninfo} password='${primary.password}'`;
  const [connection, admin] = await Promise.all([
    resolveConnection(host, { ...given, conninfo }, { replication: true }),
    resolveConnection(host, { ...given, conninfo: primary.admin }, { replication: false }),
  ]);
  if (!connection.ok || !admin.ok) throw new Error('the connection strings of this test do not resolve');
  const surroundings: Surroundings = {
    subject: {
      command: 'preflight',
      baseBackup: aBaseBackup({ directory: join(primary.server.folder, 'copy'), ...options.command }),
      connection: connection.connection,
      admin: options.admin === false ? undefined : admin.connection,
    },
    host,
    timeoutMs: 5000,
    signal: new AbortController().signal,
    now: () => new Date(),
  };
  const rules = [...primaryRules, ...slotRules];
  const { report } = await diagnose(rules, checks, surroundings, { version: 'test', acceptUnexamined: [] });
  return report;
}

const errors = (report: Report): readonly string[] =>
  report.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
const rootErrors = (report: Report): readonly string[] =>
  report.findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null).map(({ rule }) => rule);

/** The fault is the one root cause, it comes first, and what is printed mends it. */
async function mends(primary: Primary, rule: string, command: Partial<BaseBackupCommand> = {}): Promise<void> {
  const before = await examine(primary, { command });
  expect(rootErrors(before)).toEqual([rule]);
  const [first] = before.findings;
  if (first === undefined) throw new Error('there is no finding');
  expect(first.rule).toBe(rule);
  await runRemedy(first, { primary: primary.server });
  expect(errors(await examine(primary, { command }))).toEqual([]);
}

onEachRelease((release) => {
  test('a healthy primary has no error', { timeout: 60_000 }, async () => {
    const primary = await aPrimary({ release });
    for (const admin of [true, false]) {
      const report = await examine(primary, { admin });
      expect(errors(report)).toEqual([]);
      expect(report.rules.filter(({ outcome }) => outcome === 'crashed')).toEqual([]);
    }
  });

  test.each([
    ['primary/wal-level-minimal', { wal_level: 'minimal', max_wal_senders: '0' }],
    ['primary/no-wal-senders', { max_wal_senders: '0' }],
    ['primary/wal-senders-exhausted', { max_wal_senders: '1' }],
    ['primary/no-free-slot', { max_replication_slots: '0' }],
    ['primary/synchronous-commit-blocked', { synchronous_standby_names: 'ANY 2 (s1, s2)' }],
  ])('%s is named, and mended as printed', { timeout: 60_000 }, async (rule, settings) => {
    const primary = await aPrimary({ release });
    // the role is there by now: CREATE ROLE would wait for a synchronous standby
    await primary.server.configure(settings);
    await primary.server.restart();
    await mends(primary, rule);
  });

  test('without --admin, the refusal alone tells that no WAL sender is allowed', { timeout: 60_000 }, async () => {
    const primary = await aPrimary({ release });
    await primary.server.configure({ max_wal_senders: '0' });
    await primary.server.restart();
    expect(rootErrors(await examine(primary, { admin: false }))).toEqual(['primary/no-wal-senders']);
  });

  test('primary/pending-restart says restart, and nothing else', { timeout: 60_000 }, async () => {
    const primary = await aPrimary({ release });
    await primary.server.configure({ max_wal_senders: '0' });
    await primary.server.restart();
    await primary.server.configure({ max_wal_senders: '8' });
    const report = await examine(primary);
    expect(report.findings[0]?.remedy?.steps).toHaveLength(1);
    await mends(primary, 'primary/pending-restart');
  });

  test('primary/config-file-error', { timeout: 60_000 }, async () => {
    const primary = await aPrimary({ release });
    const file = join(primary.server.dataDirectory, 'postgresql.conf');
    // pg_file_settings stops at the first line that cannot be read, and looks at values only where there is none
    await appendFile(file, "wal_keep_size = 'many'\nfsync = 'perhaps'\n");
    await mends(primary, 'primary/config-file-error');
    await appendFile(file, 'this is no setting at all\n');
    await mends(primary, 'primary/config-file-error');
    await primary.server.restart();
  });

  test('the slot that the command names', { timeout: 60_000 }, async () => {
    const primary = await aPrimary({ release, settings: { wal_level: 'logical' } });
    await mends(primary, 'slot/missing', { slot: 'one' });
    // made by the remedy: it keeps WAL, and nobody uses it
    const again = await examine(primary, { command: { slot: 'one', createsSlot: true } });
    expect(rootErrors(again)).toEqual(['slot/exists-already']);
    await primary.server.query(`SELECT pg_create_logical_replication_slot('two', 'test_decoding')`);
    expect(rootErrors(await examine(primary, { command: { slot: 'two' } }))).toEqual(['slot/is-logical']);
    expect(rootErrors(await examine(primary, { command: { slot: 'DB-2' } }))).toEqual(['slot/invalid-name']);
    await primary.server.query(`SELECT pg_create_physical_replication_slot('three')`);
    const { findings } = await examine(primary, { command: { slot: 'three' } });
    expect(findings.map(({ rule }) => rule)).toContain('slot/no-wal-reserved');
  });
});
