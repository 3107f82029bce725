import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { rawControls } from '../lab/behaviour.ts';
import { runStandbylint } from '../lab/standbylint.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standbylint-calls-'));
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'closed.conf'), '[here]\nhost=db1\n', { mode: 0 });
  await writeFile(join(folder, 'open.conf'), '[here]\nhost=db1\n[there]\nnonsense\n', { mode: 0o644 });
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Only the sentence and what to do stand on standard error, nothing on standard output, and the status is 2. */
async function refuses(
  words: readonly string[],
  sentence: RegExp,
  suggestion: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { exitCode, stdout, stderr } = await runStandbylint(words, { env });
  expect(stderr).toMatch(sentence);
  const [first = '', ...rest] = stderr.trimEnd().split('\n');
  expect(first).toMatch(/^standbylint: .+[.?]$/u);
  expect(rest.join('\n')).toMatch(suggestion);
  expect(rest.length, stderr).toBeLessThanOrEqual(2);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).not.toMatch(/invalid|failed to|!|^\s+at /imu);
  expect(rawControls(stderr)).toEqual([]);
}

const at = ['-D', '/x'] as const;

describe.each(['preflight', 'clone'])('%s', (command) => {
  const cases: readonly (readonly [string, readonly string[], RegExp, RegExp])[] = [
    ['an unknown option', [...at, '--progess'], /Option --progess does not exist/u, /--progress/u],
    ['an unknown letter', [...at, '-Q'], /Option -Q does not exist/u, /--help/u],
    ['a letter in the other case, as MySQL has it', [...at, '-u', 'rep'], /Option -u does not exist/u, /mean -U\?/u],
    ['the port as MySQL has it', [...at, '-P', '7300'], /"7300"/u, /-P is --progress.* The port is -p 7300/u],
    ['a dash of an editor', ['\u2013h', 'db1', ...at], /"\u2013h"/u, /typographic dash/u],
    ['the program misspelled', ['pg_basebackp', ...at], /"pg_basebackp"/u, /mean pg_basebackup\?/u],
    ['an option without its value', [...at, '-U'], /-U needs a value/u, /./u],
    ['a value where none belongs', [...at, '--verbose=yes'], /--verbose takes no value/u, /alone/u],
    ['half an option that could be several', [...at, '--no-s'], /is ambiguous/u, /longer part of the name/u],
    ['no directory', ['-h', 'db1'], /missing option -D/u, /Add -D DIRECTORY/u],
    ['a word that is no option', [...at, 'standby'], /"standby"/u, /-D DIRECTORY/u],
    ['a format that is none', [...at, '--format', 'xml'], /--?F?.*format takes .*"xml"/u, /json|stylish/u],
    ['a WAL method that is none', [...at, '-X', 'copy'], /wal-method takes none, fetch or stream, not "copy"/u, /./u],
    ['a checkpoint that is none', [...at, '-c', 'slow'], /checkpoint takes fast or spread, not "slow"/u, /./u],
    ['a rate without sense', [...at, '-r', '1TB'], /max-rate/u, /./u],
    ['a time-out that is none', [...at, '--timeout', 'abc'], /--timeout takes seconds/u, /--timeout 10/u],
    ['no time at all', [...at, '--timeout', '0'], /--timeout takes seconds/u, /--timeout 10/u],
    ['a negative time-out', [...at, '--timeout=-1'], /--timeout takes seconds/u, /--timeout 10/u],
    ['a severity that is none', [...at, '--fail-on', 'eror'], /--fail-on takes error, warning or info/u, /error/u],
    ['a colour that is none', [...at, '--color', 'red'], /--color takes auto, always or never/u, /./u],
    [
      'a rule that is none',
      [...at, '--accept-unexamined', 'role/mising'],
      /rule "role\/mising" does not exist/u,
      /role\/missing/u,
    ],
    ['a port beyond all ports', [...at, '-p', '99999'], /99999/u, /-p|port/u],
    ['a port that is no number', [...at, '-p', 'five'], /port number/u, /-p|port/u],
    ['an unknown word in -d', [...at, '-d', 'hots=db1'], /hots/u, /host/u],
    ['an open quote in -d', [...at, '-d', "host='db1"], /quote/u, /quote|-d/u],
    ['an sslmode that is none', [...at, '-d', 'sslmode=sometimes'], /sslmode/u, /./u],
    ['a malformed --admin', [...at, '--admin', 'db1'], /^standbylint: --admin: /u, /host=db1/u],
    [
      'a port of --admin that is none',
      [...at, '--admin', 'host=db1 port=99999'],
      /--admin: .*99999/u,
      /change it there/u,
    ],
    ['a service that nobody wrote down', [...at, '-d', 'service=nowhere'], /nowhere/u, /service/u],
    ['escape sequences', [...at, '--timeout', '\u001B[2J\n'], /\\x1b\[2J\\n/u, /./u],
  ];
  it.each(cases)('%s', async (_name, words, sentence, suggestion) =>
    refuses([command, ...words], sentence, suggestion),
  );

  it('a service file that cannot be read, or is malformed', async () => {
    const call = [command, ...at, '-d', 'service=there'];
    for (const PGSERVICEFILE of [join(folder, 'closed.conf'), folder])
      await refuses(call, /service/u, /./u, { PGSERVICEFILE });
    await refuses(call, /open\.conf, line 4/u, /keyword=value/u, { PGSERVICEFILE: join(folder, 'open.conf') });
  });
});

describe('the command', () => {
  it.each([
    [['prefligth'], /prefligth/u, /preflight/u],
    [['pg_basebackup', '-D', '/x'], /pg_basebackup/u, /standbylint preflight pg_basebackup/u],
    [['--verison'], /verison/u, /--version|--help/u],
    [['rules', '--format', 'xml'], /json.*xml/u, /--format/u],
    [['postmortem', '-d', '/x'], /Option -d does not exist/u, /mean -D\?/u],
    [['explain', 'tls'], /"tls" is a group of rules/u, /tls\/not-offered/u],
    [['explain', 'role/mising'], /role\/mising/u, /role\/missing/u],
  ] as const)('%j', async (words, sentence, suggestion) => refuses(words, sentence, suggestion));
});

describe('--fix and undo', () => {
  const ofPostmortem = ['postmortem', '-D', '/x'];
  it.each<[string, readonly string[], RegExp, RegExp]>([
    ['nobody to ask', ['preflight', ...at, '--fix'], /there is no terminal/u, /--yes.*--dry-run/u],
    ['nobody to ask, in a post-mortem', [...ofPostmortem, '--fix'], /there is no terminal/u, /--yes/u],
    ['--yes to nothing', ['preflight', ...at, '--yes'], /--yes applies only to --fix/u, /Add --fix/u],
    ['--disruptive alone', [...ofPostmortem, '--disruptive'], /--disruptive applies only to --fix/u, /Add --fix/u],
    ['a plan of nothing', [...ofPostmortem, '--dry-run'], /--dry-run applies only to --fix/u, /Add --fix/u],
    [
      'a journal of nothing',
      ['preflight', ...at, '--fix-journal', 'x'],
      /--fix-journal applies only to --fix/u,
      /Add --fix/u,
    ],
    ['clone does not fix', ['clone', ...at, '--fix'], /Option --fix does not exist/u, /./u],
    ['undo of what', ['undo'], /undo needs JOURNAL/u, /undo --help/u],
    ['undo with nobody to ask', ['undo', '/nonexistent'], /there is no terminal/u, /--yes/u],
    ['undo of nothing', ['undo', '/nonexistent', '--yes'], /\/nonexistent cannot be read \(ENOENT\)/u, /--fix/u],
    ['undo of a directory', ['undo', '/tmp', '--yes'], /not a regular file/u, /--fix/u],
    ['undo of another file', ['undo', '/etc/passwd', '--yes'], /Line 1 of \/etc\/passwd/u, /--fix/u],
  ])('%s', async (_name, words, sentence, suggestion) => refuses(words, sentence, suggestion));

  it('undo of a file that others could have written', async () => {
    const file = join(folder, 'journal.jsonl');
    await writeFile(file, '');
    // read by the user of the servers, who is not its owner unless the tests are run by that user
    await chmod(file, 0o666);
    await refuses(['undo', file, '--yes'], /is writable by other users|is owned by another user/u, /chmod 0600|owner/u);
  });
});

describe('options of clone that contradict each other', () => {
  it.each([
    [['-Ft', '--start'], /--start/u],
    [['--dry-run', '--start'], /--start|--dry-run/u],
  ] as const)('%j', async (more, sentence) => {
    const { exitCode, stdout, stderr } = await runStandbylint(['clone', ...at, '-h', '/nonexistent', '-w', ...more]);
    expect([0, 1, 2, 3], `${stdout}${stderr}`).toContain(exitCode);
    expect(`${stdout}${stderr}`).toMatch(sentence);
  });
});
