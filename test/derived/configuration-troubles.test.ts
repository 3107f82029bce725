import { describe, expect, it } from 'vitest';

import { configurationTroubles, isOfLibrary } from '../../src/derived/configuration-troubles.ts';
import type { ConfigurationSeen, Trouble } from '../../src/derived/configuration-troubles.ts';
import type { Refusal, ServerJudgement } from '../../src/facts/server-judgement.ts';
import type { StandbyConfiguration } from '../../src/facts/standby-configuration.ts';
import type { ConfigurationFault } from '../../src/postgres/configuration.ts';
import { aLogUntil } from '../rules/a-log.ts';
import { aConfiguration, autoConf, configFile } from '../rules/standby-world.ts';
import { now } from '../rules/world.ts';

const program = '/usr/lib/postgresql/15/bin/postgres';
const source = `${program} -C`;
const judged = (refused: readonly Refusal[], stoppedEarly = false): ServerJudgement => ({
  program,
  refused,
  stoppedEarly,
  sharedMemory: undefined,
});
const files = (...set: Parameters<typeof aConfiguration>[0] & object): StandbyConfiguration => aConfiguration(set);
const withFault = (fault: ConfigurationFault, ...set: Parameters<typeof aConfiguration>[0] & object) =>
  aConfiguration(set, {}, [fault]);
const onCommandLine = (name: string, value: string): StandbyConfiguration => {
  const one = { name, value, source: { kind: 'command line' as const, written: `-c ${name}=${value}` } };
  const { files: read, ...rest } = aConfiguration([]);
  return { ...rest, files: { ...read, assignments: [one], settings: new Map([[name, { ...one, overridden: [] }]]) } };
};
const log = (...lines: readonly string[]) => aLogUntil(now, lines);
const world = (change: Partial<ConfigurationSeen>): ConfigurationSeen => ({
  configuration: aConfiguration(),
  major: 15,
  judgement: undefined,
  runsWith: () => false,
  log: undefined,
  ...change,
});
const atLine = (line: number, words: string, more: Partial<Trouble> = {}): Trouble => ({
  file: configFile,
  line,
  words,
  canComment: true,
  ...more,
});
/** A name that the table judges; whether it is doubtful is said in any case. */
const name = (line: number, words: string, doubtful = false): Trouble => atLine(line, words, { doubtful });

const syntax: ConfigurationFault = {
  kind: 'syntax',
  file: configFile,
  line: 12,
  near: ',',
  expected: 'the end of the line',
};
const syntaxTold = atLine(12, 'the end of the line is expected instead of ","');
const includedFrom = { file: configFile, line: 3 };

describe('what is wrong with the files', () => {
  it.each<readonly [string, ConfigurationFault, Trouble]>([
    ['a word too many', syntax, syntaxTold],
    [
      'a line that ends too early',
      { kind: 'syntax', file: configFile, line: 4, near: null, expected: 'a value' },
      atLine(4, 'the line ends where a value is expected'),
    ],
    [
      'the file itself does not exist',
      { kind: 'not-read', path: configFile, what: 'file', problem: { status: 'absent' }, includedFrom: null },
      { file: configFile, line: undefined, words: 'the file does not exist', canComment: false },
    ],
    [
      'the file itself cannot be read',
      {
        kind: 'not-read',
        path: configFile,
        what: 'file',
        problem: { status: 'unreadable', why: 'permission denied' },
        includedFrom: null,
      },
      {
        file: configFile,
        line: undefined,
        words: 'the file cannot be read: permission denied',
        canComment: false,
        unreadable: true,
      },
    ],
    [
      'a directory that it includes does not exist',
      { kind: 'not-read', path: '/etc/x.d', what: 'directory', problem: { status: 'absent' }, includedFrom },
      atLine(3, 'the directory /etc/x.d, which it includes, does not exist'),
    ],
    [
      'files in files',
      { kind: 'too-deep', path: '/etc/x.conf', includedFrom },
      atLine(3, '/etc/x.conf is included more than ten files deep'),
    ],
    ['itself', { kind: 'recursion', path: configFile, includedFrom }, atLine(3, 'the file includes itself')],
    ['no name', { kind: 'empty-name', path: '', includedFrom }, atLine(3, 'the name of the included file is empty')],
    [
      'too many',
      { kind: 'too-many-files', path: '/etc/x.conf', includedFrom },
      atLine(3, 'more than 2,000 files are included'),
    ],
  ])('%s', (_, fault, told) => {
    expect(configurationTroubles(world({ configuration: withFault(fault) }))).toEqual([told]);
    // the server's word is about what it reads, and these keep it from reading
    expect(configurationTroubles(world({ configuration: withFault(fault), judgement: judged([]) }))).toEqual([told]);
  });
});

