import type { BaseBackupCommand, Compression } from '../../facts/base-backup.ts';
import type { ClientTools, Tool } from '../../facts/machine.ts';
import type { Primary } from '../../facts/primary.ts';
import { ifSeen } from '../../facts/observed.ts';
import { optionSince } from '../../postgres/basebackup-options.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { requestOf } from '../../derived/option-conflicts.ts';
import { usedTool } from '../../derived/used-tool.ts';
import type { Fault } from '../../findings/judgement.ts';

export const optionNotSupported = defineRule({
  id: 'command/option-not-supported',
  title: 'pg_basebackup or the server is too old for an option',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'clientTools'],
  wants: ['primary'],
  explains: ['command/incremental-manifest'],
  messages: ['pgbb-server-compress-version', 'pgbb-targets-version', 'pgbb-incremental-version'],
  says: ["pg_basebackup: unrecognized option '%s'", "pg_basebackup: invalid option -- '%s'"],
  docs: {
    what: 'Fails if an option needs a newer pg_basebackup than the installed one, or a newer server.',
    why: 'pg_basebackup exits at once if it does not know an option. Up to PostgreSQL 14 it reads the value of `--compress` as a number, so `--compress=server-gzip` silently disables compression.',
    notes:
      '`--target` and the methods of `--compress` exist since PostgreSQL 15, `--incremental` and `--sync-method` since 17. Releases 13 and later know all other options. A newer pg_basebackup works with older servers, unless an option needs a newer server.',
    references: [
      'pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'Release 15: https://www.postgresql.org/docs/15/release-15.html',
      'Release 17: https://www.postgresql.org/docs/17/release-17.html',
    ],
  },
  judge({ baseBackup, clientTools, primary }) {
    const tool = usedTool(baseBackup, clientTools);
    if (tool === undefined)
      return unexamined({
        kind: 'tool',
        because: 'pg_basebackup was not found on this machine',
      });
    const server = ifSeen(primary);
    const [first, ...others] = [
      ...unknownToTool(baseBackup, tool, clientTools, server),
      ...unknownToServer(baseBackup, tool, server),
    ];
    if (first !== undefined) return fail(first, ...others);
    return pass(`${tool.path} is release ${tool.version} and knows every option: ${baseBackup.printable}`);
  },
});

type Server = Pick<Primary, 'major' | 'version'>;

function unknownToTool(
  command: BaseBackupCommand,
  tool: Tool,
  tools: ClientTools,
  server: Server | undefined,
): readonly Fault[] {
  return newerOptions(command)
    .filter(({ since }) => tool.major < since)
    .map(({ name, written, since, effect, severity }) => {
      // a newer program does not help where the server does not know it either
      const inVain =
        server !== undefined && asked(command, tool.major).some((one) => one.name === name && server.major < since);
      const newer = inVain ? undefined : tools.basebackups.find(({ major }) => major >= since);
      return {
        title:
          severity === undefined
            ? `pg_basebackup ${tool.version} does not know ${written}`
            : `pg_basebackup ${tool.version} ignores ${written}`,
        ...(severity === undefined ? {} : { severity }),
        message: `${written} exists since PostgreSQL ${since}, but pg_basebackup on this machine is release ${tool.version}${effect}.`,
        where: at('client', undefined, tool.path),
        evidence: [evidence(tool.path, tool.version, '--version'), evidence('option', written, 'the command line')],
        remedy:
          newer === undefined
            ? safe(`Remove ${written}.`, checkAgain(command, { without: [name] }))
            : safe(
                `Use pg_basebackup ${newer.version}, which supports the option.`,
                checkAgain(command, { program: newer.path }),
              ),
      };
    });
}

interface NewerOption {
  readonly name: string;
  readonly written: string;
  readonly since: number;
  /** What an older program does with it, where it does not end at once. */
  readonly effect: string;
  /** error where it ends at once. */
  readonly severity?: 'warning';
}

/** The options that not all of 13 and later know. */
function newerOptions({ options, compression }: BaseBackupCommand): readonly NewerOption[] {
  const named = options
    .map(({ name, written }) => ({ name, written, since: optionSince(name) ?? 0, effect: ', which exits at once' }))
    .filter(({ since }) => since > 13);
  // a number is the form that 13 and 14 know, too
  const method =
    compression?.value !== undefined && !/^\s*[+-]?\d/u.test(compression.value) ? [compression.written] : [];
  return [
    ...named,
    ...method.map((written) => ({
      name: 'compress',
      written,
      since: 15,
      effect: ', which reads the value as the number 0 and does not compress',
      severity: 'warning' as const,
    })),
  ];
}

function unknownToServer(command: BaseBackupCommand, tool: Tool, primary: Server | undefined): readonly Fault[] {
  if (primary === undefined) return [];
  return asked(command, tool.major)
    .filter(({ since }) => primary.major < since && tool.major >= since)
    .map(({ name, what, since }) => ({
      title: `PostgreSQL ${primary.version} on the server does not support ${what}`,
      message: `${what} needs a server of PostgreSQL ${since} or later, but the server runs ${primary.version}: pg_basebackup connects and then fails.`,
      where: at('client'),
      evidence: [evidence('server', primary.version, 'the login'), evidence('option', what, 'the command line')],
      remedy: safe(`Remove ${what}.`, checkAgain(command, { without: [name] })),
    }));
}

/** What the command asks of the server that not every server can do. */
function asked(command: BaseBackupCommand, major: number) {
  const { target, incremental, compression, options } = command;
  const written = (name: string): string => options.findLast((option) => option.name === name)?.written ?? `--${name}`;
  return [
    ...(target === undefined ? [] : [{ name: 'target', what: written('target'), since: 15 }]),
    ...(incremental === undefined ? [] : [{ name: 'incremental', what: written('incremental'), since: 17 }]),
    ...(compression !== undefined && major >= 15 && isOnServer(command, compression, major)
      ? [{ name: 'compress', what: compression.written, since: 15 }]
      : []),
  ];
}

function isOnServer(command: BaseBackupCommand, compression: Compression, major: number): boolean {
  const { where, algorithm } = requestOf(command, compression, major);
  return where === 'server' && algorithm !== 'none';
}
