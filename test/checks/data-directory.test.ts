import { execFile } from 'node:child_process';
import {
  chown,
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { hostOfUser } from '../../src/hosts/host-of-user.ts';
import { examine } from '../../src/diagnosis/examine.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { checks } from '../../src/checks/registry.ts';
import { ifSeen } from '../../src/facts/observed.ts';
import type { Facts } from '../../src/facts/facts.ts';
import { formatLsn } from '../../src/postgres/lsn.ts';
import { conninfoRules } from '../../src/rules/conninfo/group.ts';
import { standbyRules } from '../../src/rules/standby/group.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { localHost } from '../../src/hosts/local.ts';
import { aPair } from '../lab/pair.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { factsOf, postmortemOf } from './standby-surroundings.ts';

const run = promisify(execFile);
let folder = '';
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-directory-')));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const files = [
  'dataDirectory',
  'controlFile',
  'localWal',
  'standbyConfiguration',
  'standbyConninfo',
  'standbyServerUser',
  'standbyControl',
] as const;
const look = async (directory: string): Promise<Partial<Facts>> => factsOf(postmortemOf(directory), files);

/** The value of a fact that must have been seen. */
function value<Name extends (typeof files)[number]>(facts: Partial<Facts>, name: Name) {
  const fact = facts[name];
  if (fact?.status !== 'seen') throw new Error(`${name}: ${JSON.stringify(fact)}`);
  return fact.value;
}

onReleasesInTurn((release) => {
  it('is read as the server has it, running and stopped, and not disturbed', async () => {
    const { primary, standby } = await aPair({ release, standby: { slot: 'one', applicationName: 'node two' } });
    const directory = await realpath(standby.dataDirectory);
    const before = await readFile(join(directory, 'global/pg_control'));
    const facts = await look(standby.dataDirectory);
    expect(await readFile(join(directory, 'global/pg_control'))).toEqual(before);

    const found = value(facts, 'dataDirectory');
    expect(found).toMatchObject({
      path: directory,
      mode: 0o700,
      major: release.major,
      signals: { standby: true, recovery: false, misnamed: [], recoveryConf: undefined },
      backupLabel: undefined,
      manifest: 'there',
      tablespaces: [],
      missingDirectories: [],
      lastStart: { directory, here: true, program: standby.programPath('postgres') },
      lockFileOf: undefined,
      ofOthers: [],
      postmaster: { pid: await standby.processId(), port: standby.port, process: 'running' },
      pidFileUnreadable: undefined,
    });
    expect(found.backupLabelOld?.label?.from).toBe('primary');
    expect(value(facts, 'standbyControl')).toEqual({
      control: {
        kind: 'pg_ctl',
        dataDirectory: directory,
        binDirectory: release.bin,
        log: join(standby.folder, 'server.log'),
      },
      running: true,
    });
    const conninfo = value(facts, 'standbyConninfo');
    expect(conninfo).toMatchObject({
      file: join(directory, 'postgresql.auto.conf'),
      problem: undefined,
      hosts: [{ host: '127.0.0.1', port: primary.server.port }],
      user: primary.role,
      applicationName: 'node two',
      reportsAs: 'node two',
      hasPassword: true,
      overridden: [],
    });
    const written = JSON.stringify(facts, (_key, one: unknown) =>
      typeof one === 'bigint' ? `${one}` : one instanceof Map ? [...one] : one,
    );
    expect(written).not.toContain(primary.password);
    expect(written).toContain('password=***');

    await standby.stop();
    const control = value(await look(standby.dataDirectory), 'controlFile');
    const told = await run(standby.programPath('pg_controldata'), [directory], { env: { LC_ALL: 'C' } });
    const line = (label: string): string | undefined => new RegExp(`^${label}:\\s*(.*)$`, 'mu').exec(told.stdout)?.[1];
    if (!control.ok) throw new Error('the control file is whole');
    expect(control.value.state).toBe(line('Database cluster state'));
    expect(String(control.value.systemIdentifier)).toBe(line('Database system identifier'));
    expect(formatLsn(control.value.checkpoint.location)).toBe(line('Latest checkpoint location'));
    expect(value(await look(standby.dataDirectory), 'dataDirectory').postmaster).toBeUndefined();
  });

  it('tells a copy that was never started, a raw copy, and tablespaces that are gone', async () => {
    const { primary, standby } = await aPair({ release, standby: { started: false } });
    const fresh = value(await look(standby.dataDirectory), 'dataDirectory');
    expect(fresh).toMatchObject({ lastStart: undefined, neverInABackup: [], backupLabelOld: undefined });
    expect(fresh.backupLabel?.label?.method).toBe('streamed');

    await run('cp', ['-a', primary.server.dataDirectory, at('raw')]);
    await symlink('/nonexistent/tablespace', at('raw/pg_tblspc/16500'));
    const raw = value(await look(at('raw')), 'dataDirectory');
    expect(raw).toMatchObject({
      lockFileOf: await realpath(primary.server.dataDirectory),
      lastStart: { here: false },
      tablespaces: [{ oid: 16_500, target: '/nonexistent/tablespace', state: 'missing', fromMap: false }],
    });
    expect(raw.postmaster?.process).not.toBe('running');
  });

  it('is one rule’s business at a time', async () => {
    const { standby } = await aPair({ release, standby: { started: false } });
    const rules: readonly AnyRule[] = [...standbyRules, ...conninfoRules];
    const failing = async (): Promise<readonly string[]> => {
      const facts = await examine(rules, checks, postmortemOf(standby.dataDirectory));
      return rules
        .map((rule) => judge(rule, facts))
        .flatMap(({ rule, result }) => {
          expect(result.outcome, `${rule.id} crashed`).not.toBe('crashed');
          // that no server of the release lies in the usual places is true of some machines, and a warning
          const isError =
            result.outcome === 'failed' && result.faults.some((one) => (one.severity ?? rule.severity) === 'error');
          return isError ? [rule.id] : [];
        });
    };
    // the server is down, which whatever else is wrong explains
    expect(await failing()).toEqual(['standby/not-running']);
    const inIt = (name: string): string => join(standby.dataDirectory, name);
    await rename(inIt('standby.signal'), inIt('standby.signal.txt'));
    expect(await failing()).toEqual(['standby/signal-misnamed', 'standby/not-running']);
    await rename(inIt('standby.signal.txt'), inIt('standby.signal'));
    await appendFile(inIt('postgresql.conf'), "include 'gone.conf'\n");
    expect(await failing()).toEqual(['standby/config-file-error', 'standby/not-running']);
  });
});

