import { posix } from 'node:path';

import type { DataDirectory } from '../../facts/data-directory.ts';
import type { Patroni } from '../../facts/manager.ts';
import type { Host } from '../../hosts/host.ts';
import { parsedJson, valueAt } from '../../hosts/parsed-json.ts';
import { withVariables } from '../../postgres/patroni.ts';
import type { PatroniConfiguration } from '../../postgres/patroni.ts';
import { environmentOf } from '../server-environment.ts';
import { textFile } from '../text-file.ts';
import { closedConfiguration, faultOfConfiguration } from './patroni-configuration.ts';
import { isDirectory, processesOf } from './processes.ts';
import { patroniState } from './rest-api.ts';

/**
 * Files alone prove nothing: a base backup brings those of a managed primary. The way in which this directory's server was
 * started last does, or a configuration that names the directory.
 */
export async function patroniOf(
  host: Host,
  directory: Pick<DataDirectory, 'path'> & Partial<Pick<DataDirectory, 'lastStart' | 'owner' | 'major' | 'postmaster'>>,
  member: string | undefined,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<{ readonly manager: Patroni; readonly source: string } | undefined> {
  const started = startedByPatroni(directory);
  const usual = await host.glob(places(directory.path));
  const files = usual.ok ? usual.value : [];
  const hasFile = (await host.status(posix.join(directory.path, dynamicFile))).ok;
  if (started === undefined && !hasFile && files.length === 0) return undefined;
  const { unread, configurations } = await whatRuns(host, files);
  const own = await ofDirectory(host, directory.path, configurations);
  const cluster = own?.scope ?? started?.cluster;
  if (cluster === undefined) return undefined;
  const dynamic = await dynamicOf(host, directory.path);
  // a process whose configuration is not readable may be this one
  const runs = own === undefined ? unread > 0 : own.runs;
  const isDown = directory.postmaster?.process !== 'running' && directory.postmaster?.process !== 'unknown';
  const manager: Patroni = {
    kind: 'patroni',
    operator: await operatorOf(host),
    cluster,
    member: own?.name ?? member,
    configFile: own?.file,
    logFile: own?.logFile,
    runs,
    paused: dynamic.paused,
    writesHba: await isWritten(host, started?.configDirectory ?? directory.path),
    hba: dynamic.hba,
    parameters: { own: own?.parameters ?? [], shared: dynamic.parameters },
    ttlSeconds: dynamic.ttl,
    namesake: own === undefined ? undefined : namesakeOf(own, configurations),
    configurationFault: isDown ? await faultOf(host, directory, own, files) : undefined,
    state: runs && own?.restApi !== undefined ? await patroniState(host, own.restApi, limits) : undefined,
  };
  const source = own?.file ?? `the last start of the server (${posix.join(directory.path, 'postmaster.opts')})`;
  return { manager, source };
}

/** Of one that nobody could read it is not known whose it is: where there is one such file, it is this member's. */
async function faultOf(
  host: Host,
  directory: Parameters<typeof patroniOf>[1],
  own: Found | undefined,
  files: readonly string[],
): Promise<Patroni['configurationFault']> {
  if (own !== undefined) return faultOfConfiguration(host, directory, own.file, own.binDirectory);
  const { owner } = directory;
  if (owner === undefined) return undefined;
  const closed = await Promise.all(files.map(async (file) => closedConfiguration(host, owner, file)));
  const [only, ...others] = closed.filter((one) => one !== undefined);
  return others.length === 0 ? only : undefined;
}

const dynamicFile = 'patroni.dynamic.json';

/** Where packages and images have its configuration, and whoever keeps one beside the data directory. */
const places = (path: string): readonly string[] => [
  ...['/etc/patroni/*.yml', '/etc/patroni/*.yaml', '/etc/patroni.yml', '/etc/patroni.yaml'],
  ...['/home/postgres/postgres.yml', '/run/postgres.yml', `${posix.dirname(path)}/patroni*.yml`],
];

/** What each of them puts into its pods (Crunchy: internal/patroni/config.md; Spilo's image; StackGres: ClusterPath.java). */
const operators = {
  '/etc/patroni/~postgres-operator_cluster.yaml': 'crunchy',
  '/scripts/configure_spilo.py': 'zalando',
  '/usr/local/bin/start-patroni.sh': 'stackgres',
} as const satisfies Readonly<Record<string, Patroni['operator']>>;

async function operatorOf(host: Host): Promise<Patroni['operator']> {
  for (const [file, operator] of Object.entries(operators)) if ((await host.status(file)).ok) return operator;
  return undefined;
}

/** Patroni gives these settings on the command line, that nothing in a file beats them (patroni: postgresql/config.py, CMDLINE_OPTIONS). */
function startedByPatroni({
  lastStart,
}: Partial<Pick<DataDirectory, 'lastStart'>>):
  | { readonly cluster: string | undefined; readonly configDirectory: string | undefined }
  | undefined {
  if (lastStart === undefined || lastStart.here === false) return undefined;
  const value = (name: string): string | undefined => {
    const given = lastStart.options.find((option) => option.replaceAll('-', '_').startsWith(`__${name}=`));
    return given?.slice(given.indexOf('=') + 1);
  };
  const names = ['listen_addresses', 'port', 'cluster_name', 'wal_level', 'max_wal_senders', 'wal_log_hints'];
  if (names.some((name) => value(name) === undefined)) return undefined;
  const file = value('config_file');
  return { cluster: value('cluster_name'), configDirectory: file && posix.dirname(file) };
}

interface Found extends PatroniConfiguration {
  /** Undefined: it has its configuration from variables alone. */
  readonly file: string | undefined;
  readonly runs: boolean;
}

/** The processes of Patroni, their configurations, and those where packages keep them. */
async function whatRuns(
  host: Host,
  usual: readonly string[],
): Promise<{ readonly unread: number; readonly configurations: readonly Found[] }> {
  const running = await Promise.all(
    (await processesOf(host, 'patroni')).map(async ({ pid, words, directory }) => {
      const file = words.find((word) => !word.startsWith('-'));
      return {
        file: file === undefined ? undefined : posix.resolve(directory, file),
        environment: await environmentOf(host, pid),
      };
    }),
  );
  const others = usual.filter((file) => running.every((one) => one.file !== file));
  const all = [
    ...running.map((one) => ({ ...one, runs: true })),
    ...others.map((file) => ({ file, environment: {}, runs: false })),
  ];
  const read = await Promise.all(
    all.map(async ({ file, environment, runs }) => {
      const text = file === undefined ? undefined : await textFile(host, file, 256 * 1024);
      const found = withVariables(text?.ok === true ? text.value : undefined, environment);
      return found.dataDirectory === undefined ? undefined : { ...found, file, runs };
    }),
  );
  const configurations = read.filter((one) => one !== undefined);
  return { unread: running.length - configurations.filter(({ runs }) => runs).length, configurations };
}

/** Containers keep theirs apart: a file of one is none of another's. Two clusters may have one name in two stores. */
function namesakeOf(own: Found, configurations: readonly Found[]): string | undefined {
  const other = configurations.find(
    ({ file, runs, scope, name, dataDirectory, namespace, store }) =>
      runs &&
      namespace === own.namespace &&
      (store.length === 0 || own.store.length === 0 || store.some((address) => own.store.includes(address))) &&
      file !== own.file &&
      name !== undefined &&
      name === own.name &&
      scope === own.scope &&
      dataDirectory !== own.dataDirectory,
  );
  return other?.file;
}

async function ofDirectory(host: Host, path: string, found: readonly Found[]): Promise<Found | undefined> {
  for (const one of found) if (await isDirectory(host, one.dataDirectory, path)) return one;
  return undefined;
}

async function dynamicOf(
  host: Host,
  path: string,
): Promise<{
  readonly paused: boolean;
  readonly hba: Patroni['hba'];
  readonly ttl: number;
  readonly parameters: readonly string[];
}> {
  const text = await textFile(host, posix.join(path, dynamicFile));
  const read = text.ok ? parsedJson(text.value) : undefined;
  const hba = valueAt(valueAt(read, 'postgresql'), 'pg_hba');
  const ttl = valueAt(read, 'ttl');
  const parameters = valueAt(valueAt(read, 'postgresql'), 'parameters');
  return {
    parameters: typeof parameters === 'object' && parameters !== null ? Object.keys(parameters) : [],
    ttl: typeof ttl === 'number' ? ttl : 30,
    paused: valueAt(read, 'pause') === true,
    hba: Array.isArray(hba) && hba.every((line) => typeof line === 'string') ? hba : undefined,
  };
}

async function isWritten(host: Host, directory: string): Promise<boolean> {
  const text = await textFile(host, posix.join(directory, 'pg_hba.conf'), 4096);
  return text.ok && /^# It will be overwritten by Patroni!$/mu.test(text.value);
}
