/** What postmaster.pid says (miscadmin.h, LOCK_FILE_LINE_*). A line that is not there yet, or is empty, is null: a starting server writes them one after another. */
export interface PostmasterPid {
  readonly pid: number;
  /** A standalone backend (`postgres --single`) wrote it, not a postmaster: its process id stands there negated. */
  readonly standalone: boolean;
  readonly dataDirectory: string | null;
  /** Seconds since 1970-01-01 UTC. */
  readonly startedAt: number | null;
  readonly port: number | null;
  /** The first of unix_socket_directories; null when the server has none. */
  readonly socketDirectory: string | null;
  /** The first of listen_addresses, `*` for all of them; null when it does not listen on TCP. */
  readonly listenAddress: string | null;
  readonly sharedMemory: { readonly key: bigint; readonly id: bigint } | null;
  readonly status: PostmasterStatus | null;
}

/** PM_STATUS_* (utils/pidfile.h). `standby` is ready, and it never lets queries in (hot_standby off). */
export type PostmasterStatus = 'starting' | 'stopping' | 'ready' | 'standby';

export type PostmasterPidResult =
  | { readonly ok: true; readonly value: PostmasterPid }
  | {
      readonly ok: false;
      readonly fault:
        | { readonly kind: 'empty' }
        | { readonly kind: 'no-process-id'; readonly line: 1; readonly found: string };
    };

/**
 * Reads postmaster.pid (utils/init/miscinit.c, CreateLockFile). Only the first line must be there: as in the server,
 * the process id is what decides; the rest is taken as far as it makes sense.
 */
export function parsePostmasterPid(text: string): PostmasterPidResult {
  const lines = text.split('\n').map((line) => line.replace(/\r$/u, ''));
  const first = lines[0] ?? '';
  if (text.trim() === '') return { ok: false, fault: { kind: 'empty' } };
  const pid = integer(first, -0x7f_ff_ff_ff, 0x7f_ff_ff_ff);
  if (pid === null || pid === 0) return { ok: false, fault: { kind: 'no-process-id', line: 1, found: first } };
  return {
    ok: true,
    value: {
      pid: Math.abs(pid),
      standalone: pid < 0,
      dataDirectory: nonEmpty(lines[1]),
      startedAt: integer(lines[2] ?? '', 0, Number.MAX_SAFE_INTEGER),
      port: integer(lines[3] ?? '', 1, 65_535),
      socketDirectory: nonEmpty(lines[4]),
      listenAddress: nonEmpty(lines[5]),
      sharedMemory: sharedMemory(lines[6] ?? ''),
      status: status(lines[7] ?? ''),
    },
  };
}

/** A setting that the command line gives. */
export interface CommandLineSetting {
  /** The setting's name in lower case, with underscores. */
  readonly name: string;
  readonly value: string;
  /** As it stood there: `-p 5433`, `--port=5433`, `-c port=5433`. */
  readonly written: string;
}

/** A server's command line, as postmaster.opts keeps it. */
export interface ServerCommandLine {
  readonly program: string;
  /** The arguments after the program. */
  readonly arguments: readonly string[];
  /** `-D`, the last one; null when the environment variable PGDATA told. */
  readonly dataDirectory: string | null;
  /** In the order in which they stood there; the last of a name wins, and it beats every configuration file. */
  readonly settings: readonly CommandLineSetting[];
}

export type ServerCommandLineResult =
  | { readonly ok: true; readonly value: ServerCommandLine }
  | {
      readonly ok: false;
      readonly fault: { readonly kind: 'empty' } | { readonly kind: 'unquoted-argument'; readonly found: string };
    };

/**
 * Reads postmaster.opts: the program, then every argument in double quotes (postmaster.c, CreateOptsFile). The server does not
 * escape quotes inside an argument, so one that itself contains `" "` reads as two, for pg_ctl as for this.
 */
export function parsePostmasterOpts(text: string): ServerCommandLineResult {
  const line = text.replace(/\r?\n$/u, '');
  if (line.trim() === '') return { ok: false, fault: { kind: 'empty' } };
  const begin = line.indexOf(' "');
  if (begin < 0) return { ok: true, value: readServerArguments(line.trimEnd(), []) };
  const rest = line.slice(begin + 2).trimEnd();
  if (!rest.endsWith('"')) {
    const last = rest.slice(rest.lastIndexOf('" "') + 1).trim();
    return { ok: false, fault: { kind: 'unquoted-argument', found: last } };
  }
  return { ok: true, value: readServerArguments(line.slice(0, begin), rest.slice(0, -1).split('" "')) };
}

/**
 * What a postmaster's arguments mean (postmaster.c, PostmasterMain): `-D`, and every option that sets something, under that
 * setting's name. Unknown options are left alone. For the command line of a process as for postmaster.opts.
 */
