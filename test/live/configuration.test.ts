import { chown, lstat, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { parseConfigurationText } from '../../src/postgres/configuration-file.ts';
import { readConfiguration } from '../../src/postgres/configuration.ts';
import type { Configuration, ConfigurationFault, ConfigurationFiles } from '../../src/postgres/configuration.ts';
import { parsePostmasterOpts } from '../../src/postgres/postmaster-files.ts';
import { settingKnownTo } from '../../src/postgres/setting-names.ts';
import { parseBool, parseInteger, readSetting, settingDefinition } from '../../src/postgres/settings.ts';
import table from '../../src/postgres/settings.json' with { type: 'json' };
import { settingNames, settingRows } from '../../src/postgres/settings-table.ts';
import { aPrimary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { until } from '../lab/until.ts';
import { present } from '../present.ts';
import type { SettingRow } from '../../src/postgres/settings-table.ts';

const onDisk: ConfigurationFiles = {
  read: async (path) =>
    readFile(path, 'utf8').then(
      (text) => ({ status: 'text', text }),
      (error: unknown) => notRead(error),
    ),
  list: async (directory) => {
    try {
      const names = await readdir(directory);
      const entries = await Promise.all(
        names.map(async (name) => ({ name, isDirectory: (await stat(join(directory, name))).isDirectory() })),
      );
      return { status: 'listed', entries };
    } catch (error) {
      return notRead(error);
    }
  },
};

function notRead(error: unknown): { status: 'absent' } | { status: 'unreadable'; why: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return code === 'ENOENT' ? { status: 'absent' } : { status: 'unreadable', why: code };
}

onReleasesInTurn((release) => {
  test('generated trees of files are read as pg_file_settings reads them', { timeout: 120_000 }, async () => {
    const { server } = await aPrimary({ release });
    const main = join(server.dataDirectory, 'postgresql.conf');
    const original = await readFile(main, 'utf8');
    const property = async (tree: Tree): Promise<void> => {
      await rm(join(server.dataDirectory, 'more'), { recursive: true, force: true });
      for (const [name, text] of Object.entries(tree)) {
        const path = join(server.dataDirectory, name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, name === 'postgresql.conf' ? original + text : text);
        await giveTo(server, path);
      }
      await expectSame(server, await read(server, upToFirstFault));
    };
    await fc.assert(fc.asyncProperty(trees, property), { numRuns: 60 });
  });

  test('inclusions that cannot be followed', async () => {
    const { server } = await aPrimary({ release });
    const main = join(server.dataDirectory, 'postgresql.conf');
    const original = await readFile(main, 'utf8');
    const write = async (name: string, text: string): Promise<void> => {
      const path = join(server.dataDirectory, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      await giveTo(server, path);
    };
    await write('more/loop.conf', "a.loop = 1\ninclude '../postgresql.conf'\n");
    await write('more/itself.conf', "include 'itself.conf'\n");
    await write('more/dir/.conf', 'a.b = 1\n');
    await write('more/dir/.hidden.conf', 'a.b = 2\n');
    await write('more/dir/sub.conf/x.conf', 'a.b = 3\n');
    await write('more/dir/B.conf', 'a.b = 4\n');
    await write('more/dir/a.conf', 'a.b = 5\n');
    for (const line of [
      "include 'more/loop.conf'",
      "include 'more/itself.conf'",
      "include 'gone'",
      "include_if_exists 'gone'",
      "include_dir 'gone'",
      "include_dir 'more/dir'",
      "include_dir 'more/dir/'",
      "include_dir 'more/../more//dir/./'",
      "include ' '",
      "include_dir ''",
      `include '${server.dataDirectory}/more/dir/../dir/a.conf'`,
    ]) {
      await writeFile(main, `${original}\n${line}\na.c = 1\n`);
      await expectSame(server, await read(server, upToFirstFault));
    }
    await writeFile(main, original);
  });

  test('syntax faults are where the postmaster finds them, and near the same words', async () => {
    const { server } = await aPrimary({ release });
    const main = join(server.dataDirectory, 'postgresql.conf');
    const original = await readFile(main, 'utf8');
    const faulty = [
      'port',
      'port = # 5432',
      'port = = 5432',
      '= 1',
      "'port' = 1",
      'a-b = 1',
      'port = 1 2',
      'x = 1.5GB',
      "x = 'open",
      "x = 'it's'",
      'primary_conninfo = “host=a”',
      'x = a.b,c',
      'x = a.b:c,d',
      'x = $1',
      'x = 0x',
      "x = '''",
      "x = 'a''",
      String.raw`x = 'a\'`,
      'x = -',
      'x = +1a1',
      'x = 1e5',
      'x = .e5',
      'x = a.1 b',
      'ü-x = 1',
      '\v',
    ];
    await writeFile(main, `${original}\n${faulty.join('\na.b = 1\n')}\n`);
    const { faults } = await read(server);
    await server.reload();
    const log = await until('the end of the reload', async () => {
      const text = await server.log();
      return text.includes('contains errors') ? text : null;
    });
    const told = [...log.matchAll(/syntax error in file ".*" line (\d+), near (?:token "(.*)"|end of line)/gu)];
    expect(faults.length).toBeGreaterThan(20);
    expect(faults.map((fault) => (fault.kind === 'syntax' ? [fault.line, fault.near] : fault.kind))).toEqual(
      told.map(([, line, near]) => [Number(line), near ?? null]),
    );
  });

  test('the value that counts is the one that the server runs with', async () => {
    const { server } = await aPrimary({ release });
    await server.configure({ wal_keep_size: '32MB' });
    await server.configure({ wal_keep_size: '64MB', max_wal_senders: '7', wal_receiver_timeout: '1min' });
    await server.query("ALTER SYSTEM SET wal_receiver_timeout = '90s'");
    await server.query("ALTER SYSTEM SET cluster_name = $$it's a \\ name$$");
    await server.stop();
    const options = `-c max_wal_senders=8 -p ${server.port}`;
    await server.program('pg_ctl', [
      'start',
      '-w',
      '-s',
      '-l',
      server.logFile,
      '-D',
      server.dataDirectory,
      '-o',
      options,
    ]);
    const { settings, faults } = await read(server);
    expect(faults).toEqual([]);
    const shown = await server.query(
      "SELECT lower(name) AS name, setting, source, sourcefile, sourceline FROM pg_settings WHERE source IN ('configuration file', 'command line')",
    );
    expect(shown.length).toBeGreaterThan(5);
    for (const row of shown) {
      const name = present(row['name']);
      if (['config_file', 'data_directory', 'hba_file', 'ident_file'].includes(name)) continue;
      const found = present(settings.get(name));
      const definition = settingDefinition(name, release.major);
      // how text is written in the end is the business of the server's hooks: ISO, MDY for iso, mdy
      if (definition !== undefined && definition.type !== 'string') {
        const value = readSetting(definition, found.value);
        expect([name, value.ok && canonical(value.value)]).toEqual([name, row['setting']]);
      }
      if (row['source'] === 'command line') expect([name, found.source.kind]).toEqual([name, 'command line']);
      else
        expect([name, found.source]).toEqual([
          name,
          { kind: 'file', file: row['sourcefile'], line: Number(row['sourceline']) },
        ]);
    }
    expect(settings.get('cluster_name')?.value).toBe(String.raw`it's a \ name`);
    expect(settings.get('wal_keep_size')?.overridden).toHaveLength(1);
  });

  test('values are taken and refused as by the server', { timeout: 120_000 }, async () => {
    const { server } = await aPrimary({ release });
    const property = async ([name, unit]: (typeof sessionSettings)[number], text: string): Promise<void> => {
      const answer = await server
        .query(
          'SELECT CASE WHEN set_config($1, $2, false) IS NOT NULL THEN (SELECT setting FROM pg_settings WHERE name = $1) END AS setting',
          [name, text],
        )
        .then(
          ([row]) => row?.['setting'] ?? 'none',
          (error: unknown) => (String(error).includes('outside the valid range') ? 'outside' : 'refused'),
        );
      const ours = unit === 'bool' ? parseBool(text) : parseInteger(text, unit ?? undefined);
      if (answer === 'outside') expect([text, name, typeof ours]).toEqual([text, name, 'number']);
      else expect([text, name, ours === undefined ? 'refused' : canonical(ours)]).toEqual([text, name, answer]);
    };
    await fc.assert(fc.asyncProperty(fc.constantFrom(...sessionSettings), numbers, property), { numRuns: 400 });
  });

  test('the table of settings and the list of names are the server`s', async () => {
    const { server } = await aPrimary({ release });
    const rows = await server.query(
      'SELECT name, vartype, unit, context, min_val, max_val, to_json(enumvals)::text AS enumvals, boot_val FROM pg_settings',
    );
    const unknown = rows
      .map(({ name }) => name ?? '')
      .filter((name) => settingKnownTo(name, release.major).kind !== 'known');
    expect(unknown.filter((name) => !name.includes('.'))).toEqual([]);
    for (const name of settingNames()) {
      const ours = settingDefinition(name, release.major);
      const row = rows.find((candidate) => candidate['name']?.toLowerCase() === name);
      // a minor release that the table was not read from may have brought it
      if (ours === undefined && row !== undefined && !isReadFrom(release.version)) continue;
      expect([name, ours === undefined]).toEqual([name, row === undefined]);
      if (ours === undefined || row === undefined) continue;
      const { name: written, vartype, unit, context, min_val, max_val, enumvals, boot_val } = row;
      const kind = { name: ours.name, vartype: ours.type, unit: ours.unit ?? null, context: ours.context };
      expect(kind).toEqual({ name: written, vartype, unit, context });
      if (ours.context === 'internal') continue;
      const values = ours.values === undefined ? null : JSON.stringify(ours.values);
      expect([name, ours.default, ours.min ?? null, ours.max ?? null, values]).toEqual([
        name,
        boot_val ?? '',
        min_val === null ? null : Number(min_val),
        max_val === null ? null : Number(max_val),
        enumvals,
      ]);
    }
  });

  test('a value of any setting is refused where the server refuses it', { timeout: 120_000 }, async () => {
    const { server } = await aPrimary({ release });
    const settings = [...settingNames()].flatMap((name) => settingDefinition(name, release.major) ?? []);
    // texts are the matter of hooks, which are not followed
    const judged = settings.filter(({ type, context }) => type !== 'string' || context === 'internal');
    const inSessions = judged.filter(({ context }) => !context.endsWith('backend'));
    const file = join(server.dataDirectory, 'probe.conf');
    await server.configure({ include: 'probe.conf' });
    for (let round = 0; round < 20; round += 1) {
      const chosen = inSessions.map((setting) => ({ setting, text: aValueOf(setting) }));
      const lines = chosen.map(({ setting, text }) => `${setting.name} = '${inQuotes(text)}'`);
      await writeFile(file, `${lines.join('\n')}\n`);
      await giveTo(server, file);
      const { stdout, stderr } = await server.tryPsql(
        `SET client_min_messages = debug3; SELECT count(*) FROM pg_file_settings WHERE sourcefile = '${file}'`,
      );
      expect(Number(stdout.trim())).toBe(chosen.length);
      const refused = refusedIn(stderr);
      const differing = chosen.filter(({ setting, text }) => takes(setting, text) === refused.has(setting.name));
      expect(differing.map(({ setting, text }) => [setting.name, text, refused.has(setting.name)])).toEqual([]);
    }
    await writeFile(file, '');
    // a session does not look at what counts from its beginning on
    for (const setting of judged.filter(({ context }) => context.endsWith('backend'))) {
      for (let round = 0; round < 5; round += 1) {
        const text = aValueOf(setting);
        const { exitCode } = await server.run(server.programPath('postgres'), [
          '-D',
          server.dataDirectory,
          '-C',
          setting.name,
          '-c',
          `${setting.name}=${text}`,
        ]);
        expect([setting.name, text, takes(setting, text)]).toEqual([setting.name, text, exitCode === 0]);
      }
    }
  });

  test('what pg_settings does not list is no unknown name, and no value of it is judged', async () => {
    const { server } = await aPrimary({ release });
    for (const [name, value] of [
      ['role', 'none'],
      ['seed', '0.5'],
      ['default_with_oids', 'off'],
    ] as const) {
      const { exitCode } = await server.run(server.programPath('postgres'), [
        '-D',
        server.dataDirectory,
        '-C',
        'port',
        '-c',
        `${name}=${value}`,
      ]);
      expect([
        name,
        settingKnownTo(name, release.major).kind === 'known' && settingDefinition(name, release.major) === undefined,
      ]).toEqual([name, exitCode === 0]);
    }
  });
});

/** Whether settings.json was made from this very minor release: its first row names those. */
const isReadFrom = (version: string): boolean => table[0]?.join().includes(` ${version},`) === true;

const takes = (setting: SettingRow, text: string): boolean =>
  setting.context !== 'internal' && readSetting(setting, text).ok;

/** What guc.c (parse_and_validate_value) says of a text; the hooks of single settings say other things. */
function refusedIn(messages: string): ReadonlySet<string> {
  const refused =
    /DEBUG: {2}(?:invalid value for parameter "(\w+)": "|parameter "(\w+)" requires a Boolean value|.* is outside the valid range for parameter "(\w+)"|parameter "(\w+)" cannot be changed$)/gmu;
  return new Set(
    [...messages.matchAll(refused)].flatMap(([, value, ...others]) => [
      ...(value === undefined || settingRows(value.toLowerCase())[0]?.type === 'string' ? [] : [value]),
      ...others.filter((name) => name !== undefined),
    ]),
  );
}

const inQuotes = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "''");

function aValueOf({ type, values: words = [], min, max, unit }: SettingRow): string {
  const near = [min, max].flatMap((bound) => (bound === undefined ? [] : [bound - 1, bound, bound + 1].map(String)));
  const byType: fc.Arbitrary<string> =
    type === 'bool'
      ? fc.constantFrom('on', 'OFF', 'of', 'tr', 'yes', 'N', '0', '1', 'o', 'enabled', '', ' on')
      : type === 'enum'
        ? fc.constantFrom(...words, ...words.map((word) => word.toUpperCase()), 'on', 'true', '0', 'debug', 'x', '')
        : type === 'string'
          ? fc.constantFrom('', 'x', '1')
          : fc.oneof(numbers, fc.constantFrom(...near, `1${unit ?? ''}`, 'lots', '0x1.8', '0x1p2', 'inf'));
  return fc.sample(byType, 1)[0] ?? '';
}

const canonical = (value: boolean | number | string): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);

async function giveTo({ runAs }: ThrowawayServer, path: string): Promise<void> {
  if (runAs !== null && (await lstat(path)).uid !== runAs.uid) await chown(path, runAs.uid, runAs.gid);
}

async function read(server: ThrowawayServer, files = onDisk): Promise<Configuration> {
  const opts = parsePostmasterOpts(await readFile(join(server.dataDirectory, 'postmaster.opts'), 'utf8'));
  return readConfiguration(files, {
    configFile: join(server.dataDirectory, 'postgresql.conf'),
    dataDirectory: server.dataDirectory,
    commandLine: opts.ok ? opts.value.settings : [],
  });
}

/**
 * The files as a session's pg_file_settings reads them: it gives a file up at the first syntax fault, where the postmaster, which
 * this program follows, reads on (guc-file.l: `elevel <= DEBUG1`).
 */
const upToFirstFault: ConfigurationFiles = {
  ...onDisk,
  read: async (path) => {
    const result = await onDisk.read(path);
    if (result.status !== 'text') return result;
    const line = parseConfigurationText(result.text).faults[0]?.line;
    const kept = result.text.split('\n').slice(0, line);
    return { status: 'text', text: line === undefined ? result.text : `${kept.join('\n')}\n` };
  },
};

/**
 * pg_file_settings reads the files again with each query; with a fault in them the server does not go on to postgresql.auto.conf.
 * Up to 15 it leaves `..` in the middle of a path as it is (port/path.c, canonicalize_path).
 */
async function expectSame(server: ThrowawayServer, ours: Configuration): Promise<void> {
  const rows = await server.query(
    'SELECT sourcefile, sourceline, lower(name) AS name, setting FROM pg_file_settings ORDER BY seqno',
  );
  const auto = join(server.dataDirectory, 'postgresql.auto.conf');
  const assigned = ours.assignments.flatMap(({ name, value, source }) =>
    source.kind === 'file' && (ours.faults.length === 0 || source.file !== auto)
      ? [[normalize(source.file), String(source.line), name, value]]
      : [],
  );
  expect(assigned).toEqual(
    rows
      .filter((row) => row['name'] !== null)
      .map((row) => [normalize(row['sourcefile'] ?? ''), row['sourceline'], row['name'], row['setting']]),
  );
  const faulty = rows
    .filter((row) => row['name'] === null)
    .map((row) => `${normalize(row['sourcefile'] ?? '')}:${row['sourceline']}`);
  expect(ours.faults.map((fault) => place(fault)).sort()).toEqual(faulty.sort());
}

function place(fault: ConfigurationFault): string {
  if (fault.kind === 'syntax') return `${fault.file}:${fault.line}`;
  return fault.includedFrom === null ? 'no file' : `${fault.includedFrom.file}:${fault.includedFrom.line}`;
}

/** Files by name, below the data directory; the text of postgresql.conf comes after what is there. */
type Tree = Readonly<Record<string, string>>;

const names = fc.constantFrom('a.one', 'A.Two', 'lint.größe', 'x_1', 'Work_Mem', 'port', 'a', '1a', 'a.b.c', "'q'", '');
const spaces = fc.constantFrom('', ' ', '\t', ' \r', '  ');
const quoted = fc
  .array(fc.constantFrom('a', ' ', '#', '=', 'ü', '\\\\', '\\n', '\\t', '\\x', '\\101', '\\7', "''", "\\'", '8', '\\b'))
  .map((parts) => `'${parts.join('')}'`);
const bare = fc
  .array(
    fc.constantFrom('a', 'B', '1', '0x', 'F', '.', '-', '+', '_', ':', '/', 'e5', 'MB', '$', ',', 'é', '"', "'", '\\'),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''));
const values = fc.oneof(quoted, bare, fc.constantFrom('1', '8MB', 'on', '1.5e-3', '-.5', '0x1F', "'open", '\f'));
const assignments = fc
  .tuple(
    spaces,
    names,
    spaces,
    fc.constantFrom('=', ' ', '= ', '=='),
    values,
    fc.constantFrom('', ' ', '#c', ' # c', ' x', "'"),
  )
  .map((parts) => parts.join(''));

/** Files include only such as come after them, so that the server is not sent round in circles. */
const lines = (inclusions: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: assignments },
        { weight: 1, arbitrary: fc.constantFrom('', '# c', ...inclusions) },
      ),
      { maxLength: 8 },
    )
    .map((all) => all.map((line) => `${line}\n`).join(''));

