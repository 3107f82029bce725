import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import { resolveConnectionParameters, serviceFilePlaces } from '../../src/postgres/connection-parameters.ts';
import type { ConnectionParameters, GivenParameter, ServiceFile } from '../../src/postgres/connection-parameters.ts';
import { configurationValue, formatConninfo } from '../../src/postgres/conninfo-format.ts';
import { conninfoOptions, isKnownTo } from '../../src/postgres/conninfo-options.ts';
import { looksLikeConninfo, parseConninfo } from '../../src/postgres/conninfo.ts';
import type { ConninfoProblem } from '../../src/postgres/conninfo.ts';
import { findPassword, passfileModeProblem } from '../../src/postgres/passfile.ts';
import { baseBackupParameters, conninfoParameters } from '../../src/postgres/replication-parameters.ts';
import { afterwards } from '../lab/lifetime.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { listenForGreetings } from './startup-packets.ts';

// PostgreSQL's own clients are asked the same as our functions: what they make of a connection string shows in their
// error, or in the greeting that they send to a listener.
const folder = await mkdtemp(join(tmpdir(), 'standbylint-conninfo-'));
afterwards(() => rm(folder, { recursive: true }), 'file');
const listener = await listenForGreetings('tcp');
const socketFolder = join(folder, 'socket');
await mkdir(socketFolder);
const socketListener = await listenForGreetings({ socketDirectory: socketFolder });
const target = `hostaddr=127.0.0.1 port=${listener.port}`;
const libpqUser = userInfo().username;

interface Asked {
  readonly stderr: string;
  readonly ended: number;
}

/** Runs a client with nothing in its environment but what is given. */
function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Asked> {
  const env = { HOME: join(folder, 'no-home'), LC_ALL: 'C', PGSYSCONFDIR: folder, ...environment };
  return new Promise((resolve) => {
    const child = execFile(program, args, { env, timeout: 15_000 }, (error, _stdout, stderr) =>
      resolve({ stderr, ended: typeof error?.code === 'number' ? error.code : 0 }),
    );
    child.stdin?.end();
  });
}

const psql = (release: Release, text: string, environment?: Readonly<Record<string, string>>): Promise<Asked> =>
  run(join(release.bin, 'psql'), ['-X', '-w', '-d', text], environment);

/** The libpq that a client uses can be newer than the client: it is known by the keywords that it knows. */
async function libpqOf(release: Release): Promise<number> {
  for (const [version, keyword] of [
    [18, 'oauth_scope'],
    [17, 'sslnegotiation'],
    [16, 'load_balance_hosts'],
    [15, 'sslsni'],
  ] as const) {
    const { stderr } = await psql(release, `${keyword}=x sslmode=nonsense`);
    // What tells 14 and 15 apart is no keyword.
    if (stderr.includes('invalid sslmode')) return version === 15 && release.major === 14 ? 14 : version;
  }
  return 13;
}

/** The beginning of libpq's own message for a problem; undefined where we refuse what it accepts. */
function libpqWords(problem: ConninfoProblem, text: string): string | undefined {
  switch (problem.kind) {
    case 'missing-equals':
      return `missing "=" after "${text.slice(problem.at, problem.end)}" in connection info string`;
    case 'unterminated-quote':
      return 'unterminated quoted string in connection info string';
    case 'unknown-keyword':
      return text.startsWith('postgres') && /^postgres(ql)?:\/\//u.test(text)
        ? 'invalid URI query parameter: "'
        : `invalid connection option "${text.slice(problem.at, problem.end)}"`;
    case 'unclosed-bracket':
      return 'end of string reached when looking for matching "]"';
    case 'empty-bracket':
      return 'IPv6 host address may not be empty';
    case 'after-bracket':
      // libpq counts bytes, from 1.
      return `unexpected character "${text.slice(problem.at, problem.end)}" at position ${Buffer.byteLength(text.slice(0, problem.at)) + 1} in URI`;
    case 'percent-token':
      return 'invalid percent-encoded token';
    case 'percent-zero':
      return 'forbidden value %00';
    case 'space-in-uri':
      return 'unexpected spaces found';
    case 'parameter-without-equals':
      return 'missing key/value separator "="';
    case 'parameter-with-two-equals':
      return 'extra key/value separator "="';
    case 'unencoded-credentials':
      return undefined;
  }
}