export function readServerArguments(program: string, args: readonly string[]): ServerCommandLine {
  const settings: CommandLineSetting[] = [];
  let dataDirectory: string | null = null;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    if (argument.startsWith('--')) {
      const assignment = longOption(argument.slice(2));
      if (assignment !== undefined) settings.push({ ...assignment, written: argument });
    } else if (argument.startsWith('-')) {
      for (let letterAt = 1; letterAt < argument.length; letterAt++) {
        const letter = argument.charAt(letterAt);
        if (!optionsWithValue.has(letter)) {
          const flag = flagSettings.get(letter);
          if (flag !== undefined) settings.push({ ...flag, written: `-${letter}` });
          continue;
        }
        // As getopt: the value is the rest of this argument or else all of the next.
        const attached = argument.slice(letterAt + 1);
        if (attached === '') index++;
        const value = attached === '' ? args[index] : attached;
        if (value === undefined) break;
        if (letter === 'D') dataDirectory = value;
        const assignment = shortOption(letter, value);
        if (assignment !== undefined) {
          settings.push({ ...assignment, written: attached === '' ? `-${letter} ${value}` : `-${letter}${value}` });
        }
        break;
      }
    }
  }
  return { program, arguments: args, dataDirectory, settings };
}

/** The arguments of the server that a container's command starts, its entrypoint being its first word. */
export function argumentsIn(command: readonly string[]): readonly string[] | undefined {
  const program = command.findIndex((one) => one.slice(one.lastIndexOf('/') + 1) === 'postgres');
  if (program !== -1) return command.slice(program + 1);
  // docker-entrypoint.sh of the official image puts `postgres` before options
  return command[1]?.startsWith('-') === true ? command.slice(1) : undefined;
}

/** The options of `getopt(argc, argv, "B:bC:c:D:d:EeFf:h:ijk:lN:OPp:r:S:sTt:W:-:")` that take a value. */
const optionsWithValue = new Set('BCcDdfhkNprStW');

const flagSettings: ReadonlyMap<string, { readonly name: string; readonly value: string }> = new Map([
  ['F', { name: 'fsync', value: 'false' }],
  ['i', { name: 'listen_addresses', value: '*' }],
  ['l', { name: 'ssl', value: 'true' }],
  ['O', { name: 'allow_system_table_mods', value: 'true' }],
  ['P', { name: 'ignore_system_indexes', value: 'true' }],
  ['e', { name: 'datestyle', value: 'euro' }],
  ['s', { name: 'log_statement_stats', value: 'true' }],
]);

const valueSettings: ReadonlyMap<string, string> = new Map([
  ['B', 'shared_buffers'],
  ['h', 'listen_addresses'],
  ['k', 'unix_socket_directories'],
  ['N', 'max_connections'],
  ['p', 'port'],
  ['S', 'work_mem'],
  ['W', 'post_auth_delay'],
]);

function shortOption(letter: string, value: string): { name: string; value: string } | undefined {
  if (letter === 'c') return longOption(value);
  // -d 0 takes the level back to what the files say, or the default.
  if (letter === 'd') return /^[1-5]$/u.test(value) ? { name: 'log_min_messages', value: `debug${value}` } : undefined;
  const name = valueSettings.get(letter);
  return name === undefined ? undefined : { name, value };
}

/** utils/misc/guc.c, ParseLongOption: dashes in the name stand for underscores. */
function longOption(text: string): { name: string; value: string } | undefined {
  const equals = text.indexOf('=');
  if (equals < 1) return undefined;
  return { name: text.slice(0, equals).replaceAll('-', '_').toLowerCase(), value: text.slice(equals + 1) };
}

function integer(text: string, least: number, most: number): number | null {
  if (!/^\s*-?\d{1,16}\s*$/u.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}

const nonEmpty = (line: string | undefined): string | null => (line === undefined || line === '' ? null : line);

function sharedMemory(line: string): PostmasterPid['sharedMemory'] {
  const [, key, id] = /^\s*(\d{1,20})\s+(\d{1,20})\s*$/u.exec(line) ?? [];
  return key === undefined || id === undefined ? null : { key: BigInt(key), id: BigInt(id) };
}

function status(line: string): PostmasterStatus | null {
  const word = line.trim();
  return word === 'starting' || word === 'stopping' || word === 'ready' || word === 'standby' ? word : null;
}

/**
 * A server's arguments but for -D and what belongs to it (getopt: in one word, or in two): what its next start takes again.
 * pg_upgrade and pg_createsubscriber start a server that nobody else reaches (pg_upgrade/server.c, pg_createsubscriber.c);
 * what they were called with is not how it runs, but for where its files are.
 */
export function withoutDirectory(words: readonly string[]): readonly string[] {
  const own = words.filter((word, index) => !word.startsWith('-D') && words[index - 1] !== '-D');
  const isCutOff = cutOff.every((mark) => own.some((word) => mark.test(word)));
  if (!isCutOff) return own;
  return own.flatMap((word, index) =>
    word === '-c' && ofPlaces.test(own[index + 1] ?? '') ? [word, own[index + 1] ?? ''] : [],
  );
}

const cutOff = [
  /^listen_addresses=(?:'')?$/u,
  /^unix_socket_permissions=0700$/u,
  /^unix_socket_directories=/u,
] as const;
const ofPlaces = /^(?:config_file|data_directory|hba_file|ident_file)=/u;

/**
 * The port that the command of a container gives its server. What is on the command line beats every file; PGPORT only the
 * default (guc_tables.c; guc.c, InitializeGUCOptionsFromEnvironment).
 */
export const portIn = (command: readonly string[]): string | undefined =>
  readServerArguments('postgres', argumentsIn(command) ?? []).settings.findLast(({ name }) => name === 'port')?.value;
