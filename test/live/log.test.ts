import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { literal } from '../../src/remedies/quoting.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import type { LogRecord } from '../../src/postgres/log/log-record.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import type { Recognition } from '../../src/postgres/messages/recognition.ts';
import { aPair, rowArrives, untilStreaming } from '../lab/pair.ts';
import type { Pair } from '../lab/pair.ts';
import { createRole } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { until } from '../lab/until.ts';

const catalogue = await messageCatalogue();

interface Seen {
  readonly record: LogRecord;
  readonly recognition: Recognition | undefined;
}

const understood = (text: string, major: number): readonly Seen[] =>
  readLogText(text).map((record) => ({ record, recognition: recognise(catalogue, record, { major }) }));

/** All logs of a server, by the end of the file's name. */
async function logs(server: ThrowawayServer): Promise<Readonly<Record<string, string>>> {
  const folder = join(server.dataDirectory, 'log');
  const found: Record<string, string> = { stderr: await server.log() };
  for (const name of existsSync(folder) ? await readdir(folder) : [])
    found[name.slice(name.lastIndexOf('.') + 1)] = await readFile(join(folder, name), 'utf8');
  return found;
}

/** What keeps the WAL receiver from streaming, and the message that tells it. */
const receiverFaults = ({ primary }: Pair): readonly (readonly [conninfo: string, slot: string, root: string])[] => {
  const host = `host=127.0.0.1 port=${primary.server.port}`;
  const right = `${host} user=${primary.role} password='${primary.password}'`;
  return [
    ['host=127.0.0.1 port=1 user=replicator', '', 'libpq-errno-refused'],
    [`${host} user=${primary.role} password=wrong`, '', 'auth-password-failed'],
    [`${host} user=plain password='${primary.password}'`, '', 'walsender-permission'],
    [`${host} user=nologin password='${primary.password}'`, '', 'role-not-permitted-login'],
    [`${host} user=rejected password='${primary.password}'`, '', 'hba-rejects-replication'],
    [`${host} user=stranger password='${primary.password}'`, '', 'no-hba-replication'],
    [right, 'absent', 'slot-does-not-exist'],
    [`host=no-such-host.invalid user=replicator`, '', 'libpq-translate-host'],
    [`${right} sslmode=require`, '', 'libpq-server-no-ssl'],
    [`${right} username=replicator`, '', 'libpq-invalid-option'],
  ];
};

const ways = [
  { name: 'standard error, as it is by default', settings: {}, files: ['stderr'] },
  {
    name: 'verbose, with a prefix that has no blanks',
    settings: { log_line_prefix: '%t:%r:%u@%d:[%p]:', log_error_verbosity: 'verbose' },
    files: ['stderr'],
  },
  {
    name: 'terse, without any prefix',
    settings: { log_line_prefix: '', log_error_verbosity: 'terse' },
    files: ['stderr'],
  },
  {
    name: 'the collector, in every form that the release has',
    settings: { logging_collector: 'on', log_directory: 'log', log_line_prefix: '%m [%p] %b ' },
    files: ['log', 'csv', 'json'],
  },
] as const;

