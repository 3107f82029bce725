import { posix } from 'node:path';

import type { DataDirectory } from '../../facts/data-directory.ts';
import type { Repmgr } from '../../facts/manager.ts';
import type { Host } from '../../hosts/host.ts';
import { parseConfigurationText } from '../../postgres/configuration-file.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { textFile } from '../text-file.ts';
import { isDirectory, processesOf } from './processes.ts';

/** Where repmgr looks (configfile.c), packages and images put it, and whoever keeps one beside the data directory. */
const places = (path: string): readonly string[] => [
  '/etc/repmgr.conf',
  '/etc/repmgr/*.conf',
  '/etc/repmgr/*/*.conf',
  '/etc/postgresql-common/repmgr.conf',
  '/opt/bitnami/repmgr/conf/repmgr.conf',
  `${posix.dirname(path)}/repmgr*.conf`,
  `${path}/repmgr.conf`,
];

/** The configuration of repmgr that names this data directory. `preloaded`: repmgrd is one of the server's programs. */
export async function repmgrOf(host: Host, { path }: DataDirectory, preloaded: boolean): Promise<Repmgr | undefined> {
  const found = await host.glob(places(path));
  const usual = found.ok ? found.value : [];
  if (!preloaded && usual.length === 0) return undefined;
  const running = (await processesOf(host, 'repmgrd')).flatMap(({ words, directory }) => {
    const file = fileIn(words);
    return file === undefined ? [] : [posix.resolve(directory, file)];
  });
  for (const file of new Set([...running, ...usual])) {
    const text = await textFile(host, file, 256 * 1024);
    const configuration = text.ok ? configurationOf(text.value) : undefined;
    if (configuration === undefined || !(await isDirectory(host, configuration.dataDirectory, path))) continue;
    const { dataDirectory: _, ...rest } = configuration;
    return { kind: 'repmgr', configFile: file, ...rest, runs: running.includes(file) };
  }
  return undefined;
}

function fileIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '-f' || word === '--config-file');
  if (at !== -1) return words[at + 1];
  return words.find((word) => word.startsWith('--config-file='))?.slice('--config-file='.length);
}

interface Configuration extends Pick<Repmgr, 'node' | 'name' | 'conninfo' | 'automatic' | 'logFile'> {
  readonly dataDirectory: string;
}

/** repmgr.conf is written as postgresql.conf is; what repmgr cannot do without are these four (configfile.c). */
export function configurationOf(text: string): Configuration | undefined {
  const values = new Map(parseConfigurationText(text).lines.map(({ name, value }) => [name, value]));
  const [node, name] = [Number(values.get('node_id')), values.get('node_name')];
  const [dataDirectory, conninfo] = [values.get('data_directory'), parseConninfo(values.get('conninfo') ?? '')];
  if (!Number.isSafeInteger(node) || name === undefined || dataDirectory === undefined || !conninfo.ok)
    return undefined;
  const kept = Object.entries(conninfo.value.values).flatMap(([key, value]) =>
    typeof value === 'string' && shown.has(key) ? [[key, value] as const] : [],
  );
  const automatic = values.get('failover') === 'automatic';
  const logFile = values.get('log_file');
  const conninfoShown = Object.fromEntries(kept);
  return {
    ...{ node, name, dataDirectory, conninfo: conninfoShown, automatic },
    ...(logFile?.startsWith('/') === true ? { logFile } : {}),
  };
}

/** No parameter that may be a secret. */
const shown: ReadonlySet<string> = new Set('host hostaddr port user dbname sslmode passfile'.split(' '));