const isLibpqsParseError = (stderr: string): boolean =>
  /connection info string|invalid connection option|in URI|percent-encoded|URI query parameter|spaces found/u.test(
    stderr,
  );

const plainValue = (value: string | { reveal(): string } | undefined): string | undefined =>
  typeof value === 'object' ? value.reveal() : value;

async function serviceFileAt(path: string | undefined, text: string | undefined): Promise<ServiceFile | undefined> {
  if (path === undefined) return undefined;
  if (text === undefined) return { path, content: { kind: 'absent' } };
  await writeFile(path, text);
  return { path, content: { kind: 'read', text } };
}

/** What our own functions make of it, where the clients' error or greeting is expected. */
function resolve(
  given: readonly GivenParameter[],
  libpqVersion: number,
  environment: Readonly<Record<string, string>> = {},
  serviceFiles: { readonly user: ServiceFile | undefined; readonly system: ServiceFile | undefined } = {
    user: undefined,
    system: undefined,
  },
): ConnectionParameters {
  const home = join(folder, 'no-home');
  const result = resolveConnectionParameters(given, {
    environment,
    serviceFiles,
    operatingSystemUser: libpqUser,
    home,
    libpqVersion,
  });
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

function given(text: string, libpqVersion: number): readonly GivenParameter[] {
  const parsed = parseConninfo(text, { libpqVersion });
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return conninfoParameters(parsed.value);
}

onReleasesInTurn((release) => {
  const libpq = libpqOf(release);

  test('every keyword is known to the releases that the table says', async () => {
    const version = await libpq;
    await Promise.all(
      conninfoOptions.map(async (option) => {
        const { stderr } = await psql(release, `${option.keyword}=x sslmode=nonsense`);
        const known = !stderr.includes('invalid connection option');
        expect([option.keyword, known]).toEqual([option.keyword, isKnownTo(option, version)]);
      }),
    );
  });

  test('connection strings of both forms are accepted, refused and read as by libpq', async () => {
    const version = await libpq;
    await fc.assert(
      fc.asyncProperty(fc.oneof(keywordValueTexts, assignmentTexts, uriTexts), async (text) => {
        fc.pre(looksLikeConninfo(text));
        const parsed = parseConninfo(text, { libpqVersion: version });
        const expectedWords = parsed.ok ? undefined : libpqWords(parsed.problem, text);
        if (!parsed.ok && expectedWords === undefined) return;
        // Sent to the listener whatever it says of hosts: given again at the end, the later one wins.
        const query = text.slice(text.lastIndexOf('@') + 1);
        const separator = query.includes('?') ? (/[?&]$/u.test(text) ? '' : '&') : '?';
        const sent = !parsed.ok
          ? text
          : parsed.value.form === 'uri'
            ? `${text}${separator}hostaddr=127.0.0.1&host=localhost&port=${listener.port}&passfile=/dev/null&sslmode=disable`
            : `${text.replace(/\\$/u, '')} ${target} host=localhost passfile=/dev/null sslmode=disable`;
        await listener.take();
        const { stderr } = await psql(release, sent);
        const greetings = await listener.take();
        if (expectedWords !== undefined) {
          expect(stderr).toContain(expectedWords);
          return;
        }
        expect(isLibpqsParseError(stderr), stderr).toBe(false);
        const parameters = resolve(given(sent, version), version);
        if (parameters.problems.length > 0) {
          expect(greetings).toEqual([]);
          return;
        }
        expect(greetings).toMatchObject([
          {
            parameters: { user: parameters.user, database: parameters.database },
            password: plainValue(parameters.values.password) || undefined,
          },
        ]);
        expect(greetings[0]?.parameters['options'] ?? '').toBe(parameters.values.options ?? '');
        // An empty name is a name, which is then not sent: psql's own does not take its place.
        const name = (parameters.values.application_name ?? 'psql') || undefined;
        expect(greetings[0]?.parameters['application_name']).toBe(name);
      }),
      { numRuns: Number(process.env['STANDBYLINT_TEST_RUNS'] ?? 60) },
    );
  }, 120_000);

  test.each(refusedValues)('%s: libpq connects nowhere, and neither do we', async (text) => {
    const version = await libpq;
    const parsed = parseConninfo(text, { libpqVersion: version });
    const refuse = !parsed.ok || resolve(conninfoParameters(parsed.value), version).problems.length > 0;
    await listener.take();
    const { stderr } = await psql(release, /\b(?:host|hostaddr|port)=/u.test(text) ? text : `${text} ${target}`);
    const connected =
      (await listener.take()).length > 0 ||
      /connection to server|could not connect|No such file|server does not support SSL/u.test(stderr);
    expect([text, connected ? 'tried' : 'refused', stderr]).toEqual([text, refuse ? 'refused' : 'tried', stderr]);
  });

  test('every parameter with words that do not belong there: refused where libpq refuses, and what is advised it accepts', async () => {
    const version = await libpq;
    const refuses = async (text: string): Promise<boolean> => {
      const { stderr } = await psql(release, `${text} ${target}`);
      return /invalid integer value|must be an integer|psql: error: (?:invalid|weak) (?!connection option)/u.test(
        stderr,
      );
    };
    const known = conninfoOptions.filter((option) => isKnownTo(option, version));
    const checked = known.filter(({ keyword }) => checkedKeywords.test(keyword)).map(({ keyword }) => keyword);
    for (const keyword of checked)
      await Promise.all(
        wrongWords.map(async (word) => {
          const text = `${keyword}='${word}'`;
          const [problem] = resolve(given(`${text} ${target}`, version), version).problems;
          expect([text, problem !== undefined]).toEqual([text, await refuses(text)]);
          if (problem?.instead === undefined || problem.kind === 'combination') return;
          const advised = `${keyword}='${problem.instead}'`;
          expect([text, advised, await refuses(advised)]).toEqual([text, advised, false]);
        }),
      );
  }, 60_000);

  test('given, service, environment and defaults rank as in libpq', async () => {
    const version = await libpq;
    const home = join(folder, `home-${release.major}`);
    await mkdir(home, { recursive: true });
    const systemFolder = join(folder, `system-${release.major}`);
    await mkdir(systemFolder, { recursive: true });
    const passfile = join(home, '.pgpass');
    await writeFile(passfile, '*:*:*:*:from-home\n', { mode: 0o600 });
    for (const [text, more, userFile, systemFile] of precedences) {
      const environment = {
        HOME: home,
        PGSYSCONFDIR: systemFolder,
        PGHOST: '127.0.0.1',
        PGPORT: String(listener.port),
        // Up to 14 libpq does not ask HOME, and whose home it would find is not ours to fill.
        ...(version < 15 ? { PGPASSFILE: passfile } : {}),
        ...(version < 15 && userFile !== undefined ? { PGSERVICEFILE: join(home, '.pg_service.conf') } : {}),
        ...more,
      };
      const places = serviceFilePlaces({ environment, home: undefined, libpqVersion: version });
      await Promise.all([places.user, places.system].map((path) => rm(path ?? '', { force: true })));
      const serviceFiles = {
        user: await serviceFileAt(places.user, userFile),
        system: await serviceFileAt(places.system, systemFile),
      };
      await listener.take();
      const { stderr } = await psql(release, text, environment);
      const [greeting] = await listener.take();
      const result = resolveConnectionParameters(given(text, version), {
        environment,
        serviceFiles,
        operatingSystemUser: libpqUser,
        home: undefined,
        libpqVersion: version,
      });
      if (!result.ok) {
        expect(greeting, stderr).toBeUndefined();
        expect(stderr).toMatch(/service/u);
        continue;
      }
      const key = result.value.hosts[0]?.passfileKey;
      if (key === undefined) throw new Error('no host');
      const looked = result.value.passfile === undefined ? undefined : findPassword('*:*:*:*:from-home\n', key);
      expect(greeting, `${text} ${stderr}`).toEqual({
        parameters: expect.objectContaining({
          user: result.value.user,
          database: result.value.database,
          application_name: result.value.values.application_name ?? 'psql',
        }),
        password: looked?.kind === 'found' ? looked.password.reveal() : plainValue(result.value.values.password),
      });
    }
  });

  test('hosts and ports are put together as in libpq', async () => {
    const version = await libpq;
    for (const [text, tries] of [
      [`host=127.0.0.1,127.0.0.1 port=1,${listener.port}`, 1],
      [`host=127.0.0.1,127.0.0.1 port=${listener.port}`, 1],
      [`host=nowhere.invalid hostaddr=127.0.0.1 port=${listener.port}`, 1],
      [`host=nowhere.invalid,${socketFolder} hostaddr=,127.0.0.1 port=1,${listener.port}`, 1],
      [`host=${socketFolder} port=${socketListener.port}`, 1],
      [`host=127.0.0.1,${socketFolder} port=1,${socketListener.port}`, 1],
      [`postgresql://%2Fnowhere:1,127.0.0.1:${listener.port}/`, 1],
      [`postgresql://[::ffff:127.0.0.1]:${listener.port}/`, 1],
      [`host=127.0.0.1,127.0.0.1 port=1,${listener.port},3`, 0],
      [`host=a,b,c hostaddr=127.0.0.1 port=${listener.port}`, 0],
      [`host=127.0.0.1 port=99999`, 0],
    ] as const) {
      await listener.take();
      await socketListener.take();
      await psql(release, text);
      const greeted = [...(await listener.take()), ...(await socketListener.take())];
      expect([text, greeted.length > 0 ? 1 : 0]).toEqual([text, tries]);
      const { hosts } = resolve(given(text, version), version);
      const reachable = hosts.filter(({ port }) => port === listener.port || port === socketListener.port);
      expect([text, reachable.length > 0 ? 1 : 0]).toEqual([text, tries]);
    }
  });

  test('a password file gives what it gives to libpq', async () => {
    const version = await libpq;
    const passfile = join(folder, `passfile-${release.major}`);
    await fc.assert(
      fc.asyncProperty(passfileTexts, fc.constantFrom('app', 'a:b', 'a\\b', '*'), async (text, database) => {
        await writeFile(passfile, text.replaceAll('PORT', String(listener.port)), { mode: 0o600 });
        const conninfo = `${formatConninfo({ host: '127.0.0.1', port: String(listener.port), user: 'rep', dbname: database })} passfile=${passfile}`;
        await listener.take();
        await psql(release, conninfo);
        const key = resolve(given(conninfo, version), version).hosts[0]?.passfileKey;
        if (key === undefined) throw new Error('no host');
        const looked = findPassword(text.replaceAll('PORT', String(listener.port)), key);
        const password = looked.kind === 'found' && !looked.empty ? looked.password.reveal() : undefined;
        expect(await listener.take()).toMatchObject([{ password }]);
      }),
      { numRuns: Number(process.env['STANDBYLINT_TEST_RUNS'] ?? 30) },
    );
  }, 120_000);

  test('a socket is looked up by its directory', async () => {
    const version = await libpq;
    const passfile = join(folder, `passfile-socket-${release.major}`);
    await writeFile(passfile, `localhost:*:*:*:wrong\n${socketFolder}:${socketListener.port}:*:*:right\n`, {
      mode: 0o600,
    });
    const conninfo = `host=${socketFolder} port=${socketListener.port} user=rep passfile=${passfile}`;
    expect(resolve(given(conninfo, version), version).hosts[0]?.passfileKey.host).toBe(socketFolder);
    await socketListener.take();
    await psql(release, conninfo);
    expect(await socketListener.take()).toMatchObject([{ password: 'right' }]);
  });

  test('a password file that others can read is left aside', async () => {
    const passfile = join(folder, `passfile-mode-${release.major}`);
    await writeFile(passfile, '*:*:*:*:pw\n');
    for (const mode of [0o600, 0o400, 0o640, 0o604, 0o610]) {
      await chmod(passfile, mode);
      await listener.take();
      const { stderr } = await psql(release, `host=127.0.0.1 port=${listener.port} passfile=${passfile}`);
      const ignored = passfileModeProblem({ isFile: true, mode }) !== undefined;
      expect([mode, (await listener.take())[0]?.password]).toEqual([mode, ignored ? undefined : 'pw']);
      expect(stderr.includes('group or world access')).toBe(ignored);
    }
    const { stderr } = await psql(release, `host=127.0.0.1 port=${listener.port} passfile=${folder}`);
    expect(stderr).toContain('is not a plain file');
  });

  test('pg_basebackup logs in and looks its password up as we say', async () => {
    const version = await libpq;
    const passfile = join(folder, `passfile-basebackup-${release.major}`);
    await writeFile(passfile, '*:*:replication:*:for-replication\n*:*:app:*:for-app\n', { mode: 0o600 });
    const environment = { PGPASSFILE: passfile, PGPORT: String(listener.port), PGUSER: 'env', PGDATABASE: 'env' };
    for (const [text, options] of [
      [undefined, { host: '127.0.0.1' }],
      ['host=127.0.0.1 dbname=app user=b', {}],
      ['host=/nowhere user=b replication=database application_name=x', { host: '127.0.0.1', user: 'u' }],
      ["host=127.0.0.1 user='' dbname=''", {}],
      [`postgresql://b@/app?host=127.0.0.1`, { port: String(listener.port) }],
    ] as const) {
      const parsed = text === undefined ? undefined : parseConninfo(text, { libpqVersion: version });
      const conninfo = parsed?.ok === true ? parsed.value : undefined;
      const parameters = resolve(baseBackupParameters({ conninfo, ...options }, release.major), version, environment);
      const args = [
        ...(text === undefined ? [] : ['-d', text]),
        ...('host' in options ? ['-h', options.host] : []),
        ...('port' in options ? ['-p', options.port] : []),
        ...('user' in options ? ['-U', options.user] : []),
      ];
      await listener.take();
      await run(join(release.bin, 'pg_basebackup'), ['-w', '-D', '-', '-Ft', '-X', 'none', ...args], environment);
      const key = parameters.hosts[0]?.passfileKey;
      expect(await listener.take()).toEqual([
        {
          parameters: expect.objectContaining({
            user: parameters.user,
            database: parameters.database,
            replication: 'true',
            application_name: parameters.values.application_name ?? 'pg_basebackup',
          }),
          password: key?.database === 'app' ? 'for-app' : 'for-replication',
        },
      ]);
    }
  });

  test('a lone word is a database to psql and a fault to pg_basebackup', async () => {
    expect(looksLikeConninfo('app')).toBe(false);
    const { stderr } = await run(join(release.bin, 'pg_basebackup'), [
      '-w',
      '-D',
      '-',
      '-Ft',
      '-X',
      'none',
      '-d',
      'app',
    ]);
    expect(stderr).toContain('missing "=" after "app" in connection info string');
    expect(parseConninfo('app')).toMatchObject({ ok: false, problem: { kind: 'missing-equals' } });
  });

  test('connect_timeout=1 lasts as long as we say', async () => {
    const version = await libpq;
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const conninfo = `host=127.0.0.1 port=${port} connect_timeout=1 gssencmode=disable`;
    const begun = performance.now();
    await psql(release, conninfo);
    const elapsedMs = performance.now() - begun;
    silent.close();
    const expectedMs = (resolve(given(conninfo, version), version).connectTimeoutSeconds ?? 0) * 1000;
    // libpq up to 16 counts in whole seconds of the clock, so up to one second less.
    expect(elapsedMs).toBeGreaterThan(expectedMs - (version <= 16 ? 1050 : 50));
    expect(elapsedMs).toBeLessThan(expectedMs + 900);
  });

  test('what we write into postgresql.conf is what the server reads', async () => {
    const directory = join(folder, `conf-${release.major}`);
    await mkdir(directory, { recursive: true });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom("'", '\\', ' ', 'a', '"', '#', '=', '%', 'é') }),
        async (user) => {
          const conninfo = formatConninfo({ host: 'db1', user });
          const line = `primary_conninfo = ${configurationValue(conninfo)}\n`;
          await writeFile(join(directory, 'postgresql.conf'), line);
          const program = join(release.bin, 'postgres');
          const said = await new Promise<string>((resolve) => {
            execFile(program, ['-C', 'primary_conninfo', '-D', directory], (_error, stdout) => resolve(stdout));
          });
          expect(said).toBe(`${conninfo}\n`);
        },
      ),
      { numRuns: 20 },
    );
  });
});

