import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { lstat, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { asUser } from '../../src/throwaway/os-user.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { readJournal } from '../../src/fixes/read-journal.ts';
import { afterwards } from '../lab/lifetime.ts';
import { aPair } from '../lab/pair.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import type { Primary, PrimaryOptions } from '../lab/primary.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { until } from '../lab/until.ts';
import { pidOf } from '../scenarios/pair-acts.ts';
import { expectValidReport } from '../report/valid-report.ts';
import { hasTool } from '../lab/tool.ts';

const newPassword = 'canary: 4711\\"$(id)';

interface Stage {
  readonly primary: Primary;
  readonly place: ThrowawayServer;
}

async function aStage(options: PrimaryOptions = {}): Promise<Stage> {
  const primary = await aPrimary({ portFrom: 'environment', ...options });
  return { primary, place: await aPlaceForAStandby({ portFrom: 'environment', ...options }) };
}

const callOf = ({ primary, place }: Stage): readonly string[] => [
  ...['--admin', primary.admin, ...primary.connection],
  ...['-D', place.dataDirectory, '-X', 'stream', '-R', '-c', 'fast'],
];

const environmentOf = ({ primary }: Stage) => ({ PGPASSWORD: primary.password, STANDBYLINT_NEW_PASSWORD: newPassword });

async function fix(stage: Stage, ...more: readonly string[]) {
  const { place } = stage;
  return runStandbylint(['preflight', '--fix', ...more, ...callOf(stage)], {
    on: place,
    cwd: place.folder,
    env: environmentOf(stage),
  });
}

const journalsIn = async ({ place }: Stage): Promise<readonly string[]> =>
  (await readdir(place.folder)).filter((name) => name.endsWith('.jsonl')).map((name) => join(place.folder, name));

async function onlyJournal(stage: Stage): Promise<string> {
  const [journal, ...others] = await journalsIn(stage);
  if (journal === undefined || others.length > 0) throw new Error(`${others.length} journals`);
  return journal;
}

const undo = async (stage: Stage, journal: string, ...more: readonly string[]) =>
  runStandbylint(['undo', journal, '--yes', '--admin', stage.primary.admin, ...more], {
    on: stage.place,
    cwd: stage.place.folder,
  });

const roleOf = async ({ primary }: Stage): Promise<unknown> =>
  primary.server.query('SELECT rolname, rolcanlogin, rolreplication, rolconnlimit FROM pg_roles ORDER BY 1');
const hbaOf = async ({ primary }: Stage): Promise<string> =>
  readFile(join(primary.server.dataDirectory, 'pg_hba.conf'), 'utf8');

/** Two faults: one in a file, one of the role, which is seen when the first is fixed. */
const twoFaults: PrimaryOptions = {
  role: { attributes: 'NOLOGIN REPLICATION' },
  hba: ['host all all 127.0.0.1/32 scram-sha-256'],
};

describe('preflight --fix', () => {
  test('mends one fault after the other, and undo takes all of it back', { timeout: 120_000 }, async () => {
    const stage = await aStage(twoFaults);
    const [roles, hba] = [await roleOf(stage), await hbaOf(stage)];

    const fixed = await fix(stage, '--yes', '--format', 'json');
    expectValidReport(fixed.json);
    expect(fixed.json.applied?.map(({ rule, outcome }) => `${rule} ${outcome}`)).toEqual(
      expect.arrayContaining(['hba/no-replication-entry done', 'role/no-login done']),
    );
    expect([fixed.json.verdict, fixed.json.fixes, fixed.exitCode]).toEqual(['ready', [], 0]);
    const journal = await onlyJournal(stage);
    expect(fixed.json.journal).toBe(journal);
    expect((await lstat(journal)).mode & 0o777).toBe(0o600);
    expect([await roleOf(stage), await hbaOf(stage)]).not.toEqual([roles, hba]);

    const looked = await undo(stage, journal, '--dry-run');
    expect(looked.exitCode).toBe(0);
    expect([await roleOf(stage), await hbaOf(stage)]).not.toEqual([roles, hba]);

    const undone = await undo(stage, journal);
    expect(undone.exitCode, undone.stdout + undone.stderr).toBe(0);
    expect([await roleOf(stage), await hbaOf(stage)]).toEqual([roles, hba]);
    const before = await runStandbylint(['preflight', '--format', 'json', ...callOf(stage)], {
      on: stage.place,
      cwd: stage.place.folder,
      env: environmentOf(stage),
    });
    expect(before.json.verdict).toBe('blocked');

    const again = await undo(stage, journal);
    expect(again.stdout).toContain('Nothing in');
    expect([again.exitCode, await hbaOf(stage)]).toEqual([0, hba]);
  });

  test('what could not be taken back is taken back by the next undo', { timeout: 60_000 }, async () => {
    const stage = await aStage({ role: { attributes: 'NOLOGIN REPLICATION' } });
    const roles = await roleOf(stage);
    expect((await fix(stage, '--yes')).exitCode).toBe(0);
    const journal = await onlyJournal(stage);
    const without = await runStandbylint(['undo', journal, '--yes'], { on: stage.place, cwd: stage.place.folder });
    expect(without.stdout).toContain('it needs --admin, as --fix did');
    expect([without.exitCode, await roleOf(stage)]).not.toEqual([0, roles]);
    expect([(await undo(stage, journal)).exitCode, await roleOf(stage)]).toEqual([0, roles]);
  });

  test('a file that somebody changed since is left as it is, and named', { timeout: 60_000 }, async () => {
    const stage = await aStage({ hba: ['host all all 127.0.0.1/32 scram-sha-256'] });
    expect((await fix(stage, '--yes')).exitCode).toBe(0);
    const file = join(stage.primary.server.dataDirectory, 'pg_hba.conf');
    const changed = `${await hbaOf(stage)}# somebody's own\n`;
    await writeFile(file, changed);
    const undone = await undo(stage, await onlyJournal(stage));
    expect(undone.stdout).toContain(file);
    expect([undone.exitCode, await hbaOf(stage)]).toEqual([1, changed]);
  });

  test(
    '--dry-run shows the plan and what it changes in which file, and does nothing',
    { timeout: 60_000 },
    async () => {
      const stage = await aStage({ hba: ['host all all 127.0.0.1/32 scram-sha-256'] });
      const hba = await hbaOf(stage);
      const { stdout, exitCode } = await fix(stage, '--dry-run');
      expect(stdout).toMatch(/The plan of --fix: \d steps/u);
      expect(stdout).toContain('+host replication replicator 127.0.0.1/32 scram-sha-256');
      const { json } = await fix(stage, '--dry-run', '--format', 'json');
      expectValidReport(json);
      expect(json.applied).toEqual([]);
      expect(json.fixes?.map(({ rule, decision }) => `${decision} ${rule}`)).toEqual([
        'apply hba/no-replication-entry',
      ]);
      expect([exitCode, await hbaOf(stage), await journalsIn(stage)]).toEqual([1, hba, []]);
    },
  );

  test('nothing is done where the journal cannot be written', { timeout: 60_000 }, async () => {
    const stage = await aStage({ role: { attributes: 'LOGIN' } });
    const roles = await roleOf(stage);
    const taken = stage.primary.server.logFile;
    const { stderr, exitCode } = await fix(stage, '--yes', '--fix-journal', taken);
    expect(stderr).toContain(`The journal ${taken} cannot be written (EEXIST), and --fix does nothing without one.`);
    expect([exitCode, await roleOf(stage)]).toEqual([2, roles]);
  });

  test('without --disruptive a restart is left, and said so', { timeout: 60_000 }, async () => {
    const stage = await aStage({ settings: { max_wal_senders: '0' } });
    const { stdout, exitCode } = await fix(stage, '--yes');
    expect(stdout.replaceAll(/\s+/gu, ' ')).toContain('Not done by --fix: it restarts a server or drops connections');
    expect([exitCode, await journalsIn(stage)]).toEqual([1, []]);
  });

  test('says so when a fault comes back, and stops', { timeout: 60_000 }, async () => {
    const stage = await aStage({ role: { attributes: 'LOGIN' } });
    const { server } = stage.primary;
    const somebody = spawn(
      server.programPath('psql'),
      ['-X', '-q', '-h', server.folder, '-p', String(server.port), '-U', 'postgres', 'postgres'],
      { ...asUser(server.runAs), stdio: ['pipe', 'ignore', 'ignore'] },
    );
    try {
      somebody.stdin?.write(
        `DO $$ BEGIN LOOP
           IF (SELECT rolreplication FROM pg_roles WHERE rolname = 'replicator')
             THEN ALTER ROLE replicator NOREPLICATION; END IF;
           COMMIT; PERFORM pg_sleep(0.002);
         END LOOP; END $$;\n`,
      );
      await pause(500);
      const { stderr, exitCode } = await fix(stage, '--yes');
      expect(stderr.replaceAll(/\s+/gu, ' ')).toMatch(
        /The steps of role\/no-replication succeeded, but the problem remains\. .*To undo: standbylint undo \//u,
      );
      expect(stderr).not.toContain('Warning');
      expect(exitCode).toBe(1);
    } finally {
      somebody.kill('SIGKILL');
    }
  });

  test('the new password is seen nowhere, and is the one that the role has', { timeout: 90_000 }, async () => {
    const stage = await aStage({ role: null, settings: { log_statement: 'all', log_min_messages: 'debug1' } });
    const seenIn = watchProcesses(newPassword);
    const { stdout, stderr, exitCode } = await fix(stage, '--yes', '--format', 'json');
    expect([exitCode, await seenIn()]).toEqual([0, []]);
    const log = await readFile(stage.primary.server.logFile, 'utf8');
    expect(log).toContain('CREATE ROLE replicator');
    const journal = await readFile(await onlyJournal(stage), 'utf8');
    for (const text of [stdout, stderr, log, journal]) expect(text).not.toContain('4711');
    for (const text of [stdout, stderr, journal]) expect(text).not.toContain('SCRAM-SHA-256$');
    expect(stderr.replaceAll(/\s+/gu, ' ')).toContain('pg_basebackup would use another one (PGPASSWORD)');
    const { json } = await runStandbylint(['preflight', '--format', 'json', ...callOf(stage)], {
      on: stage.place,
      env: { PGPASSWORD: newPassword },
    });
    expect(json.verdict).toBe('ready');
    const undone = await undo(stage, await onlyJournal(stage));
    expect(undone.exitCode, undone.stdout).toBe(0);
    expect(JSON.stringify(await roleOf(stage))).not.toContain('replicator');
  });
});

describe('postmortem --fix', () => {
  test('undo brings the files back', { timeout: 90_000 }, async () => {
    const { primary, standby } = await aPair();
    await standby.stop();
    const inside = async (command: string) =>
      (await standby.run('sh', ['-c', `cd "$1" && ${command}`, 'sh', standby.dataDirectory])).stdout;
    await inside('mv standby.signal standby.signal.txt && echo "hot_standby = perhaps" >> postgresql.conf');
    const state = 'ls -l standby.signal* postgresql.conf && cksum postgresql.conf';
    const before = await inside(state);
    const call = { on: standby, cwd: standby.folder };
    const fixed = await runStandbylint(
      ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin, '--fix', '--yes', '--format', 'json'],
      call,
    );
    expect(
      fixed.json.applied?.map(({ rule }) => rule),
      fixed.stderr,
    ).toEqual(expect.arrayContaining(['standby/signal-misnamed', 'standby/config-file-error']));
    expect(fixed.exitCode).toBe(0);
    await standby.stop();
    const journal = fixed.json.journal ?? '';
    const undone = await runStandbylint(['undo', journal, '--yes'], call);
    expect(undone.exitCode, undone.stdout).toBe(0);
    expect(undone.stdout.replaceAll(/\s+/gu, ' ')).toContain('a server was started or restarted');
    expect(await inside(state)).toBe(before);
  });

  test('undo finds the standby again over its socket', { timeout: 90_000 }, async () => {
    const { primary, standby } = await aPair({ settings: { wal_keep_size: '64MB' } });
    const call = { on: standby, cwd: standby.folder };
    await standby.psql('SELECT pg_wal_replay_pause()');
    const fixed = await runStandbylint(
      [
        ...['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin],
        ...['--fix', '--yes', '--fail-on', 'warning', '--format', 'json'],
      ],
      call,
    );
    expect(
      fixed.json.applied?.map(({ rule, outcome }) => `${rule} ${outcome}`),
      fixed.stderr,
    ).toEqual(['recovery/replay-paused done']);
    const paused = async () => (await standby.psql('SELECT pg_is_wal_replay_paused()')).trim();
    expect(await paused()).toBe('f');
    const undone = await runStandbylint(['undo', fixed.json.journal ?? '', '--yes'], call);
    expect([await paused(), undone.exitCode], undone.stdout).toEqual(['t', 0]);
  });

  test.runIf(process.getuid?.() === 0)(
    'root takes each step as the owner of the files, who keeps them',
    { timeout: 90_000 },
    async () => {
      const { primary, standby } = await aPair();
      await standby.stop();
      const inside = async (command: string) =>
        (await standby.run('sh', ['-c', `cd "$1" && ${command}`, 'sh', standby.dataDirectory])).stdout;
      await inside('mv standby.signal recovery.signal && echo "hot_standby = perhaps" >> postgresql.conf');
      const owners = "stat -c '%U:%G %a' postgresql.conf && ps -o user= -p $(head -n 1 postmaster.pid)";
      const { json, exitCode, stderr } = await runStandbylint(
        ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin, '--fix', '--yes', '--format', 'json'],
        {
          on: standby,
          cwd: standby.folder,
          user: null,
          env: { LD_PRELOAD: '', STANDBYLINT_NEW_PASSWORD: newPassword },
        },
      );
      expect(exitCode, stderr).toBe(0);
      const user = standby.runAs?.name ?? '';
      expect(await inside(owners)).toBe(`${user}:${user} 600\n${user}`);
      expect(await inside('tr "\\0" "\\n" < /proc/$(head -n 1 postmaster.pid)/environ')).not.toContain('4711');
      expect((await lstat(json.journal ?? '')).uid).toBe(0);
    },
  );

  test('of a healthy pair it changes no byte', { timeout: 120_000 }, async () => {
    const quiet = { autovacuum: 'off', wal_keep_size: '64MB' };
    const { primary, standby } = await aPair({ settings: quiet });
    const words = ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin];
    // who logs in first makes a server write its caches of the catalogue
    await runStandbylint(words, { on: standby, cwd: standby.folder });
    // it would write of the transactions that run after each checkpoint, some seconds later
    const writer = await pidOf(primary.server, 'background writer');
    process.kill(writer, 'SIGSTOP');
    afterwards(async () => {
      process.kill(writer, 'SIGCONT');
    });
    await primary.server.psql('CHECKPOINT');
    await standby.psql('CHECKPOINT');
    await pause(1_000);
    const folders = [primary.server.dataDirectory, standby.dataDirectory, '/etc'];
    const before = await Promise.all(folders.map((folder) => checksums(folder)));
    const { json, exitCode } = await runStandbylint([...words, '--fix', '--yes', '--disruptive', '--format', 'json'], {
      on: standby,
      cwd: standby.folder,
    });
    // for the stopped writer alone, which a person continues
    expect(json.findings.map(({ rule }) => rule)).toEqual(['primary/process-stopped']);
    expect([json.verdict, json.applied, json.fixes, json.journal, exitCode]).toEqual(['degraded', [], [], null, 0]);
    expect(await Promise.all(folders.map((folder) => checksums(folder)))).toEqual(before);
    expect((await readdir(standby.folder)).filter((name) => name.endsWith('.jsonl'))).toEqual([]);
  });
});

