// Writes what is made from the sources: the rules' pages and index, the README's pictures, the report's schema, the page of the
// scenarios, the table of the folders, the manual page, and the licences of what is bundled.
// `npm run generate -- --check` writes nothing and fails when a file is stale, naming it.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { programHelp } from '../src/cli/program.ts';
import { publicFacts } from '../src/facts/public-facts.ts';
import { formatNames, formats } from '../src/report/formats.ts';
import { catalogue } from '../src/rules/catalogue.ts';
import { messageCatalogue } from '../src/postgres/messages/catalogue.ts';
import { pagePath, rulePage } from '../src/rules/rule-page.ts';
import type { AnyRule } from '../src/rules/rule.ts';
import { rooms } from '../test/rooms.ts';
import { scenariosPage } from '../test/scenarios/page.ts';
import { proofsText, readProofs, withRun } from '../test/scenarios/proven.ts';
import { configSchema } from './config-schema.ts';
import { fleetSchema } from './fleet-schema.ts';
import { manPage } from './man-page.ts';
import { thirdPartyNotices } from './notices.ts';
import { journalSchema } from './journal-schema.ts';
import { reportSchema } from './report-schema.ts';
import { terminalPicture } from './terminal-picture.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const rules: readonly AnyRule[] = catalogue;

async function generated(): Promise<ReadonlyMap<string, string>> {
  const usage = await readFile(join(root, 'docs/usage.md'), 'utf8');
  const architecture = await readFile(join(root, 'docs/architecture.md'), 'utf8');
  const ownRules = await readFile(join(root, 'docs/own-rules.md'), 'utf8');
  const proofs = withRun(await readProofs());
  const examples = await readExamples();
  const messages = await messageCatalogue();
  return new Map([
    ['test/scenarios/proven.json', proofsText(proofs)],
    ['docs/scenarios.md', scenariosPage(proofs)],
    ['src/findings/rule-ids.ts', ruleIdsText(rules.map(({ id }) => id))],
    ['src/rules/examples.json', `${JSON.stringify(Object.fromEntries(examples), undefined, 2)}\n`],
    ...rules.map(
      (rule) => [pagePath(rule.id), rulePage(rule, { rules, messages, example: examples.get(rule.id) })] as const,
    ),
    ['docs/rules/README.md', indexPage()],
    ['schemas/report.json', `${JSON.stringify(reportSchema(rules.map(({ id }) => id)), undefined, 2)}\n`],
    ['schemas/fleet.json', `${JSON.stringify(fleetSchema(), undefined, 2)}\n`],
    ['schemas/journal.json', `${JSON.stringify(journalSchema(), undefined, 2)}\n`],
    ['schemas/config.json', `${JSON.stringify(configSchema(rules), undefined, 2)}\n`],
    ...(await Promise.all(
      pictures.map(async ({ name, of, title }) => {
        const transcript = await readFile(join(root, `fixtures/transcripts/${of}.80.color.txt`), 'utf8');
        return [`docs/pictures/${name}.svg`, terminalPicture(transcript, 80, title)] as const;
      }),
    )),
    ['man/standbylint.1', await datedManPage()],
    ['THIRD-PARTY-NOTICES.txt', await thirdPartyNotices(root)],
    ['docs/own-rules.md', between(ownRules, 'facts', factsTable())],
    ['docs/usage.md', between(usage, 'formats', formatsTable())],
    ['docs/architecture.md', between(architecture, 'rooms', roomsTable())],
  ]);
}

/** What the README shows, of the golden transcripts (test/transcripts). */
const pictures = [
  {
    name: 'preflight',
    of: 'one-fault',
    title: 'A preflight: pg_hba.conf has no entry for replication, and what to type',
  },
  {
    name: 'postmortem',
    of: 'broken-two-faults',
    title: 'A post-mortem: two root causes, and one plan that fixes both',
  },
] as const;

