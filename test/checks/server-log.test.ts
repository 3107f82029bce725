import { appendFile, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Surroundings } from '../../src/checks/check.ts';
import { serverLogCheck } from '../../src/checks/server-log.ts';
import { standbySettingsCheck } from '../../src/checks/standby-settings.ts';
import type { PostmortemSubject } from '../../src/checks/subject.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { Observed } from '../../src/facts/observed.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import type { DataDirectory } from '../../src/facts/data-directory.ts';
import { answer } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import type { Host } from '../../src/hosts/host.ts';
import { parseBackupLabel } from '../../src/postgres/backup-label.ts';
import { aBackupLabel, aDataDirectory } from '../rules/standby-world.ts';
import { aJournal, hasJournals } from '../lab/journal.ts';
import { rootedHost } from './rooted-host.ts';

describe.skipIf(!hasJournals && process.env['CI'] !== 'true')("systemd's journal", () => {
  const at = (second: number): Date => new Date(Date.UTC(2026, 10, 21, 20, 26, second));
  const withJournal = (file: string): Host => {
    const rooted = rootedHost(root);
    return {
      ...rooted,
      run: async (program, args, options) =>
        program === 'journalctl'
          ? localHost().run(program, ['--file', file, ...args], options)
          : rooted.run(program, args, options),
    };
  };

  it.each([
    ['/var/lib/pgsql/17/data', 'postgresql-17.service'],
    ['/var/lib/pgsql/data', 'postgresql.service'],
    ['/var/lib/postgresql/17/main', 'postgresql@17-main.service'],
  ])('of a server in %s that logs to its standard error is read: %s', async (directory, unit) => {
    await put(`${directory}/postgresql.conf`, '');
    const file = join(root, 'one.journal');
    aJournal(file, unit, [
      [at(1), 90, '2026-11-21 20:26:01.000 UTC [90] LOG:  entering standby mode'],
      [at(2), 91, '2026-11-21 20:26:02.000 UTC [91] FATAL:  could not connect to the primary server: timeout expired'],
      [at(3), 90, '2026-11-21 20:26:03.000 UTC [90] LOG:  database system is ready to accept read-only connections'],
    ]);
    const log = await look({}, directory, { host: withJournal(file) });
    expect(log.status === 'seen' && log.value.files.map(({ path }) => path)).toEqual([`journalctl -u ${unit}`]);
    expect(log.status === 'seen' && JSON.stringify(log.value.summary)).toContain('could not connect to the primary');
  });

  it("is that of another unit's, or there is a log already: nothing of it is read", async () => {
    await put('/var/lib/pgsql/17/data/postgresql.conf', '');
    const file = join(root, 'two.journal');
    aJournal(file, 'sshd.service', [[at(1), 90, '2026-11-21 20:26:01.000 UTC [90] FATAL:  another one']]);
    expect(await look({}, '/var/lib/pgsql/17/data', { host: withJournal(file) })).toMatchObject({ status: 'unseen' });
    const own = join(root, 'three.journal');
    aJournal(own, 'postgresql@17-main.service', [[at(1), 90, '2026-11-21 20:26:01.000 UTC [90] FATAL:  the journal']]);
    await put('/var/lib/postgresql/17/main/postgresql.conf', '');
    await put(
      '/var/log/postgresql/postgresql-17-main.log',
      '2026-11-21 20:26:01.000 UTC [90] LOG:  entering standby mode\n',
    );
    const log = await look({}, '/var/lib/postgresql/17/main', { host: withJournal(own) });
    expect(log.status === 'seen' && log.value.files.map(({ path }) => path)).toEqual([
      '/var/log/postgresql/postgresql-17-main.log',
    ]);
  });
});

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'standbylint-server-log-'));
  await put('/srv/standby/postgresql.conf', '');
});
afterEach(async () => rm(root, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array, minute = 0): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  const at = new Date(Date.UTC(2026, 10, 21, 20, minute));
  await utimes(file, at, at);
}

async function look(
  change: Partial<PostmortemSubject> = {},
  directory = '/srv/standby',
  surroundings: Partial<Surroundings> = {},
  dataDirectory: Observed<DataDirectory> = unseen('not-asked', 'not in this test'),
) {
  const subject: PostmortemSubject = {
    command: 'postmortem',
    dataDirectory: directory,
    standby: undefined,
    admin: undefined,
    logs: [],
    logBytes: 'all',
    ...change,
  };
  const around: Surroundings = {
    subject,
    host: rootedHost(root),
    timeoutMs: 2_000,
    signal: new AbortController().signal,
    now: () => new Date('2026-11-21T21:00:00Z'),
    ...surroundings,
  };
  const { standbySettings } = await standbySettingsCheck.look({}, around);
  const manager = notApplicable('no manager');
  const { serverLog } = await serverLogCheck.look({ dataDirectory, standbySettings, manager }, around);
  return serverLog;
}