const words = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

const keywordValueTexts = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: words('user', 'dbname', 'application_name', 'password', 'options') },
      { weight: 4, arbitrary: words('=', ' = ', '= ') },
      { weight: 3, arbitrary: words('a', "'b'", "'c d'", String.raw`e\ f`, String.raw`'g\'h'`, 'i\\\\j', 'ü', "''") },
      { weight: 3, arbitrary: words(' ', '\t', '\n', '  ', '\v') },
      {
        weight: 1,
        arbitrary: words("'", '\\', 'hots', 'PORT', '"', '\u00A0', 'requiressl=1', 'sslmode=prefer', 'sslsni=0'),
      },
    ),
    { minLength: 1, maxLength: 14 },
  )
  .map((pieces) => pieces.join(''));

/** Mostly well-formed assignments: what is generated above is mostly refused. */
const assignmentTexts = fc
  .array(
    fc.tuple(
      words('user', 'dbname', 'application_name', 'password'),
      words('=', ' = ', '=\n'),
      fc.oneof(
        fc.string({ unit: words('a', 'B', '7', "\\'", '\\\\', '\\ ', 'é', '=', '%'), minLength: 1 }),
        fc.string({ unit: words('a', "\\'", '\\\\', ' ', '\t', 'é', '=', '\\x') }).map((inside) => `'${inside}'`),
      ),
      words(' ', '\t', '\n \n'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((assignments) => assignments.map((parts) => parts.join('')).join(''));

const uriTexts = fc
  .tuple(
    words('postgresql://', 'postgres://'),
    words(
      '',
      'u@',
      'u:p@',
      ':p@',
      'a%40b:c%3Ad@',
      'u:p:q@',
      ' u :p@',
      '%zz@',
      'u:%00@',
      'a b@',
      'u:p?q@',
      'u:p/q@',
      'u:p@q@',
    ),
    words('', 'h', 'h:1', 'h1,h2:2', '[::1]', '[::1]:5', '[::1', '[]', '[::1]x', 'h:%31', '%2Ftmp', ',', ':', 'h:1:2'),
    words('', '/', '/db', '/d%20b', '/a/b', '/my@db', '/%', '/ d '),
    words(
      '',
      '?',
      '?user=x',
      '?ssl=true',
      '?ssl=false',
      '?application_name=a%26b',
      '?a',
      '?a=b=c',
      '?user=x&',
      '?&',
      '?hots=1',
      '?options=-c%20a%3Db',
      '?user=%',
      '?password=p&dbname=é',
      '?requiressl=1',
    ),
  )
  .map((parts) => parts.join(''));

const passfileTexts = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc
          .tuple(
            words('127.0.0.1', '*', 'localhost', '127.0.0.\\1', '127.0.0.2', '**'),
            words('PORT', '*', '5432', '0PORT'),
            words('app', '*', 'a\\:b', 'a\\\\b', '\\*', 'a:b', '\\a\\p\\p'),
            words('rep', '*', 'r\\ep', 'replication', ''),
            words('pw', 'p\\:w', 'p:w', 'p\\\\w', 'pw\\', '', 'p w ', 'pé', 'x'.repeat(700)),
          )
          .map((fields) => fields.join(':')),
      },
      { weight: 1, arbitrary: words('', '# comment', '#*:*:*:*:no', '*:*:*:*', ':', ' *:*:*:*:no', '*:*:*:*:last') },
    ),
    { maxLength: 6 },
  )
  .chain((lines) => words('\n', '\r\n').map((end) => lines.map((line) => line + end).join('')));