/** Its date is the day on which it last changed. */
async function datedManPage(): Promise<string> {
  const help = await programHelp();
  const before = await readFile(join(root, 'man/standbylint.1'), 'utf8').catch(() => '');
  const [, date = ''] = /^\.TH STANDBYLINT 1 (\S+)/u.exec(before) ?? [];
  return manPage(help, date) === before ? before : manPage(help, new Date().toISOString().slice(0, 10));
}

/** fixtures/examples: what the rules' own tests show (test/rules/example.ts). */
async function readExamples(): Promise<ReadonlyMap<string, string>> {
  const found = rules.map(({ id }) => [id, join(root, `fixtures/examples/${id}.txt`)] as const);
  return new Map(
    await Promise.all(
      found
        .filter(([, path]) => existsSync(path))
        .map(async ([id, path]) => [id, await readFile(path, 'utf8')] as const),
    ),
  );
}

/** The type of a rule's id cannot come from the catalogue where rules themselves name each other. */
const ruleIdsText = (ids: readonly string[]): string =>
  [
    '// Written by `npm run generate` from the catalogue.',
    '',
    '/** The id of a rule that there is. */',
    'export type RuleId =',
    `${ids.map((id) => `  | '${id}'`).join('\n')};`,
    '',
  ].join('\n');

const indexPage = (): string =>
  [
    '# The rules',
    '',
    'Each rule says the fault that it finds. `standbylint explain RULE` prints the same pages.',
    '',
    table((id) => `${id}.md`),
    '',
  ].join('\n');

const table = (page: (id: string) => string): string =>
  [
    '| rule | severity | the fault |',
    '| --- | --- | --- |',
    ...rules.map(
      ({ id, severity, title }) => `| [${id}](${page(id)}) | ${severity} | ${title.replaceAll('|', String.raw`\|`)} |`,
    ),
  ].join('\n');

/** The folders of src, from the ground up, and what each may import: the table that test/architecture.test.ts holds. */
const roomsTable = (): string =>
  [
    '| folder | what it holds | may import |',
    '| --- | --- | --- |',
    ...Object.entries(rooms).map(
      ([name, { holds, imports, types = [] }]) =>
        `| [src/${name}](../src/${name}) | ${holds} | ${[...imports, ...types.map((type) => `${type} (types)`)].join(', ') || '–'} |`,
    ),
  ].join('\n');

/** The text with its generated part, which two comments mark, exchanged. */
function between(text = '', name: string, content: string): string {
  const begin = `<!-- ${name}: begin (npm run generate) -->`;
  const end = `<!-- ${name}: end -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`There are no lines ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** What `--format` takes. */
const formatsTable = (): string =>
  padded([['format', 'for'], ...formatNames.map((name) => [`\`${name}\``, formats[name].for])]);

/** What rules of one's own may use. */
const factsTable = (): string =>
  padded([['fact', 'what it is'], ...Object.entries(publicFacts).map(([name, is]) => [`\`${name}\``, is])]);

/** A table, padded as oxfmt does. */
function padded(cells: readonly (readonly string[])[]): string {
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...rows] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Pages of rules that are no more. */
async function leftOver(files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  if (!existsSync(join(root, 'docs/rules'))) return [];
  const entries = await readdir(join(root, 'docs/rules'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .filter((path) => !files.has(path));
}

const files = await generated();
const contents = await Promise.all(
  [...files].map(async ([path, content]) => ({
    path,
    content,
    stale: (await readFile(join(root, path), 'utf8').catch(() => undefined)) !== content,
  })),
);
const stale = contents.filter((file) => file.stale);
const surplus = await leftOver(files);

if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is not what it is made from.`);
  for (const path of surplus) console.error(`${path} belongs to no rule.`);
  if (stale.length + surplus.length > 0) {
    console.error('Run "npm run generate" and commit what it writes.');
    process.exitCode = 1;
  }
} else {
  for (const { path, content } of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    console.log(`wrote ${path}`);
  }
  for (const path of surplus) {
    await rm(join(root, path));
    console.log(`took away ${path}, which belongs to no rule`);
  }
}