async function read(
  change?: Partial<PostmortemSubject>,
  directory?: string,
  fact?: Observed<DataDirectory>,
): Promise<ServerLog> {
  const log = await look(change, directory, {}, fact);
  if (log.status !== 'seen') throw new Error(JSON.stringify(log));
  return log.value;
}

const paths = ({ files }: ServerLog): readonly string[] => files.map(({ path }) => path);
const line = (minute: number, text: string): string =>
  `2026-11-21 20:${String(minute).padStart(2, '0')}:00.000 UTC [7] ${text}\n`;
const streams = (minute: number): string =>
  line(minute, 'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1');
const refused = (minute: number): string =>
  line(
    minute,
    'FATAL:  could not connect to the primary server: connection to server at "db1" (10.0.0.1), port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "rep", no encryption',
  );

describe('the logs of a server', () => {
  it('lie where the logging collector writes them, older ones first, packed ones too', async () => {
    await put(
      '/srv/standby/postgresql.conf',
      "logging_collector = on\nlog_directory = 'logs'\nlog_filename = 'pg-%d.log'\n",
    );
    await put('/srv/standby/logs/pg-19.log.gz', gzipSync(streams(1)), 1);
    await put('/srv/standby/logs/pg-20.log', streams(2), 2);
    await put('/srv/standby/logs/pg-21.log', refused(3), 3);
    await put('/srv/standby/logs/pg-21.csv', 'the same in another form', 3);
    await put('/srv/standby/logs/other.txt', 'PANIC:  nothing', 3);
    const log = await read();
    expect(paths(log)).toEqual(['pg-19.log.gz', 'pg-20.log', 'pg-21.log'].map((name) => `/srv/standby/logs/${name}`));
    expect(log.summary.streaming?.time?.toISOString()).toBe('2026-11-21T20:02:00.000Z');
    expect(log.summary.receiverFailure?.recognition?.id).toBe('no-hba-replication');
    expect(log.problems).toEqual([]);
  });

  it('are csvlog where nothing else is written, and what the server said before', async () => {
    await put('/srv/standby/postgresql.conf', "logging_collector = on\nlog_destination = 'csvlog'\n");
    await put('/srv/standby/log/postgresql-2026-11-21_200000.log', refused(1), 1);
    await put('/srv/standby/log/postgresql-2026-11-21_200000.csv', '', 2);
    await put('/srv/standby/log/postgresql-2026-11-21_200000.json', '', 2);
    expect(paths(await read())).toEqual(
      ['log', 'csv'].map((end) => `/srv/standby/log/postgresql-2026-11-21_200000.${end}`),
    );
  });

  it("lie where Debian's pg_ctlcluster puts them", async () => {
    await put('/var/lib/postgresql/15/main/PG_VERSION', '15\n');
    await put('/var/log/postgresql/postgresql-15-main.log', streams(2), 2);
    await put('/var/log/postgresql/postgresql-15-main.log.1', refused(1), 1);
    await put('/var/log/postgresql/postgresql-15-other.log', refused(3), 3);
    const log = await read({}, '/var/lib/postgresql/15/main');
    expect(paths(log)).toEqual(['.1', ''].map((end) => `/var/log/postgresql/postgresql-15-main.log${end}`));
    expect(log.summary.receiverFailure).toBeUndefined();
  });

  it("lie beside the data directory, unless they may be another server's", async () => {
    await put('/srv/server.log', streams(1));
    await put('/srv/standby.log', streams(1));
    await put('/srv/standby/logfile', streams(1));
    expect(paths(await read())).toEqual(
      expect.arrayContaining(['/srv/server.log', '/srv/standby.log', '/srv/standby/logfile']),
    );
    await put('/srv/primary/PG_VERSION', '15\n');
    expect(paths(await read())).not.toContain('/srv/server.log');
    expect(paths(await read())).toContain('/srv/standby.log');
  });

  it('are those that --log names, and no others', async () => {
    await put('/srv/standby/logfile', streams(1));
    await put('/elsewhere/a.log', refused(1));
    expect(paths(await read({ logs: ['/elsewhere/*.log'] }))).toEqual(['/elsewhere/a.log']);
    expect(await look({ logs: ['/elsewhere/*.txt'] })).toMatchObject({
      status: 'unseen',
      why: { because: 'no file fits --log /elsewhere/*.txt' },
    });
  });

  it.each([
    [
      'the collector',
      'LOG:  redirecting log output to logging collector process',
      'HINT:  Future log output will appear in directory "pg_log".',
    ],
    [
      'the collector, in German',
      'LOG:  Logausgabe wird an Logsammelprozess umgeleitet',
      'TIPP:  Die weitere Logausgabe wird im Verzeichnis »pg_log« erscheinen.',
    ],
  ])('go on where one of them says: %s', async (_, text, hint) => {
    // the settings at hand do not name the place: it was another one at the start, or the file is lost
    await put('/srv/standby/pg_log/a.log', refused(3), 3);
    await put('/srv/standby/server.log', `${line(1, text)}${line(1, hint)}`, 1);
    expect(paths(await read())).toEqual(['/srv/standby/server.log', '/srv/standby/pg_log/a.log']);
    const given = await read({ logs: ['/srv/standby/server.log'] });
    expect(paths(given)).toEqual(['/srv/standby/server.log', '/srv/standby/pg_log/a.log']);
    expect(given.summary.receiverFailure?.recognition?.id).toBe('no-hba-replication');
  });

  it('go on in csvlog where the file of the collector says so', async () => {
    await put('/a/server.log', line(1, 'HINT:  Future log output will appear in directory "/b".'), 1);
    await put('/b/p.log', line(2, 'HINT:  Future log output will go to log destination "csvlog".'), 2);
    await put('/b/p.csv', '', 3);
    expect(paths(await read({ logs: ['/a/server.log'] }))).toEqual(['/a/server.log', '/b/p.log', '/b/p.csv']);
  });

  it.each(['/srv/standby/server.log', '/b'])('end where a file leads to itself or to nothing: %s', async (to) => {
    await put('/srv/standby/server.log', line(1, `HINT:  Future log output will appear in directory "${to}".`), 1);
    expect(paths(await read())).toEqual(['/srv/standby/server.log']);
  });

  it('are the standby’s from its copy on: what came with the directory is the primary’s', async () => {
    const { text } = aBackupLabel();
    const parsed = parseBackupLabel(text.replace('19:00:00', '20:02:30'));
    if (!parsed.ok) throw new Error(parsed.fault.found);
    const backupLabel = { text, label: parsed.value };
    const copy = seen(aDataDirectory({ path: '/srv/standby', manifest: 'absent', backupLabel }), '/srv/standby');
    await put('/srv/standby/server.log', `${streams(1)}${refused(2)}${refused(3)}`, 3);
    expect((await read({}, '/srv/standby', copy)).summary).toMatchObject({
      streaming: undefined,
      sightings: [{ count: 1 }],
    });
    // one beside the directory did not come with it
    await put('/srv/standby.log', refused(1), 1);
    expect((await read({}, '/srv/standby', copy)).summary.sightings[0]?.count).toBe(2);
  });

  it('are read from their end, up to the limit, all files together', async () => {
    await put('/a/1.log', streams(1), 1);
    await put('/a/2.log', refused(2).repeat(3), 2);
    const limit = refused(2).length * 2 + 10;
    const log = await read({ logs: ['/a/*.log'], logBytes: limit });
    expect(log.files).toEqual([{ path: '/a/2.log', readBytes: limit, whole: false }]);
    expect(log.summary.sightings[0]?.count).toBe(2);
    const more = await read({ logs: ['/a/*.log'], logBytes: refused(2).length * 3 + 1 });
    expect(paths(more)).toEqual(['/a/1.log', '/a/2.log']);
  });

  it('are read from their end when they are packed', async () => {
    await put('/a/1.log.gz', gzipSync(`${refused(1).repeat(10_000)}${streams(2)}`));
    const { files, summary } = await read({ logs: ['/a/1.log.gz'], logBytes: 100_000 });
    expect(files[0]?.whole).toBe(false);
    expect(summary.sightings.find(({ recognition }) => recognition.id === 'no-hba-replication')?.count).toBeLessThan(
      1_000,
    );
    expect(summary.streaming).toBeDefined();
  });

  it('say what of them could not be read', async () => {
    await put('/a/1.log.gz', 'this is not packed');
    await put('/a/2.log', streams(1), 1);
    expect((await read({ logs: ['/a/*'] })).problems).toEqual([
      '/a/1.log.gz: what gzip packed is damaged, or was not written to its end',
    ]);
  });

  it('are not seen where there are none', async () => {
    expect(await look()).toMatchObject({ status: 'unseen', why: { kind: 'not-asked' } });
  });

  it('may grow while they are read', async () => {
    await put('/a/1.log', streams(1), 1);
    const reading = read({ logs: ['/a/1.log'] });
    await appendFile(join(root, '/a/1.log'), refused(2));
    expect((await reading).summary.streaming).toBeDefined();
  });

  it('that get no further are read as far as they came', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from(refused(1) + refused(2));
      await new Promise(() => undefined);
    }
    const host: Host = {
      ...rootedHost(root),
      pieces: () => Promise.resolve(answer({ pieces: pieces(), problem: () => undefined })),
    };
    const log = await look({ logs: ['-'] }, '/srv/standby', { host, timeoutMs: 5 });
    expect(log.status === 'seen' && log.value).toMatchObject({
      problems: ['standard input: nothing more came of it within 0.03 s'],
      files: [{ path: 'standard input', whole: false }],
      summary: { sightings: [{ count: 2 }] },
    });
  });
});
