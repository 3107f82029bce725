import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';

import { optionLine } from '../src/cli/help/help-page.ts';
import { runProgram } from '../src/cli/program.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What texts for people do without: each has a plainer word. */
const retired =
  /\b(?:mend(?:s|ed|ing)?|shall|whoever|wherefrom|thereof|nobody|somebody|anew|parted|unexamined|(?<!there )is none|are none|login of a superuser|at fault|as it is really|leads to no|primary of its own|is no (?:directory|data directory|address|connection string|standby|superuser|option|number|journal|finding|fault)|there is no role|for ever|may bring|director(?:y|ies) above|(?:is|are) told(?! to)|tells? (?:what|each|of)|lies (?:in|where|among)|(?<!there )is no (?:shard|name|fact|map|TCP port|client|user|valid)|stands? (?:before|between|in))\b/iu;

const below = (folder: string, end: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(end))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

const text = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Names of options and of keys of the report keep the words that they have. */
const withoutNames = (line: string): string =>
  line.replaceAll(/"[a-z-]+"|`[a-z-]+`|--accept-unexamined|\$\{\w+\}/gu, '');

const found = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => retired.test(withoutNames(line))).map((line) => line.trim().slice(0, 200));

/** The strings of a module: esbuild takes the comments and the types away. */
const stringsOf = (file: string): readonly string[] => {
  const { code } = transformSync(text(file), { loader: 'ts', format: 'esm', charset: 'utf8' });
  return (code.match(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/gu) ?? []).filter(
    (string) =>
      // a string of several lines is a program of the shell, of SQL or of a browser
      / /u.test(string) && !string.includes('\n'),
  );
};

describe('texts for people hold no retired word', () => {
  it.each([
    'README.md',
    'src/postgres/messages/catalogue.json',
    'docs/usage.md',
    'man/standbylint.1',
    'docs/coming-from-mysql.md',
    'docs/mcp.md',
    'docs/own-rules.md',
    ...['architecture', 'collect', 'configuration', 'places'].map((name) => `docs/${name}.md`),
    ...['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
    ...below('docs/decisions', '.md'),
    ...below('fixtures/transcripts', '.txt'),
    ...below('docs/rules', '.md'),
    ...below('schemas', '.json'),
    ...below('fixtures/examples', '.txt'),
    // in a manual page every dash is written so
  ])('%s', (file) =>
    expect(
      found(
        text(file)
          .replaceAll(String.raw`\-`, '-')
          .split('\n'),
      ),
    ).toEqual([]),
  );

  it.each(below('src', '.ts'))('the strings of %s', (file) => expect(found(stringsOf(file))).toEqual([]));

  it.each([
    [],
    ['preflight'],
    ['clone'],
    ['postmortem'],
    ['serve'],
    ['collect'],
    ['bundle'],
    ['analyze'],
    ['undo'],
    ['explain'],
    ['report'],
    ['rules'],
    ['fleet'],
    ['merge'],
    ['mcp'],
    ['config'],
    ['init'],
    ['completion'],
    ['demo'],
  ])('%s --help', async (...words) => {
    let help = '';
    const print = async (more: string): Promise<void> => {
      help += more;
    };
    await runProgram([...words, '--help'], { print, signal: new AbortController().signal });
    expect(found(help.split('\n'))).toEqual([]);
  });
});

it('is sure of the words themselves', () => {
  expect(found([optionLine({ long: 'x', help: 'mends it' }), 'nobody is told', 'fixes it'])).toHaveLength(2);
});
