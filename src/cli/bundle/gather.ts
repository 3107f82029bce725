import { posix } from 'node:path';

import { hbaFiles, parseHba, userMapFiles } from '../../checks/hba-files.ts';
import type { HbaPlace } from '../../checks/hba-files.ts';
import { ownersHost } from '../../checks/owners-host.ts';
import { isDataDirectory } from '../../facts/data-directory.ts';
import type { Facts } from '../../facts/facts.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Host } from '../../hosts/host.ts';
import { parseConfigurationText } from '../../postgres/configuration-file.ts';
import { fileText } from '../../postgres/file-text.ts';
import { parseUserMaps } from '../../postgres/user-map.ts';
import { writtenLines } from '../../postgres/written-lines.ts';
import type { Document, LeftOut } from '../../recording/bundle-file.ts';
import { fitsInTar } from '../../recording/tar.ts';
import { controlDataOf } from './control-data.ts';
import { logExcerpts } from './log-excerpts.ts';

/** What goes into a bundle beside the facts. */
export interface Gathered {
  readonly documents: readonly Document[];
  readonly leftOut: readonly LeftOut[];
}

/** Where the files of a server may be, links resolved. */
interface Server {
  readonly dataDirectory: string;
  readonly major: number | undefined;
  readonly configFile: string;
}

/**
 * Reads what a support engineer asks for: the configuration of the server on the data directory, the files that say in
 * which state it is, the ends of its logs, and what pg_controldata prints. Nothing outside of its own directories is read,
 * wherever a link or an `include` leads, and nothing that its own user could not read.
 */
export async function gather(machine: Host, facts: Partial<Facts>, timeoutMs: number): Promise<Gathered> {
  const server = await serverOf(machine, facts);
  const log = facts.serverLog && ifSeen(facts.serverLog);
  if (server === undefined)
    return { documents: [], leftOut: [{ what: 'data-directory/', because: 'the data directory does not exist yet' }] };
  const host = await ownersHost(machine, server.dataDirectory);
  const inDirectory = [...stateFiles, ...configurationFiles].map((name) => posix.join(server.dataDirectory, name));
  const [files, control, logs] = await Promise.all([
    documentsOf(host, server, [...inDirectory, ...(await configurationPaths(host, server, facts))]),
    controlDataOf(host, server, facts, timeoutMs),
    logExcerpts(host, log?.files ?? [], server.major, timeoutMs),
  ]);
  const all = [...files, ...control, ...logs];
  return {
    documents: all.filter((one) => 'text' in one),
    leftOut: all.filter((one) => 'because' in one),
  };
}

/** What a server, pg_basebackup and pg_rewind write down of its state (manual: Database File Layout, Base Backup). */
const stateFiles = [
  ...['PG_VERSION', 'postmaster.opts', 'postmaster.pid', 'current_logfiles', 'standby.signal', 'recovery.signal'],
  ...['backup_label', 'backup_label.old', 'tablespace_map'],
];

const configurationFiles = [
  ...['recovery.conf', 'recovery.done', 'postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf'],
];

async function serverOf(host: Host, facts: Partial<Facts>): Promise<Server | undefined> {
  const directory = facts.dataDirectory && ifSeen(facts.dataDirectory);
  const target = facts.targetDirectory && ifSeen(facts.targetDirectory);
  const path = directory === undefined ? target?.path : directory.path;
  const real = path === undefined ? undefined : await host.realPath(path);
  if (real?.ok !== true || !(await host.read(posix.join(real.value, 'PG_VERSION'), { maxBytes: 64 })).ok)
    return undefined;
  const configuration = facts.standbyConfiguration && ifSeen(facts.standbyConfiguration);
  return {
    dataDirectory: real.value,
    major: directory !== undefined && isDataDirectory(directory) ? directory.major : undefined,
    configFile: configuration?.configFile ?? posix.join(real.value, 'postgresql.conf'),
  };
}