describe('by the table of settings, where the server was not asked', () => {
  const unheardOf = files(['quantum_checkpointing', 'on', configFile, 7]);
  const refusedName = `LOG:  unrecognized configuration parameter "quantum_checkpointing" in file "${configFile}" line 7`;

  it.each<readonly [string, Partial<ConfigurationSeen>, readonly Trouble[]]>([
    ['nothing is wrong', {}, []],
    ['a setting of an extension', { configuration: files(['timescaledb.telemetry_level', 'off']) }, []],
    [
      'a setting that is gone',
      { configuration: files(['promote_trigger_file', '/t', configFile, 7]), major: 16 },
      [name(7, 'PostgreSQL 16 has no setting promote_trigger_file: 15 was the last release with it')],
    ],
    ['the release before had it', { configuration: files(['promote_trigger_file', '/t']), major: 15 }, []],
    [
      'a setting of a later release',
      { configuration: files(['archive_library', 'x', configFile, 7]), major: 14 },
      [name(7, 'PostgreSQL 14 has no setting archive_library: it was added in 15')],
    ],
    [
      'a setting of old that another replaces',
      { configuration: files(['wal_keep_segments', '5', configFile, 7]) },
      [name(7, 'PostgreSQL 15 has no setting wal_keep_segments; wal_keep_size (in megabytes) replaces it')],
    ],
    [
      'a setting of old that a file replaces',
      { configuration: files(['standby_mode', 'on', configFile, 7]) },
      [name(7, 'PostgreSQL 15 has no setting standby_mode; the file standby.signal replaces it')],
    ],
    [
      'a mistyped name',
      { configuration: files(['max_conections', '100', configFile, 7]) },
      [name(7, 'PostgreSQL 15 has no setting max_conections; max_connections replaces it')],
    ],
    [
      'a name like no other',
      { configuration: unheardOf },
      [name(7, 'PostgreSQL 15 has no setting quantum_checkpointing', true)],
    ],
    [
      'a name like no other that the log refuses',
      { configuration: unheardOf, log: log(refusedName) },
      [name(7, 'PostgreSQL 15 has no setting quantum_checkpointing')],
    ],
    [
      'the log refuses another',
      { configuration: unheardOf, log: log(refusedName.replace('quantum', 'string')) },
      [name(7, 'PostgreSQL 15 has no setting quantum_checkpointing', true)],
    ],
    ['the running server has it', { configuration: unheardOf, runsWith: (one) => one === 'quantum_checkpointing' }, []],
    [
      'each place of an unknown name',
      {
        configuration: files(['wal_keep_segments', '5', configFile, 7], ['wal_keep_segments', '6', autoConf, 3]),
      },
      [
        name(7, 'PostgreSQL 15 has no setting wal_keep_segments; wal_keep_size (in megabytes) replaces it'),
        {
          file: autoConf,
          line: 3,
          words: 'PostgreSQL 15 has no setting wal_keep_segments; wal_keep_size (in megabytes) replaces it',
          canComment: true,
          doubtful: false,
        },
      ],
    ],
    [
      'a number too small',
      { configuration: files(['port', '0', configFile, 7]) },
      [atLine(7, 'port cannot be "0": a whole number from 1 to 65535 is expected')],
    ],
    ['the smallest number', { configuration: files(['port', '1', configFile, 7]) }, []],
    [
      'a number with a unit',
      { configuration: files(['work_mem', '63kB', configFile, 7]) },
      [
        atLine(
          7,
          'work_mem cannot be "63kB": a whole number from 64 to 2147483647 (in kB, or with a unit: B, kB, MB, GB or TB) is expected',
        ),
      ],
    ],
    [
      'a word that is none of several',
      { configuration: files(['wal_level', 'hot', configFile, 7]) },
      [atLine(7, 'wal_level cannot be "hot": one of minimal, replica, logical is expected')],
    ],
    ['a word that is taken and not listed', { configuration: files(['wal_level', 'hot_standby', configFile, 7]) }, []],
    [
      'neither on nor off',
      { configuration: files(['hot_standby', 'o', configFile, 7]) },
      [atLine(7, 'hot_standby cannot be "o": on or off is expected')],
    ],
    [
      'what no file can set',
      { configuration: files(['block_size', '8192', configFile, 7]) },
      [atLine(7, 'block_size cannot be set: it only shows how the server was built or what it is doing')],
    ],
    ['a value that a later one beats', { configuration: files(['port', '0'], ['port', '5433', configFile, 2]) }, []],
    [
      'on the command line',
      { configuration: onCommandLine('port', '0') },
      [
        {
          file: 'the command line',
          line: undefined,
          words: 'port cannot be "0": a whole number from 1 to 65535 is expected',
          canComment: false,
          option: 'port',
          byHand: 'Remove -c port=0 from the command that starts the server: it overrides port in every file.',
        },
      ],
    ],
    [
      'faults of the files come first',
      { configuration: withFault(syntax, ['port', '0', configFile, 7]) },
      [syntaxTold, atLine(7, 'port cannot be "0": a whole number from 1 to 65535 is expected')],
    ],
    [
      'of two on one line the first is told',
      { configuration: withFault(syntax, ['port', '0', configFile, 12]) },
      [syntaxTold],
    ],
  ])('%s', (_, change, troubles) => expect(configurationTroubles(world(change))).toEqual(troubles));

  it.each([
    [undefined, 0],
    [12, 0],
    [13, 2],
    [18, 2],
    [19, 0],
  ])('release %s has a table or none: %i', (major, count) => {
    const configuration = files(['wal_keep_segments', '5', configFile, 7], ['port', '0', configFile, 8]);
    expect(configurationTroubles(world({ configuration, major }))).toHaveLength(count);
  });
});