describe.runIf(hasTool('script'))('on a terminal', () => {
  test(
    'it asks before each step; killed between two steps it leaves a journal, from which undo works',
    { timeout: 90_000 },
    async () => {
      const stage = await aStage(twoFaults);
      const [roles, hba] = [await roleOf(stage), await hbaOf(stage)];
      const session = await onTerminal(stage);
      await session.answers(1, 'y\n');
      await session.shown(2);
      session.kill();
      const journal = await onlyJournal(stage);
      const read = readJournal(await readFile(journal, 'utf8'));
      expect(read.ok && read.journal.steps.map(({ outcome }) => outcome)).toEqual(['done']);
      expect([await roleOf(stage), await hbaOf(stage)]).not.toEqual([roles, hba]);
      expect((await undo(stage, journal)).exitCode).toBe(0);
      expect([await roleOf(stage), await hbaOf(stage)]).toEqual([roles, hba]);
    },
  );

  test('Ctrl-C says where things stand', { timeout: 90_000 }, async () => {
    const stage = await aStage(twoFaults);
    const session = await onTerminal(stage);
    await session.answers(1, 'y\n');
    await session.answers(2, '\u0003');
    expect(await session.ended).toBe(130);
    expect(session.text().replaceAll(/\s+/gu, ' ')).toMatch(
      /You interrupted it\. 1 step was run\. To undo: standbylint undo \//u,
    );
  });

  test('a step that is not wanted is not taken', { timeout: 90_000 }, async () => {
    const stage = await aStage({ hba: ['host all all 127.0.0.1/32 scram-sha-256'] });
    const hba = await hbaOf(stage);
    const session = await onTerminal(stage);
    await session.answers(1, '\n');
    expect(await session.ended).toBe(1);
    expect(session.text().replaceAll(/\s+/gu, ' ')).toContain('Not done by --fix: you declined it');
    expect([await hbaOf(stage), await journalsIn(stage)]).toEqual([hba, []]);
  });
});

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));

