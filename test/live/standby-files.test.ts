import { appendFile, chmod, chown, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { checks } from '../../src/checks/registry.ts';
import { examine } from '../../src/diagnosis/examine.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { link } from '../../src/diagnosis/link.ts';
import type { ThrowawayServer } from '../../src/demo/throwaway-server.ts';
import type { Finding } from '../../src/facts/report.ts';
import { localHost } from '../../src/hosts/local.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { aPair, rowArrives, untilStreaming } from '../lab/pair.ts';
import type { Pair, PairOptions } from '../lab/pair.ts';
import { onEachRelease } from '../lab/releases.ts';
import { runStep } from '../lab/remedy.ts';
import { postmortemOf } from '../checks/standby-surroundings.ts';

const rules: readonly AnyRule[] = catalogue.filter((rule: AnyRule) => rule.commands.includes('postmortem'));

/** The findings on a standby, root causes first, with a superuser's --admin on its primary. */
async function findingsOf({ primary, standby }: Pair, admin = true): Promise<readonly Finding[]> {
  const host = localHost();
  const resolved = await resolveConnection(
    host,
    { conninfo: primary.admin, host: undefined, port: undefined, user: undefined },
    { replication: false },
  );
  if (!resolved.ok) throw new Error(resolved.message);
  const facts = await examine(rules, checks, {
    ...postmortemOf(standby.dataDirectory, host, admin ? resolved.connection : undefined),
    now: () => new Date(),
  });
  const judged = rules.map((rule) => judge(rule, facts));
  for (const { rule, result } of judged)
    if (result.outcome === 'crashed') throw new Error(`${rule.id}: ${result.because}`);
  return link(judged);
}

const roots = (findings: readonly Finding[], severity = 'error'): readonly string[] =>
  findings.filter((one) => one.causedBy === null && one.severity === severity).map(({ rule }) => rule);

/** The one root cause is this rule; its steps are done as printed; then the standby streams and nothing is found. */
async function mends(pair: Pair, rule: string, byHand?: (text: string) => Promise<void>): Promise<Finding> {
  const found = await findingsOf(pair);
  expect(
    roots(found),
    JSON.stringify(
      found.map((one) => [one.rule, one.severity, one.causedBy, one.message]),
      null,
      1,
    ),
  ).toEqual([rule]);
  const [first] = found;
  if (first?.rule !== rule) throw new Error(`first is ${first?.rule}`);
  expect(JSON.stringify(found)).not.toContain(pair.primary.password);
  for (const step of first.remedy?.steps ?? []) {
    if (step.kind === 'manual') {
      if (byHand === undefined) throw new Error(`by hand: ${step.text}`);
      await byHand(step.text);
      continue;
    }
    const { exitCode, output } = await runStep(step, {
      primary: pair.primary.server,
      standby: pair.standby,
      password: pair.primary.password,
    });
    if (exitCode !== 0)
      throw new Error(`${step.text}\nended with ${exitCode}: ${output}\n${await pair.standby.logTail()}`);
  }
  await untilStreaming(pair.standby);
  await rowArrives(pair.primary.server, pair.standby);
  expect(roots(await findingsOf(pair))).toEqual([]);
  return first;
}

const at = (server: ThrowawayServer, name: string): string => join(server.dataDirectory, name);
const own = async (server: ThrowawayServer, name: string): Promise<void> => {
  if (process.getuid?.() === 0 && server.runAs !== null)
    await chown(at(server, name), server.runAs.uid, server.runAs.gid);
};

onEachRelease((release) => {
  const pairOf = async (options: PairOptions = {}): Promise<Pair> => aPair({ release, ...options });

  describe('standby.signal', () => {
    test('is missing on a copy that was never started', async () => {
      const pair = await pairOf({ standby: { started: false } });
      await rm(at(pair.standby, 'standby.signal'));
      await mends(pair, 'standby/signal-missing');
    });

    test('was removed while it ran, and the server stopped', async () => {
      const pair = await pairOf();
      await rm(at(pair.standby, 'standby.signal'));
      await pair.standby.stop();
      const finding = await mends(pair, 'standby/signal-missing');
      expect(finding.remedy?.risk).toBe('safe');
    });

    test('was missing at a start: the same timeline, and only a new copy is right', async () => {
      const pair = await pairOf();
      await pair.standby.stop();
      await rename(at(pair.standby, 'standby.signal'), at(pair.standby, 'standby.signal.bak'));
      await pair.standby.start();
      await pair.standby.query('CREATE TABLE only_here (id int)');
      const finding = await mends(pair, 'standby/signal-missing');
      expect(finding.remedy?.risk).toBe('destructive');
      expect(finding.message).toMatch(/Creating standby.signal now would not help/);
    });

    test('was missing at a start, and nothing shows it but the WAL', async () => {
      const pair = await pairOf();
      await pair.standby.stop();
      await rm(at(pair.standby, 'standby.signal'));
      await pair.standby.start();
      await pair.standby.stop();
      for (let i = 0; i < 5; i += 1) await pair.primary.server.query('SELECT pg_switch_wal()');
      await pair.primary.server.query('CREATE TABLE much AS SELECT generate_series(1, 20000)');
      const finding = await mends(pair, 'standby/signal-missing');
      expect(finding.remedy?.risk).toBe('destructive');
    });

    test('has another name, or is another file', async () => {
      const pair = await pairOf();
      await pair.standby.stop();
      await rename(at(pair.standby, 'standby.signal'), at(pair.standby, 'Standby.signal '));
      await mends(pair, 'standby/signal-misnamed');
      await pair.standby.stop();
      await rename(at(pair.standby, 'standby.signal'), at(pair.standby, 'recovery.signal'));
      await mends(pair, 'standby/recovery-signal-instead');
    });

    test('is replaced by a recovery.conf of old', async () => {
      const pair = await pairOf();
      await pair.standby.stop();
      const auto = at(pair.standby, 'postgresql.auto.conf');
      const text = await readFile(auto, 'utf8');
      const line = text.split('\n').find((one) => one.startsWith('primary_conninfo'));
      await writeFile(auto, text.replace(line ?? '', ''));
      await rm(at(pair.standby, 'standby.signal'));
      await writeFile(
        at(pair.standby, 'recovery.conf'),
        `standby_mode = 'on'\n${line}\ntrigger_file = '/tmp/nowhere/trigger'\n`,
      );
      await own(pair.standby, 'recovery.conf');
      await mends(pair, 'standby/recovery-conf-present');
      expect(await readFile(auto, 'utf8')).toContain(line);
    });
  });

  describe('a history of its own', () => {
    test('after a promotion is wound back', async () => {
      const pair = await pairOf({ settings: { wal_log_hints: 'on' } });
      await pair.standby.psql('SELECT pg_promote()');
      await pair.standby.query('CREATE TABLE only_here (id int)');
      const finding = await mends(pair, 'standby/already-primary', undefined);
      expect(finding.remedy?.steps.map(({ text }) => text).join('\n')).toContain('pg_rewind');
    });
  });

  describe('files', () => {
    test('that keep the server from starting', async () => {
      const pair = await pairOf();
      await pair.standby.stop();
      await chmod(pair.standby.dataDirectory, 0o755);
      await mends(pair, 'standby/permissions');
      await pair.standby.stop();
      await appendFile(
        at(pair.standby, 'postgresql.conf'),
        "wal_keep_segments = 10\nmax_connections = many\nshared_buffers = '16MB\n",
      );
      await mends(pair, 'standby/config-file-error');
      await pair.standby.stop();
      await rename(at(pair.standby, 'pg_notify'), join(pair.standby.folder, 'gone'));
      await mends(pair, 'standby/incomplete-backup');
      await pair.standby.stop();
      await rename(at(pair.standby, 'pg_wal'), join(pair.standby.folder, 'wal-gone'));
      await symlink(join(pair.standby.folder, 'no/such'), at(pair.standby, 'pg_wal'));
      await mends(pair, 'standby/wal-directory-missing');
    });

    test('a lock file whose number another program has', async () => {
      const pair = await pairOf();
      const sleeper = await pair.standby.run('sh', ['-c', 'sleep 300 >/dev/null 2>&1 & echo $!']);
      const pid = sleeper.stdout.trim();
      try {
        await pair.standby.stop();
        await writeFile(at(pair.standby, 'postmaster.pid'), `${pid}\n${pair.standby.dataDirectory}\n1700000000\n`);
        await own(pair.standby, 'postmaster.pid');
        await mends(pair, 'standby/stale-pid-file');
      } finally {
        process.kill(Number(pid));
      }
    });

    test('a control file that is damaged, or not there', async () => {
      const pair = await pairOf();
      await pair.standby.stop();
      const bytes = await readFile(at(pair.standby, 'global/pg_control'));
      bytes.writeUInt8(bytes.readUInt8(40) ^ 0xff, 40);
      await writeFile(at(pair.standby, 'global/pg_control'), bytes);
      await mends(pair, 'standby/control-file-damaged');
    });

    test('a tablespace and WAL that lie elsewhere are moved aside with the rest', async () => {
      const pair = await pairOf({ standby: { started: false } });
      await pair.standby.start();
      await untilStreaming(pair.standby);
      await pair.standby.stop();
      await rm(at(pair.standby, 'global/pg_control'));
      await mends(pair, 'standby/incomplete-backup');
    });
  });

  describe('primary_conninfo', () => {
    const sed = async (pair: Pair, from: string | RegExp, to: string): Promise<void> => {
      const file = at(pair.standby, 'postgresql.auto.conf');
      await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
    };

    test('with a slip of the keyboard in it', async () => {
      const pair = await pairOf();
      await sed(pair, ' host=', ' hots=');
      await pair.standby.restart();
      await mends(pair, 'conninfo/unknown-keyword');
      await sed(pair, /sslmode=\w+/, 'sslmodus=prefer');
      await pair.standby.stop();
      await mends(pair, 'conninfo/unknown-keyword');
    });

    test('that another file overrides', async () => {
      const pair = await pairOf();
      const file = at(pair.standby, 'postgresql.auto.conf');
      const text = await readFile(file, 'utf8');
      const line = text.split('\n').find((one) => one.startsWith('primary_conninfo')) ?? '';
      await appendFile(at(pair.standby, 'postgresql.conf'), `${line}\n`);
      await sed(pair, line, "primary_conninfo = 'host=127.0.0.1 port=1 user=nobody'");
      await pair.standby.restart();
      await mends(pair, 'conninfo/overridden');
    });

    test('that leads to the standby itself', async () => {
      const pair = await pairOf();
      await sed(pair, / port=\d+/, ` port=${pair.standby.port}`);
      await pair.standby.restart();
      await mends(pair, 'conninfo/points-at-itself', async () => {
        await sed(pair, ` port=${pair.standby.port}`, ` port=${pair.primary.server.port}`);
        await pair.standby.reload();
      });
    });

    test('without a password', async () => {
      const pair = await pairOf();
      await sed(pair, /password=''[^']*'' /, 'passfile=/nonexistent/x ');
      await sed(pair, /passfile=\S+ /, `passfile=${join(pair.standby.folder, 'pass')} `);
      await pair.standby.restart();
      await mends(pair, 'conninfo/no-password');
    });

    test('that is not set', async () => {
      const pair = await pairOf();
      await sed(pair, /^primary_conninfo.*$/m, '');
      await pair.standby.restart();
      const found = await findingsOf(pair);
      expect(roots(found)).toEqual(['conninfo/missing']);
    });
  });
});