describe('what the server rejected at its last start', () => {
  const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
  const ready = 'LOG:  database system is ready to accept read-only connections';
  const rejected = 'LOG:  invalid value for parameter "TimeZone": "Mars/Olympus"';
  const mars = files(['timezone', 'Mars/Olympus', configFile, 9]);
  const told = atLine(9, 'TimeZone cannot be "Mars/Olympus": the server rejected this value at its last start');

  it.each<readonly [string, Partial<ConfigurationSeen>, readonly Trouble[]]>([
    ['it still stands there', { configuration: mars, log: log(starting, rejected) }, [told]],
    ['another value stands there now', { configuration: files(['timezone', 'UTC']), log: log(rejected) }, []],
    ['no value stands there now', { log: log(rejected) }, []],
    [
      'it stands on the command line',
      { configuration: onCommandLine('timezone', 'Mars/Olympus'), log: log(rejected) },
      [],
    ],
    [
      'the server has started since',
      { configuration: mars, log: log(rejected.replace('LOG', 'FATAL'), starting, ready) },
      [],
    ],
    [
      'the name of a slot, of which another rule speaks',
      {
        configuration: files(['primary_slot_name', 'Bad-Name']),
        log: log('LOG:  invalid value for parameter "primary_slot_name": "Bad-Name"'),
      },
      [],
    ],
    ['a release without a table', { configuration: mars, major: undefined, log: log(starting, rejected) }, [told]],
    [
      'the server was asked, and takes it now',
      { configuration: mars, judgement: judged([]), log: log(starting, rejected) },
      [],
    ],
    [
      'the server was asked, and did not come so far',
      { configuration: mars, judgement: judged([], true), log: log(starting, rejected) },
      [told],
    ],
  ])('%s', (_, change, troubles) => expect(configurationTroubles(world(change))).toEqual(troubles));
});