describe('a directory that is none, or a hostile one', () => {
  it('is looked at all the same', async () => {
    expect((await look(at('nothing'))).dataDirectory).toMatchObject({ status: 'unseen' });
    await writeFile(at('file'), '');
    expect((await look(at('file'))).dataDirectory).toMatchObject({ status: 'unseen' });
    const empty = await look(folder);
    expect(value(empty, 'dataDirectory').major).toBeUndefined();
    expect(empty.controlFile).toMatchObject({ status: 'not-applicable' });
  });

  it('FIFOs, links in a circle and directories in the place of files do not block it', async () => {
    await mkdir(at('global'));
    await mkdir(at('base'));
    await writeFile(at('PG_VERSION'), '15\n');
    for (const name of ['backup_label', 'postmaster.pid', 'postgresql.conf', 'recovery.conf', 'global/pg_control'])
      await run('mkfifo', [at(name)]);
    await symlink('postgresql.auto.conf', at('postgresql.auto.conf'));
    await mkdir(at('backup_label.old'));
    await writeFile(at('pg_wal'), 'a file');
    await symlink(at('pg_tblspc'), at('pg_tblspc'));
    const started = performance.now();
    const facts = await look(folder);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(value(facts, 'dataDirectory')).toMatchObject({
      major: 15,
      backupLabel: undefined,
      backupLabelOld: undefined,
    });
    expect(value(facts, 'dataDirectory').pidFileUnreadable).toMatch(/fifo/);
    expect(facts.controlFile).toMatchObject({ status: 'unseen' });
    expect(value(facts, 'localWal').state).toBe('not-a-directory');
    expect(value(facts, 'standbyConfiguration').files.faults[0]).toMatchObject({
      kind: 'not-read',
      problem: { status: 'unreadable' },
    });
  });

  it.runIf(process.getuid?.() === 0)('a label that is there, and closed to its server, is not absent', async () => {
    for (const name of ['global', 'base']) await mkdir(at(name));
    await writeFile(at('PG_VERSION'), '15\n');
    for (const name of ['backup_label', 'backup_label.old']) await writeFile(at(name), 'START', { mode: 0o600 });
    await chmod(folder, 0o700);
    await chown(folder, 4_242, 4_242);
    const unread = { text: '', label: undefined, isUnread: true };
    const owner = { uid: 4_242, gid: 4_242, name: 'server', home: '/', groups: [] };
    const host = hostOfUser(localHost(), owner, {});
    expect(value(await factsOf({ ...postmortemOf(folder), host }, files), 'dataDirectory')).toMatchObject({
      backupLabel: unread,
      backupLabelOld: unread,
    });
  });

  it('files that include each other are read to a limit', async () => {
    await mkdir(at('global'));
    await writeFile(at('PG_VERSION'), '15\n');
    for (const name of ['postgresql.conf', 'a.conf', 'b.conf']) await writeFile(at(name), "include_dir '.'\n");
    const started = performance.now();
    const facts = await factsOf(postmortemOf(folder), ['standbyConfiguration']);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(value(facts, 'standbyConfiguration').files.faults.length).toBeGreaterThan(0);
  });

  it.runIf(process.getuid?.() === 0)('is closed to another user', async () => {
    await writeFile(at('PG_VERSION'), '15\n');
    await chmod(folder, 0o700);
    const host = localHost();
    const closed = {
      ...host,
      list: async () => ({ ok: false as const, problem: { code: 'EACCES', message: 'permission denied' } }),
    };
    const facts = await factsOf(postmortemOf(folder, closed), ['dataDirectory']);
    expect(facts.dataDirectory).toMatchObject({ status: 'unseen', why: { kind: 'permission' } });
  });
});