const checkedKeywords =
  /^(?:sslmode|gssencmode|channel_binding|target_session_attrs|load_balance_hosts|sslcertmode|require_auth|connect_timeout|keepalives\w*|tcp_user_timeout|m\w+_protocol_version|ssl_m\w+_version)$/u;

const wrongWords: readonly string[] = ['yes', '', '10s', '1.2'];

const refusedValues: readonly string[] = [
  'sslmode=on',
  "sslmode=''",
  'sslmode=disable',
  'channel_binding=yes',
  "channel_binding=''",
  'gssencmode=allow',
  'target_session_attrs=master',
  'target_session_attrs=primary',
  'target_session_attrs=read-write',
  'load_balance_hosts=on',
  'load_balance_hosts=random',
  'sslnegotiation=direct sslmode=prefer',
  'sslnegotiation=x',
  'sslcertmode=x',
  'sslrootcert=system sslmode=require',
  'ssl_min_protocol_version=TLSv9',
  "ssl_min_protocol_version=''",
  'ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=tlsv1.2',
  'ssl_min_protocol_version=TLSv1 ssl_max_protocol_version=TLSv1',
  'ssl_min_protocol_version=tlsv1.1 ssl_max_protocol_version=TLSv1',
  'min_protocol_version=latest max_protocol_version=3.0',
  'min_protocol_version=3.0 max_protocol_version=latest',
  'max_protocol_version=3.1',
  'require_auth=md5,!none',
  'require_auth=!none,md5',
  'require_auth=scram',
  'require_auth=oauth',
  'require_auth=md5,md5',
  'require_auth=none,none',
  'require_auth=!none,!none',
  'require_auth=password',
  'require_auth=md5,',
  'host=127.0.0.1 port=0',
  'host=127.0.0.1 port=65536',
  'host=127.0.0.1 port=1x',
  'host=127.0.0.1 port=0x1',
  "host=127.0.0.1 port=' +1 '",
  'host=127.0.0.1 port=99999999999',
  'host=127.0.0.1,127.0.0.1 port=1,1,1',
  'hostaddr=127.0.0.1 host=a,b port=1',
  `host=/${'x'.repeat(92)} port=5432`,
  `host=/${'x'.repeat(93)} port=5432`,
];