const trees: fc.Arbitrary<Tree> = fc.record({
  'postgresql.conf': lines([
    "include 'more/one.conf'",
    "INCLUDE_DIR = 'more'",
    "include_if_exists 'more/gone.conf'",
    "include 'more/gone.conf'",
    "include 'more/./one.conf' x",
  ]),
  'more/one.conf': lines([
    "include '../more/two.conf'",
    "include_dir 'dir.d'",
    'include two.conf',
    "include_dir 'gone.d'",
  ]),
  'more/two.conf': lines(["include_dir 'dir.d/'", 'include dir.d/Z.conf']),
  'more/dir.d/Z.conf': lines([]),
  'more/dir.d/a.conf': lines(["include 'Z.conf'"]),
  'more/dir.d/.hidden.conf': lines([]),
  'more/dir.d/c.conf.bak': lines([]),
});

/** Settings that a session may change, with the unit in which they count. */
const sessionSettings = [
  ['work_mem', 'kB'],
  ['temp_buffers', '8kB'],
  ['statement_timeout', 'ms'],
  ['extra_float_digits', null],
  ['effective_io_concurrency', null],
  ['gin_pending_list_limit', 'kB'],
  ['min_parallel_table_scan_size', '8kB'],
  ['enable_seqscan', 'bool'],
] as const;