describe('by the word of the server', () => {
  const zero = files(['port', '0', configFile, 7]);
  const zeroTold = atLine(7, 'port cannot be "0": a whole number from 1 to 65535 is expected');
  const outside = '0 is outside the valid range for parameter "port" (1 .. 65535)';
  const mars: Refusal = { words: 'invalid value for parameter "TimeZone": "Mars"', settings: ['timezone'] };
  const unknown: Refusal = {
    words: `unrecognized configuration parameter "quantum_checkpointing" in file "${configFile}" line 3`,
    settings: [],
    file: configFile,
    line: 3,
  };
  const noSenders = 'WAL streaming (max_wal_senders > 0) requires wal_level "replica" or "logical"';
  const senders: Refusal = { words: noSenders, settings: ['max_wal_senders', 'wal_level'] };

  it.each<readonly [string, Partial<ConfigurationSeen>, readonly Trouble[]]>([
    ['it takes all', { judgement: judged([]) }, []],
    ['it takes what the table refuses', { configuration: zero, judgement: judged([]) }, []],
    [
      'the table says it in plainer words',
      { configuration: zero, judgement: judged([{ words: outside, settings: ['port'] }]) },
      [zeroTold],
    ],
    [
      'the table does not know better',
      { configuration: files(['timezone', 'Mars', configFile, 9]), judgement: judged([mars]) },
      [atLine(9, mars.words, { source })],
    ],
    [
      'its words do not name the setting',
      {
        configuration: files(['synchronous_standby_names', 'FIRST 0 (a)', autoConf, 4]),
        judgement: judged([
          {
            words: 'number of synchronous standbys (0) must be greater than zero',
            settings: ['synchronous_standby_names'],
          },
        ]),
      },
      [
        {
          file: autoConf,
          line: 4,
          words:
            'synchronous_standby_names cannot be "FIRST 0 (a)": number of synchronous standbys (0) must be greater than zero',
          canComment: true,
          source,
        },
      ],
    ],
    [
      'on the command line',
      { configuration: onCommandLine('timezone', 'Mars'), judgement: judged([mars]) },
      [
        {
          file: 'the command line',
          line: undefined,
          words: mars.words,
          canComment: false,
          option: 'timezone',
          byHand:
            'Remove -c timezone=Mars from the command that starts the server: it overrides timezone in every file.',
          source,
        },
      ],
    ],
    [
      'of several that exclude each other, the one that is not the default',
      {
        configuration: files(['max_wal_senders', '10', configFile, 4], ['wal_level', 'minimal', configFile, 5]),
        judgement: judged([senders]),
      },
      [atLine(5, noSenders, { source })],
    ],
    [
      'of several that exclude each other, both where neither is the default',
      {
        configuration: files(['max_wal_senders', '5', configFile, 4], ['wal_level', 'minimal', configFile, 5]),
        judgement: judged([senders]),
      },
      [atLine(4, noSenders, { source }), atLine(5, noSenders, { source })],
    ],
    [
      'of several that exclude each other, all where each is the default',
      {
        configuration: files(['max_wal_senders', '10', configFile, 4], ['wal_level', 'replica', configFile, 5]),
        judgement: judged([senders]),
      },
      [atLine(4, noSenders, { source }), atLine(5, noSenders, { source })],
    ],
    [
      'nothing sets what it refuses',
      { judgement: judged([{ words: 'out of luck', settings: ['work_mem'] }]) },
      [
        {
          file: configFile,
          line: undefined,
          words: 'out of luck',
          canComment: false,
          source,
          byHand: 'Change what the server rejects: out of luck',
        },
      ],
    ],
    [
      'nothing sets what it refuses, and the files have faults',
      { configuration: withFault(syntax), judgement: judged([{ words: 'syntax error', settings: [] }], true) },
      [syntaxTold],
    ],
    [
      'a fault of the files that it names as well',
      {
        configuration: withFault(syntax),
        judgement: judged([{ words: 'syntax error near token ","', settings: [], file: configFile, line: 12 }], true),
      },
      [syntaxTold],
    ],
    [
      'a line that we find no fault with',
      { judgement: judged([{ words: 'syntax error near token ","', settings: [], file: configFile, line: 13 }], true) },
      [atLine(13, 'syntax error near token ","', { source })],
    ],
    [
      'a name like no other that it does not know',
      { configuration: files(['quantum_checkpointing', 'on', configFile, 3]), judgement: judged([unknown], true) },
      [atLine(3, unknown.words, { source })],
    ],
    [
      'a name like no other that it knows',
      { configuration: files(['quantum_checkpointing', 'on', configFile, 3]), judgement: judged([]) },
      [],
    ],
    [
      'a value that it did not come to',
      {
        configuration: files(['quantum_checkpointing', 'on', configFile, 3], ['port', '0', configFile, 7]),
        judgement: judged([unknown], true),
      },
      [zeroTold, atLine(3, unknown.words, { source })],
    ],
    [
      'a name of a slot and locales, of which other rules speak',
      {
        configuration: files(['primary_slot_name', 'Bad-Name'], ['lc_messages', 'xx']),
        judgement: judged([
          { words: 'invalid value for parameter "primary_slot_name": "Bad-Name"', settings: ['primary_slot_name'] },
          { words: 'invalid value for parameter "lc_messages": "xx"', settings: ['lc_messages'] },
        ]),
      },
      [],
    ],
    [
      'a library and several targets, of which other rules speak',
      {
        configuration: files(['shared_preload_libraries', 'x']),
        judgement: judged([
          { words: 'could not access file "x": No such file or directory', settings: ['shared_preload_libraries'] },
          { words: 'multiple recovery targets specified', settings: ['recovery_target_xid'] },
        ]),
      },
      [],
    ],
  ])('%s', (_, change, troubles) => expect(configurationTroubles(world(change))).toEqual(troubles));
});

it.each([
  ['could not access file "x": No such file or directory', true],
  ['could not load library "/usr/lib/x.so": undefined symbol', true],
  ['incompatible library "/usr/lib/x.so": version mismatch', true],
  ['could not access directory "/x": Permission denied', false],
  ['FATAL: could not load library "x"', false],
])('words about a library: %s', (words, is) => expect(isOfLibrary.test(words)).toBe(is));
