import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { Surroundings } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/registry.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import type { BaseBackupCommand } from '../../src/facts/base-backup.ts';
import type { Report } from '../../src/findings/report.ts';
import { localHost } from '../../src/hosts/local.ts';
import { primaryRules } from '../../src/rules/primary/group.ts';
import { slotRules } from '../../src/rules/slot/group.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { runRemedy } from '../lab/remedy.ts';
import { aBaseBackup } from '../rules/world.ts';

/**
 * The rules of the primary and of slots on a real server, with --admin unless it is left out: what test/scenarios does not
 * play, where each of their faults is made, fixed and followed by a clone.
 */
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

/** The fault is the one root cause, it comes first, and what is printed fixes it. */
async function mends(primary: Primary, rule: string, command: Partial<BaseBackupCommand> = {}): Promise<void> {
  const before = await examine(primary, { command });
  expect(rootErrors(before)).toEqual([rule]);
  const [first] = before.findings;
  if (first === undefined) throw new Error('there is no finding');
  expect(first.rule).toBe(rule);
  await runRemedy(first, { primary: primary.server });
  expect(errors(await examine(primary, { command }))).toEqual([]);
}

onReleasesInTurn((release) => {
  test('without --admin, a healthy primary has no error', { timeout: 60_000 }, async () => {
    const report = await examine(await aPrimary({ release }), { admin: false });
    expect(errors(report)).toEqual([]);
    expect(report.rules.filter(({ outcome }) => outcome === 'crashed')).toEqual([]);
  });

  test('primary/no-free-slot where no slot is allowed at all', { timeout: 60_000 }, async () => {
    const primary = await aPrimary({ release, settings: { max_replication_slots: '0' } });
    await mends(primary, 'primary/no-free-slot');
  });

  test('without --admin, the refusal alone tells that no WAL sender is allowed', { timeout: 60_000 }, async () => {
    const primary = await aPrimary({ release });
    await primary.server.configure({ max_wal_senders: '0' });
    await primary.server.restart();
    expect(rootErrors(await examine(primary, { admin: false }))).toEqual(['primary/no-wal-senders']);
  });

  test('primary/config-file-error: values, then a line, and the server starts again', { timeout: 60_000 }, async () => {
    const primary = await aPrimary({ release });
    const file = join(primary.server.dataDirectory, 'postgresql.conf');
    // pg_file_settings stops at the first line that cannot be read, and looks at values only where there is none
    await appendFile(file, "wal_keep_size = 'many'\nfsync = 'perhaps'\n");
    await mends(primary, 'primary/config-file-error');
    await appendFile(file, 'this is no setting at all\n');
    await mends(primary, 'primary/config-file-error');
    await primary.server.restart();
  });

  test('slot/no-wal-reserved', { timeout: 60_000 }, async () => {
    const primary = await aPrimary({ release });
    await primary.server.query(`SELECT pg_create_physical_replication_slot('three')`);
    const { findings } = await examine(primary, { command: { slot: 'three' } });
    expect(findings.map(({ rule }) => rule)).toContain('slot/no-wal-reserved');
  });
});