/** Runs `preflight --fix` on a terminal of its own (script(1), util-linux). */
async function onTerminal(stage: Stage) {
  const { place } = stage;
  const command = [process.execPath, program, 'preflight', '--fix', ...callOf(stage)]
    .map((word) => `'${word}'`)
    .join(' ');
  const child: ChildProcess = spawn('script', ['-qec', `echo $$; exec ${command}`, '/dev/null'], {
    ...asUser(place.runAs),
    cwd: place.folder,
    env: { ...place.environment, ...environmentOf(stage), HOME: place.folder, TERM: 'dumb', COLUMNS: '100' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = once(child, 'close').then(() => child.exitCode);
  const shown = async (question: number): Promise<void> => {
    await until(`question ${question}\n${text}`, async () =>
      text.split('Run this step? [y/N]').length > question ? true : null,
    );
  };
  return {
    ended,
    text: () => text,
    shown,
    answers: async (question: number, keys: string): Promise<void> => {
      await shown(question);
      child.stdin?.write(keys);
    },
    kill: () => process.kill(Number(/^\d+/u.exec(text)?.[0]), 'SIGKILL'),
  };
}

/** Looks again and again at the words and the environment of every process but those that were given the secret. */
function watchProcesses(secret: string): () => Promise<readonly string[]> {
  const found = new Set<string>();
  const stop = new AbortController();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))) {
        const words = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
        const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
        if (words.includes(secret)) found.add(`the words of ${words.replaceAll('\0', ' ')}`);
        if (environment.includes(secret) && !words.includes('standbylint.js'))
          found.add(`the environment of ${words.replaceAll('\0', ' ')}`);
      }
      await pause(10);
    }
  })();
  return async () => {
    stop.abort();
    await watching;
    return [...found];
  };
}

/**
 * Every file and link below a folder; what a server writes of statistics by itself, and the clusters of other tests, aside.
 * Of what this user may not read the size and the time of the last change stand for the content.
 */
async function checksums(folder: string, sums = new Map<string, string>()): Promise<ReadonlyMap<string, string>> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (/\/pg_stat(?:_tmp)?\/|\/standbylint_/u.test(path)) continue;
    const status = await lstat(path).catch(() => undefined);
    if (status === undefined) continue;
    const unread = (): string => `${status.size} ${status.mtimeMs}`;
    const content = entry.isFile()
      ? await readFile(path).catch(unread)
      : entry.isSymbolicLink()
        ? await readlink(path)
        : '';
    sums.set(path, `${status.mode} ${status.uid} ${createHash('sha256').update(content).digest('hex')}`);
    if (entry.isDirectory()) await checksums(path, sums);
  }
  return sums;
}