type Precedence = readonly [
  text: string,
  environment: Readonly<Record<string, string>>,
  userFile: string | undefined,
  systemFile: string | undefined,
];

const precedences: readonly Precedence[] = [
  ['', {}, undefined, undefined],
  ['user=a', { PGUSER: 'b' }, undefined, undefined],
  ["user=''", { PGUSER: 'b' }, undefined, undefined],
  ['', { PGUSER: 'b', PGDATABASE: 'c', PGPASSWORD: 'd', PGAPPNAME: 'e' }, undefined, undefined],
  ['', { PGUSER: '', PGDATABASE: '' }, undefined, undefined],
  ["password=''", { PGPASSWORD: 'd' }, undefined, undefined],
  ['service=s', { PGUSER: 'b' }, '[s]\nuser=c\nuser=d\ndbname=e', '[s]\nuser=f'],
  ['service=s user=a', {}, '[s]\nuser=c\npassword=pw', undefined],
  ['service=s', {}, '[other]\nuser=c', '[s]\nuser=f'],
  ['service=s', {}, undefined, '[s]\nuser=f\npassword= p'],
  ['service=s', {}, '[s]x\n  user=c  \n[s]\nuser=d', undefined],
  ['', { PGSERVICE: 's' }, '[s]\nuser=c', undefined],
  ['service=t', { PGSERVICE: 's' }, '[s]\nuser=c\n[t]\nuser=d', undefined],
  ['service=s', {}, undefined, undefined],
  ['service=s', {}, '[other]\nuser=c', undefined],
  ['service=s', {}, '[s]\nuser = c', undefined],
  ['service=s', {}, '[s]\nuser', undefined],
  ['service=s', {}, '[s]\nservice=t', undefined],
  ['service=s', {}, '[s]\nhots=t', '[s]\nuser=f'],
  ['service=s', {}, '[t]\nhots=t\n[s]\nuser=u\n[v]\nx', undefined],
  ['service=s', {}, `#${'x'.repeat(1100)}\n[s]\nuser=u`, undefined],
  ['service=s', {}, `#${'x'.repeat(300)}\n[s]\nuser=u`, undefined],
  ['service=s', {}, `#${'x'.repeat(1020)}\n[s]\nuser=u`, undefined],
  ['service=s', {}, `#${'x'.repeat(1021)}\n[s]\nuser=u`, undefined],
  ['', { PGSERVICE: '' }, '[s]\nuser=u', undefined],
];