/** Those that the server reads, with all that they include. */
async function configurationPaths(host: Host, server: Server, facts: Partial<Facts>): Promise<readonly string[]> {
  const configuration = facts.standbyConfiguration && ifSeen(facts.standbyConfiguration);
  const beside = (setting: string, name: string): string =>
    posix.resolve(
      server.dataDirectory,
      configuration?.files.settings.get(setting)?.value ?? posix.join(posix.dirname(server.configFile), name),
    );
  const place = (file: string): HbaPlace => ({ file, serverVersion: server.major ?? 18, ssl: true });
  const [hba, ident] = [beside('hba_file', 'pg_hba.conf'), beside('ident_file', 'pg_ident.conf')];
  const included = await Promise.all([hbaFiles(host, place(hba)), userMapFiles(host, place(ident))]);
  return [
    ...(configuration?.files.filesRead ?? [server.configFile]),
    ...[hba, ident],
    ...included.flatMap((files) => [...files.keys()]),
  ];
}

async function documentsOf(
  host: Host,
  server: Server,
  paths: readonly string[],
): Promise<readonly (Document | LeftOut)[]> {
  const roots = await rootsOf(host, server);
  const found = await Promise.all([...new Set(paths)].map(async (path) => documentAt(host, roots, path)));
  const documents = found.filter((one) => one !== undefined);
  // one file under two paths is there once
  return [...new Map(documents.map((one) => ['text' in one ? one.from : `${one.what}: `, one])).values()];
}

/** The name of each in the bundle, and where it is. */
async function rootsOf(host: Host, { dataDirectory, configFile }: Server): Promise<ReadonlyMap<string, string>> {
  const real = await host.realPath(posix.dirname(configFile));
  const outside = real.ok && !isIn(dataDirectory, real.value) && real.value !== dataDirectory;
  return new Map([['data-directory', dataDirectory], ...(outside ? [['configuration', real.value] as const] : [])]);
}

const isIn = (directory: string, path: string): boolean => path.startsWith(`${directory}/`) && directory !== '/';

async function documentAt(
  host: Host,
  roots: ReadonlyMap<string, string>,
  path: string,
): Promise<Document | LeftOut | undefined> {
  const left = (because: string): LeftOut => ({ what: path, because });
  const real = await host.realPath(path);
  if (!real.ok) return real.problem.code === 'ENOENT' ? undefined : left(real.problem.message);
  const [root, directory] = [...roots].find(([, at]) => isIn(at, real.value)) ?? [];
  if (root === undefined || directory === undefined)
    return left(
      `${real.value === path ? 'it is' : `it links to ${real.value},`} outside of the directories of this server`,
    );
  const name = `${root}/${posix.relative(directory, real.value)}`;
  if (!fitsInTar(name)) return left('its name is too long for a tar file');
  const content = await host.read(real.value, { maxBytes: largest });
  if (!content.ok)
    return left(content.problem.code === 'EACCES' ? 'the user of the server may not read it' : content.problem.message);
  if (content.value.truncated) return left('it is larger than 1 MB');
  const text = fileText(content.value.bytes);
  return {
    ...{ name, from: real.value, text: shown(text), parsed: parsed(real.value, text) },
    hasComments: !stateFiles.includes(posix.basename(path)),
  };
}

const largest = 1024 ** 2;

/** Line by line, as the report shows a line of the file. */
const shown = (text: string): string =>
  writtenLines(text)
    .lines.map((line) => `${line}\n`)
    .join('');

/** By the grammar of the file: settings by name, and the columns of pg_hba.conf and pg_ident.conf. */
const parsed = (file: string, text: string): unknown =>
  /hba/u.test(posix.basename(file))
    ? parseHba({ file, serverVersion: 18, ssl: true }, new Map([[file, text]])).lines
    : /ident/u.test(posix.basename(file))
      ? parseUserMaps({ file, text, serverVersion: 18 }).lines.map(({ map, systemUser, role }) => ({
          map,
          systemUser,
          role,
        }))
      : new Map(parseConfigurationText(text).lines.map(({ name, value }) => [name, { value }]));
