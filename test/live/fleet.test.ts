import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { aPair, aStandby } from '../lab/pair.ts';
import { aPrimary } from '../lab/primary.ts';
import { onEachRelease } from '../lab/releases.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';

interface Told {
  readonly causes: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly primary: string | null;
    readonly targets: readonly string[];
  }[];
  readonly since?: Readonly<
    Record<'new' | 'gone' | 'same', readonly { readonly target: string; readonly rule: string }[]>
  >;
  readonly targets: readonly { readonly target: string; readonly report: { readonly verdict: string } | null }[];
}

onEachRelease((release) => {
  test.skipIf(release.major !== 17)(
    'three standbys of one primary: healthy, then one root cause on the primary told once, and what is new since',
    { timeout: 120_000 },
    async () => {
      const { primary, standby } = await aPair({ release, settings: { wal_keep_size: '64MB' } });
      const others = [await aStandby(primary), await aStandby(primary)];
      const at = await mkdtemp(join(tmpdir(), 'standbylint-fleet-'));
      onTestFinished(async () => rm(at, { recursive: true }));
      await chmod(at, 0o777);
      const targets = Object.fromEntries(
        [standby, ...others].map(({ dataDirectory }, index) => [
          `s${index + 1}`,
          { command: 'postmortem', pgdata: dataDirectory, admin: primary.admin.replace(/ ?password=\S+/u, '') },
        ]),
      );
      const rule = 'hba/no-replication-entry';
      await writeFile(join(at, 'standbylint.config.json'), JSON.stringify({ targets }));
      const env = { PGPASSWORD: /password='?([^' ]+)/u.exec(primary.admin)?.[1] ?? '' };
      const run = async (...more: readonly string[]) =>
        runStandbylint(['fleet', '--format', 'json', ...more], { on: standby, cwd: at, env });
      const told = ({ stdout }: { readonly stdout: string }): Told =>
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the program prints
        JSON.parse(stdout) as Told;

      const first = await run('--format', 'html=fleet.html', '--format', 'prometheus=fleet.prom');
      expect(told(first).targets.map(({ target, report }) => [target, report?.verdict])).toEqual([
        ['s1', 'healthy'],
        ['s2', 'healthy'],
        ['s3', 'healthy'],
      ]);
      expect(first.exitCode).toBe(0);
      await writeFile(join(at, 'first.json'), first.stdout);
      // one primary and its three standbys, which three looks have seen
      const page = await readFile(join(at, 'fleet.html'), 'utf8');
      const picture = /<figure class="topology card">[\s\S]*?<\/figure>/u.exec(page)?.[0] ?? '';
      expect(page.split('<figure class="topology card">')).toHaveLength(2);
      // drawn across, and down for a phone
      expect(picture.split('<rect ')).toHaveLength(1 + 2 * 4);
      expect(picture.split('>streaming<')).toHaveLength(1 + 2 * 3);
      const metrics = await readFile(join(at, 'fleet.prom'), 'utf8');
      expect(metrics.match(/^standbylint_verdict\{target="s\d".*verdict="healthy"\} 1$/gmu)).toHaveLength(3);

      await primary.server.writeHba(['host all all 127.0.0.1/32 scram-sha-256']);
      await primary.server.reload();
      await primary.server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
      const second = await run('--since', 'first.json');
      const { causes, since } = told(second);
      const errors = causes.filter(({ severity }) => severity === 'error');
      expect(errors.map((cause) => [cause.rule, cause.targets])).toEqual([[rule, ['s1', 's2', 's3']]]);
      expect(errors[0]?.primary).toMatch(/:\d+$/u);
      expect(since?.new.filter((one) => one.rule === rule).map(({ target }) => target)).toEqual(['s1', 's2', 's3']);
      expect(second.exitCode).toBe(1);
      const text = await runStandbylint(['fleet'], { on: standby, cwd: at, env });
      expect(text.stdout).toMatch(/BROKEN {2}s1[\s\S]*3 targets: s1, s2, s3[\s\S]*3 targets · 3 BROKEN/u);
    },
  );
});

onEachRelease((release) => {
  test.skipIf(release.major !== 17)(
    'many looks at a primary that has few WAL senders do not take them from each other',
    { timeout: 120_000 },
    async () => {
      const primary = await aPrimary({ release, settings: { max_wal_senders: '2' } });
      const at = await mkdtemp(join(tmpdir(), 'standbylint-fleet-'));
      onTestFinished(async () => rm(at, { recursive: true }));
      await chmod(at, 0o777);
      const target = {
        command: 'preflight',
        host: '127.0.0.1',
        port: String(primary.server.port),
        username: primary.role,
      };
      const targets = Object.fromEntries(
        Array.from({ length: 24 }, (_, index) => [
          `s${index + 1}`,
          { ...target, pgdata: join(at, `standby-${index}`) },
        ]),
      );
      await writeFile(join(at, 'standbylint.config.json'), JSON.stringify({ targets }));
      const env = { PGPASSWORD: primary.password };
      const { stdout } = await runStandbylint(['fleet', '--format', 'json', '--jobs', '12'], {
        on: primary.server,
        cwd: at,
        env,
      });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the program prints
      const { causes } = JSON.parse(stdout) as Told;
      expect(causes.filter(({ severity }) => severity === 'error')).toEqual([]);
    },
  );
});

onEachRelease((release) => {
  test.skipIf(release.major !== 17)(
    'targets that ask one primary alike ask it once, and those that do not are told what is theirs',
    { timeout: 120_000 },
    async () => {
      const primary = await aPrimary({ release, settings: { log_connections: 'on' } });
      await primary.server.query('CREATE ROLE reader LOGIN');
      const at = await mkdtemp(join(tmpdir(), 'standbylint-fleet-'));
      onTestFinished(async () => rm(at, { recursive: true }));
      await chmod(at, 0o777);
      const alike = {
        command: 'preflight',
        host: '127.0.0.1',
        port: String(primary.server.port),
        admin: primary.admin,
      };
      const others = { reader: { ...alike, username: 'reader' }, nobody: { ...alike, username: 'nobody' } };
      const count = 8;
      const named = Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`s${index + 1}`, { ...alike, username: primary.role }]),
      );
      const targets = Object.fromEntries(
        Object.entries({ ...named, ...others }).map(([name, options]) => [
          name,
          { ...options, pgdata: join(at, name) },
        ]),
      );
      await writeFile(join(at, 'standbylint.config.json'), JSON.stringify({ targets }));
      const how = { on: primary.server, cwd: at, env: { PGPASSWORD: primary.password } };
      const { stdout } = await runStandbylint(['fleet', '--format', 'json', '--jobs', '20'], how);
      const log = await readFile(primary.server.logFile, 'utf8');
      const logins = log.match(/connection authorized: user=replicator/gu) ?? [];
      // each alone logs in twice
      expect(logins.length).toBeGreaterThan(0);
      expect(logins.length).toBeLessThan(count);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the program prints
      const fleet = JSON.parse(stdout) as { targets: { target: string; report: StandbylintResult['json'] }[] };
      expect(fleet.targets).toHaveLength(count + 2);
      for (const { target, report } of fleet.targets) {
        const alone = await runStandbylint(['preflight', '--target', target, '-w', '--format', 'json'], how);
        expect([target, roots(report)]).toEqual([target, roots(alone.json)]);
        expect(report.subject.dataDirectory).toBe(join(at, target));
      }
      const byName = Object.fromEntries(fleet.targets.map(({ target, report }) => [target, roots(report)]));
      expect(byName['s1']).toEqual([]);
      expect(byName['reader']).not.toEqual(byName['nobody']);
    },
  );
});