const numbers = fc
  .oneof(
    fc
      .tuple(
        fc.constantFrom('', ' ', '+', '-'),
        fc.oneof(
          fc.integer({ min: 0, max: 5000 }).map(String),
          fc.double({ min: 0, max: 3000, noNaN: true }).map((value) => value.toFixed(3)),
          fc.constantFrom(
            '0x1F',
            '010',
            '08',
            '1e2',
            '.5',
            '2.5',
            '3.5',
            '1.',
            '2147483647',
            '2147483648',
            '1e400',
            'on',
            'o',
            'of',
            'TRU',
            'nan',
            '',
          ),
        ),
        fc.constantFrom('', '', ' '),
        fc.constantFrom('', '', 'B', 'kB', 'MB', 'GB', 'TB', 'KB', 'us', 'ms', 's', 'min', 'h', 'd', 'D', 'x'),
        fc.constantFrom('', ' ', ' x'),
      )
      .map((parts) => parts.join('')),
    fc.string({
      unit: fc.constantFrom('0', '1', 'x', '.', 'e', '-', ' ', 'k', 'B', 's', 't', 'o', 'n', 'f'),
      maxLength: 6,
    }),
  )
  .filter((text) => !/0b[01]/iu.test(text)); // binary to strtol of newer C libraries only