onReleasesInTurn((release) => {
  const { major } = release;

  test.each(ways)('a WAL receiver that cannot stream: $name', async ({ settings, files }) => {
    const json = major >= 15;
    const destination = files.length === 1 ? {} : { log_destination: json ? 'stderr,csvlog,jsonlog' : 'stderr,csvlog' };
    const pair = await aPair({
      release,
      hba: [
        'host replication rejected all reject',
        'host replication replicator,plain,nologin all scram-sha-256',
        'host all all all scram-sha-256',
      ],
      standby: { settings: { wal_retrieve_retry_interval: '100ms', ...settings, ...destination } },
    });
    const { primary, standby } = pair;
    for (const [name, attributes] of [
      ['plain', 'LOGIN'],
      ['nologin', 'NOLOGIN REPLICATION'],
      ['rejected', 'LOGIN REPLICATION'],
      ['stranger', 'LOGIN REPLICATION'],
    ] as const)
      await createRole(primary.server, { name, password: primary.password, attributes });
    const read = files.filter((file) => file !== 'json' || json);
    for (const [conninfo, slot, root] of receiverFaults(pair)) {
      await standby.query(`ALTER SYSTEM SET primary_conninfo = ${literal(conninfo)}`);
      await standby.query(`ALTER SYSTEM SET primary_slot_name = ${literal(slot)}`);
      await standby.query('SELECT pg_reload_conf()');
      for (const file of read)
        await until(`${root} in ${file}`, async () =>
          understood((await logs(standby))[file] ?? '', major).some(
            ({ recognition }) => (recognition?.entry.variantOf ?? recognition?.id) === root,
          )
            ? true
            : null,
        );
    }
    for (const file of read) {
      const summary = logSummary();
      const seen = understood((await logs(standby))[file] ?? '', major);
      for (const { record, recognition } of seen) summary.add(record, recognition);
      const { start, standbyMode, streaming, receiverFailure, startFailure } = summary.result();
      expect(start?.major).toBe(major);
      expect(standbyMode).toBeDefined();
      expect(streaming).toMatchObject({ timeline: '1', goesOn: false });
      expect(receiverFailure?.recognition?.id).toBe('libpq-invalid-option');
      expect(startFailure).toBeUndefined();
      // each record of weight has a name, and its wording is of this release
      const nameless = seen.filter(
        ({ record, recognition }) => recognition === undefined && /FATAL|PANIC|ERROR/u.test(record.severity ?? ''),
      );
      expect(nameless.map(({ record }) => record.message)).toEqual([]);
      for (const { recognition } of seen) {
        expect(recognition?.entry.since ?? 13, recognition?.id).toBeLessThanOrEqual(major);
        expect(recognition?.entry.until ?? 18, recognition?.id).toBeGreaterThanOrEqual(major);
      }
    }
    // the primary's side of the same faults, in its own words
    const refusals = understood(await primary.server.log(), major).map(
      ({ recognition }) => recognition?.entry.variantOf ?? recognition?.id,
    );
    expect(refusals).toEqual(
      expect.arrayContaining([
        'auth-password-failed',
        'walsender-permission',
        'role-not-permitted-login',
        'hba-rejects-replication',
        'no-hba-replication',
        'slot-does-not-exist',
      ]),
    );
  });

  test('a standby that does not start', async () => {
    const { standby } = await aPair({ release });
    const inside = (name: string): string => join(standby.dataDirectory, name);
    const faults: readonly (readonly [root: string, make: () => Promise<void>, undo: () => Promise<void>])[] = [
      [
        'recovery-conf-not-supported',
        async () => writeFile(inside('recovery.conf'), ''),
        async () => rm(inside('recovery.conf')),
      ],
      [
        'data-dir-invalid-permissions',
        async () => chmod(standby.dataDirectory, 0o755),
        async () => chmod(standby.dataDirectory, 0o700),
      ],
      [
        'required-wal-dir-missing',
        async () => rename(inside('pg_wal'), inside('pg_wal.away')),
        async () => rename(inside('pg_wal.away'), inside('pg_wal')),
      ],
      [
        'could-not-find-db-system',
        async () => rename(inside('global/pg_control'), inside('global/pg_control.away')),
        async () => rename(inside('global/pg_control.away'), inside('global/pg_control')),
      ],
      [
        major === 13 ? 'hot-standby-param-13' : 'recovery-aborted-params',
        async () => standby.configure({ max_connections: '20' }),
        async () => standby.configure({ max_connections: '100' }),
      ],
      ['config-file-errors', async () => standby.configure({ standby_mode: 'on' }), async () => undefined],
    ];
    await standby.stop();
    for (const [root, make, undo] of faults) {
      await rm(standby.logFile);
      await make();
      await standby.tryStart();
      await undo();
      const seen = understood(await standby.log(), major);
      const summary = logSummary();
      for (const { record, recognition } of seen) summary.add(record, recognition);
      const { startFailure, sightings } = summary.result();
      const names = sightings.map(({ recognition }) => recognition.entry.variantOf ?? recognition.id);
      expect(names).toContain(root);
      if (root !== 'could-not-find-db-system')
        expect(startFailure?.recognition?.entry.variantOf ?? startFailure?.recognition?.id).toBe(root);
    }
  });

  test('in German: what the place in the source and the SQLSTATE tell', async ({ skip }) => {
    const locales = await germanLocale();
    if (locales === undefined) return skip('no German locale can be made here (localedef, its sources)');
    const { primary, standby } = await aPair({
      release,
      standby: { settings: { wal_retrieve_retry_interval: '100ms', log_error_verbosity: 'verbose' } },
    });
    await standby.stop();
    await standby.configure({ lc_messages: 'de_DE.UTF-8' });
    await rm(standby.logFile);
    const { exitCode } = await standby.run(
      standby.programPath('pg_ctl'),
      ['start', '-w', '-s', '-D', standby.dataDirectory, '-l', standby.logFile],
      { environment: { LOCPATH: locales } },
    );
    expect(exitCode).toBe(0);
    await standby.query(
      `ALTER SYSTEM SET primary_conninfo = ${literal(`host=127.0.0.1 port=${primary.server.port} user=${primary.role} password=wrong`)}`,
    );
    await standby.query('SELECT pg_reload_conf()');
    await until('the refusal', async () =>
      (await standby.log()).includes('fehlgeschlagen') || (await standby.log()).includes('FATAL:  password')
        ? true
        : null,
    );
    const summary = logSummary();
    const seen = understood(await standby.log(), major);
    for (const { record, recognition } of seen) summary.add(record, recognition);
    const { start, standbyMode, streaming, ready, receiverFailure, translated } = summary.result();
    // the primary speaks English, its refusal stands within the German sentence
    expect(receiverFailure?.recognition?.id).toBe('auth-password-failed');
    expect([standbyMode !== undefined, streaming !== undefined]).toEqual([true, true]);
    expect([start?.major, ready?.readOnly, translated]).toEqual([major, true, true]);
  });

  test('in German, without the place: what could not be told is said, and a standby that streams is healthy', async ({
    skip,
  }) => {
    const locales = await germanLocale();
    if (locales === undefined) return skip('no German locale can be made here (localedef, its sources)');
    const { primary, standby } = await aPair({
      release,
      settings: { wal_keep_size: '64MB' },
      standby: { settings: { wal_retrieve_retry_interval: '200ms' } },
    });
    await standby.stop();
    await standby.configure({ lc_messages: 'de_DE.UTF-8' });
    await rm(standby.logFile);
    const started = await standby.run(
      standby.programPath('pg_ctl'),
      ['start', '-w', '-s', '-D', standby.dataDirectory, '-l', standby.logFile],
      { environment: { LOCPATH: locales } },
    );
    expect(started.exitCode).toBe(0);
    await untilStreaming(standby);
    const look = async (...more: readonly string[]) =>
      runStandbylint(
        ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin, '--log', standby.logFile, ...more],
        { on: standby },
      );
    const ofLog = ({ json }: Awaited<ReturnType<typeof look>>) => json.rules.find(({ id }) => id === 'log/message');

    await primary.server.stop();
    await until('a failure in German', async () =>
      (await standby.log()).includes('konnte nicht mit dem Primärserver verbinden') ||
      (await standby.log()).includes('Verbindung')
        ? true
        : null,
    );
    const broken = await look('--format', 'json');
    expect(broken.json.verdict).toBe('broken');
    expect(ofLog(broken)).toMatchObject({
      outcome: 'unexamined',
      because: expect.stringMatching(
        /warnings and failures in another language than English \(lc_messages = 'de_DE.UTF-8'\) could not be recognized/u,
      ),
      remedy: expect.stringContaining("ALTER SYSTEM SET lc_messages = 'C'"),
    });
    expect((await look()).stdout.replaceAll(/\s+/gu, ' ')).toContain(
      "in another language than English (lc_messages = 'de_DE.UTF-8') could not be recognized",
    );

    await primary.server.start();
    await untilStreaming(standby);
    await rowArrives(primary.server, standby);
    const healthy = await look('--format', 'json');
    expect([healthy.json.verdict, healthy.exitCode]).toEqual(['healthy', 0]);
    expect(ofLog(healthy)).toMatchObject({
      outcome: 'passed',
      because: expect.stringContaining('could not be recognized'),
    });

    // what its remedy promises
    await standby.query("ALTER SYSTEM SET lc_messages = 'C'");
    await standby.query('SELECT pg_reload_conf()');
    await primary.server.stop();
    await until('a failure in English', async () =>
      (await standby.log()).includes('could not connect') ? true : null,
    );
    expect(ofLog(await look('--format', 'json'))?.outcome).not.toBe('unexamined');
  });
});

/** A folder for LOCPATH. */
async function germanLocale(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-locale-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  try {
    execFileSync('localedef', ['-i', 'de_DE', '-f', 'UTF-8', join(folder, 'de_DE.UTF-8')], { stdio: 'ignore' });
    return folder;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return undefined;
  }
}
