import { thresholdKeys, reportKeys, thresholdVariable, variableOf } from '../src/cli/configuration/keys.ts';
import { configurationFile } from '../src/cli/configuration/find.ts';
import { statusesOf } from '../src/cli/help/help-page.ts';
import type { HelpPage } from '../src/cli/help/help-page.ts';
import type { OwnOption } from '../src/cli/options/own-options.ts';
import type { ProgramHelp } from '../src/cli/help/help-page.ts';
import { version } from '../src/cli/version.ts';

/** The manual page, in the macros of man(7), from the definitions that make `--help`; `date` is YYYY-MM-DD. */
export function manPage({ does, commands }: ProgramHelp, date: string): string {
  const pages = commands.map(({ page }) => page);
  return [
    `.TH STANDBYLINT 1 ${date} "standbylint ${version}" "User Commands"`,
    '.SH NAME',
    String.raw`standbylint \- diagnostic linter for PostgreSQL streaming replication`,
    '.SH SYNOPSIS',
    ...pages.flatMap((page, at) => [...(at === 0 ? [] : ['.br']), `.B standbylint ${page.command}`, text(page.usage)]),
    '.SH DESCRIPTION',
    text(does),
    '.SH COMMANDS',
    ...pages.flatMap((page, at) => commandSection(page, pages.slice(0, at))),
    '.SH EXIT STATUS',
    ...statusLines(pages.find(({ command }) => command === 'postmortem')),
    '.PP',
    text('Where a command has other ones, its section says so.'),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, what]) => item(name, what)),
    '.SH FILES',
    ...files.flatMap(([name, what]) => item(name, what)),
    '.SH EXAMPLES',
    ...pages
      .flatMap(({ command, examples }) => examples.flatMap(([words, what]) => example(command, words, what)))
      .slice(0, -1),
    '.SH SEE ALSO',
    '.BR pg_basebackup (1),',
    '.BR pg_rewind (1),',
    '.BR pg_ctl (1)',
    '',
  ].join('\n');
}

function commandSection(page: HelpPage, before: readonly HelpPage[]): readonly string[] {
  const general = statusLines(before.find(({ command }) => command === 'preflight') ?? page).join();
  const statuses = statusLines(page);
  return [
    `.SS ${page.command}`,
    ...page.does.map(text),
    ...page.options.flatMap((group) => {
      const lines = group.options.flatMap(optionLines);
      const same = before.find(({ options }) =>
        options.some((one) => one.title === group.title && one.options.flatMap(optionLines).join() === lines.join()),
      );
      const title = text(`${group.title}:`);
      return same === undefined ? ['.PP', title, ...lines] : ['.PP', text(`${group.title}: as for ${same.command}.`)];
    }),
    ...(page.notes ?? []).flatMap((note) => ['.PP', text(note)]),
    ...(statuses.join() === general ? [] : ['.PP', 'Exit status:', ...statuses]),
  ];
}

const optionLines = ({ long, short, value, help }: OwnOption): readonly string[] => [
  '.TP',
  `${short === undefined ? '' : String.raw`\fB\-${short}\fR, `}\\fB${escaped(`--${long}`)}\\fR${value === undefined ? '' : `=${escaped(value)}`}`,
  text(help),
];

const statusLines = (page: HelpPage | undefined): readonly string[] =>
  page === undefined ? [] : statusesOf(page).flatMap(([status, when]) => item(String(status), when));

const item = (name: string, what: string): readonly string[] => ['.TP', `\\fB${escaped(name)}\\fR`, text(what)];

const example = (command: string, words: string, what: string): readonly string[] => [
  text(`${what}:`),
  '.PP',
  '.in +4n',
  '.nf',
  escaped(`standbylint ${command} ${words}`.trimEnd()),
  '.fi',
  '.in',
  '.PP',
];

const environment: readonly (readonly [name: string, what: string])[] = [
  ['PGDATA', 'postmortem: the data directory where -D is missing'],
  [
    'PGHOST, PGPORT, PGUSER, PGPASSWORD, PGPASSFILE, PGSERVICE, PGSSLMODE, ...',
    'what they are for libpq: defaults of the connections',
  ],
  ['STANDBYLINT_CONFIG', 'the configuration, where --config is missing'],
  ['STANDBYLINT_TARGET', 'the target of the configuration, where --target is missing'],
  ...reportKeys.map(({ long }) => [variableOf(long), `the value of --${long}, where it is missing`] as const),
  ...Object.entries(thresholdKeys).map(([name, { help }]) => [thresholdVariable(name), help] as const),
  ['STANDBYLINT_NEW_PASSWORD', 'with --fix: the new password of a role, instead of a question'],
  ['NO_COLOR, FORCE_COLOR', 'whether color is used, where --color is missing'],
  ['COLUMNS', 'the width of the report, from 60 to 100'],
  ['GITHUB_STEP_SUMMARY', 'with --format github: the file that the job summary is added to'],
];

const files: readonly (readonly [name: string, what: string])[] = [
  [configurationFile, 'the configuration, in the working directory or in the nearest parent directory that has one'],
  ['standbylint-fix-TIME.jsonl', 'the journal of --fix, from which undo takes back what was done'],
  ['~/.pgpass, ~/.pg_service.conf', "libpq's password file and service file"],
];

/** A line of text: a control character of roff at its beginning is none. */
const text = (words: string): string => escaped(words).replace(/^['.]/u, String.raw`\&$&`);

const escaped = (words: string): string =>
  words
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll("'", String.raw`\(aq`)
    .replaceAll('`', String.raw`\(ga`)
    .replaceAll('^', String.raw`\(ha`)
    .replaceAll('~', String.raw`\(ti`)
    .replaceAll('…', '...');