describe('a large directory', () => {
  it('of 20,000 relations and 10,000 segments costs little', async () => {
    await mkdir(at('global'));
    await mkdir(at('base/1'), { recursive: true });
    await mkdir(at('pg_wal/archive_status'), { recursive: true });
    await writeFile(at('PG_VERSION'), '15\n');
    await run('sh', ['-c', 'cd base/1 && seq 16384 36383 | xargs touch'], { cwd: folder });
    await run('sh', ['-c', 'cd pg_wal && seq 1 10000 | xargs printf "00000001%016X\\n" | xargs touch'], {
      cwd: folder,
    });
    const started = performance.now();
    const facts = await look(folder);
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(value(facts, 'localWal').state).toBe('directory');
  });
});

/** Bytes that are nearly such a file: lines of one with pieces cut out, doubled, or exchanged for anything. */
const nearly = (lines: readonly string[]): fc.Arbitrary<Buffer> =>
  fc
    .array(fc.oneof(fc.constantFrom(...lines), fc.string({ unit: 'binary', maxLength: 60 })), { maxLength: 12 })
    .chain((parts) => {
      const whole = Buffer.from(parts.join('\n'));
      return fc.oneof(
        fc.constant(whole),
        fc.nat(Math.max(0, whole.length)).map((length) => whole.subarray(0, length)),
        fc.tuple(fc.nat(Math.max(0, whole.length - 1)), fc.nat(255)).map(([index, byte]) => {
          const changed = Buffer.from(whole);
          if (changed.length > 0) changed[index] = byte;
          return changed;
        }),
      );
    });

describe('whatever its files hold', () => {
  // a thousand directories, on a machine that may be busy
  it(
    'no check throws, no rule crashes, and nothing is called right that was not read',
    { timeout: 240_000 },
    async () => {
      await mkdir(at('global'));
      await mkdir(at('base/1'), { recursive: true });
      await mkdir(at('pg_wal'));
      await writeFile(at('PG_VERSION'), '15\n');
      const rules: readonly AnyRule[] = standbyRules;
      // standbyControl asks every server program here for its version, each time
      const withoutPrograms = files.filter((name) => name !== 'standbyControl');
      await fc.assert(
        fc.asyncProperty(
          nearly([
            "primary_conninfo = 'host=db1 password=geheim'",
            "include 'postgresql.conf'",
            "restore_command = 'cp x %p'",
            'port = 1',
            "'",
          ]),
          nearly(['4242', folder, '1700000000', '5432', '/tmp', '*', 'ready']),
          nearly([
            'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)',
            'CHECKPOINT LOCATION: 0/2000060',
            'START TIMELINE: 1',
          ]),
          nearly([`/usr/lib/postgresql/15/bin/postgres "-D" "${folder}" "-c" "config_file=/nonexistent"`]),
          fc.uint8Array({ maxLength: 400 }),
          fc.constantFrom('', '15', '15\n', '9.6', '\u0000', 'x'.repeat(100)),
          async (conf, pid, label, opts, control, version) => {
            await Promise.all([
              writeFile(at('postgresql.conf'), conf),
              writeFile(at('postgresql.auto.conf'), conf),
              writeFile(at('postmaster.pid'), pid),
              writeFile(at('backup_label'), label),
              writeFile(at('recovery.conf'), conf),
              writeFile(at('postmaster.opts'), opts),
              writeFile(at('global/pg_control'), control),
              writeFile(at('PG_VERSION'), version),
              writeFile(at('pg_wal/00000002.history'), label),
            ]);
            const facts = await factsOf(postmortemOf(folder), withoutPrograms);
            const judged = rules
              .filter(({ needs }) => needs.every((name) => name === 'now' || name in facts))
              .map((rule) =>
                judge(rule, {
                  ...Object.fromEntries(
                    [...rule.needs, ...(rule.wants ?? [])].map((name) => [
                      name,
                      { status: 'unseen', why: { kind: 'not-asked', because: 'not asked' } },
                    ]),
                  ),
                  ...facts,
                  now: { status: 'seen', value: new Date('2026-11-21T20:00:00Z'), source: 'the test' },
                }),
              );
            for (const { rule, result } of judged) {
              expect(result.outcome, rule.id).not.toBe('crashed');
              if (rule.id === 'standby/control-file-damaged') expect(result.outcome).not.toBe('passed');
            }
            const shown = JSON.stringify(
              [ifSeen(facts.standbyConninfo ?? { status: 'not-applicable', why: '' }), judged],
              (_key, one: unknown) => (typeof one === 'bigint' ? `${one}` : one),
            );
            // where the very keyword is damaged nothing tells a password from a word
            const isIntact = !conf.toString('latin1').replaceAll('password=geheim', '').includes('geheim');
            if (isIntact) expect(shown).not.toContain('geheim');
          },
        ),
        { numRuns: 1_000 },
      );
    },
  );
});
