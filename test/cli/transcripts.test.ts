import { readFile } from 'node:fs/promises';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

import manifest from '../../package.json' with { type: 'json' };
import { runStandbylint } from '../lab/standbylint.ts';
import type { RunOptions } from '../lab/standbylint.ts';

/** A stream, and nothing for one that stayed empty. */
const block = (title: string, text: string): readonly string[] =>
  text === '' ? [] : ['', title, '', '```', text.trimEnd(), '```'];

/** A transcript: what was typed, what was printed on each stream, and the exit status. */
async function transcript(words: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout, stderr, exitCode } = await runStandbylint(words, options);
  const typed = words.map((word) => (/^[\w./=:,-]+$/u.test(word) ? word : `'${word}'`)).join(' ');
  return [
    '```console',
    `$ standbylint ${typed}`,
    '```',
    ...block('Standard input:', (options.input ?? '').replaceAll('\u001b', '␛')),
    ...block('Standard output:', stdout),
    ...block('Standard error:', stderr),
    '',
    `Exit status: ${exitCode}`,
    '',
  ]
    .join('\n')
    .replaceAll(manifest.version, 'VERSION')
    .replaceAll(/ · \d+\.\d\d s/gu, ' · TIME');
}

const log = [
  '2026-11-21 20:00:01.000 UTC [17] LOG:  database system is ready to accept connections',
  '2026-11-21 20:00:02.000 UTC [18] FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "replicator", no encryption',
  '2026-11-21 20:00:07.000 UTC [19] FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "replicator", no encryption',
  'pg_basebackup: error: only tar mode backups can be compressed \u001b[2J',
  '',
].join('\n');

describe('what is typed, printed and returned', () => {
  const cases: readonly { readonly name: string; readonly words: readonly string[]; readonly options?: RunOptions }[] =
    [
      { name: 'nothing', words: [] },
      { name: 'version', words: ['--version'] },
      { name: 'help', words: ['--help'] },
      { name: 'help-of-preflight', words: ['preflight', '-?'] },
      { name: 'unknown-command', words: ['preflihgt'] },
      { name: 'pg-basebackup-as-command', words: ['pg_basebackup', '-D', '/x'] },
      { name: 'no-directory', words: ['preflight', '-h', 'db1'] },
      { name: 'unknown-option', words: ['preflight', '-D', '/x', '--progess'] },
      {
        name: 'unknown-rule-accepted',
        words: ['preflight', '-D', '/x', '--accept-unexamined', 'hba/no-replication-entri'],
      },
      { name: 'no-service-file', words: ['preflight', '-D', '/x', '-d', 'service=nowhere'] },
      { name: 'password-without-terminal', words: ['preflight', '-D', '/x', '-W'] },
      { name: 'explain-rule', words: ['explain', 'command/no-sync'] },
      { name: 'explain-unknown-rule', words: ['explain', 'command/no-synk'] },
      { name: 'explain-nothing', words: ['explain'] },
      { name: 'explain-message', words: ['explain', 'pg_basebackup: error: only tar mode backups can be compressed'] },
      { name: 'explain-unknown-message', words: ['explain', 'the cat sat on the mat'] },
      { name: 'explain-log', words: ['explain', '-'], options: { input: log } },
    ];
  it.each(cases)('$name', async ({ name, words, options }) => {
    await expect(await transcript(words, options)).toMatchFileSnapshot(`transcripts/${name}.md`);
  });
});

describe('preflight --format json', () => {
  it('prints one object that the schema describes, and nothing else', async () => {
    const schema: unknown = JSON.parse(await readFile(new URL('../../schemas/report.json', import.meta.url), 'utf8'));
    const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema as object);
    const run = await runStandbylint([
      'preflight',
      '-h',
      '/nonexistent',
      '-D',
      'standby',
      '-R',
      '--format',
      'json',
      '-z',
      '-d',
      'user=rep password=geheim',
    ]);
    validate(run.json);
    expect(validate.errors).toBeNull();
    expect(run).toMatchObject({ exitCode: 1, stderr: '' });
    expect(run.stdout).not.toContain('geheim');
    const { findings, rules, verdict, complete } = run.json;
    expect(verdict).toBe('blocked');
    expect(complete).toBe(false);
    expect(findings.map(({ rule }) => rule)).toContain('command/options-conflict');
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });
});
