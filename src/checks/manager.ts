import { posix } from 'node:path';

import type { Manager } from '../facts/manager.ts';
import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { Host } from '../hosts/host.ts';
import { configurationOf } from '../postgres/patroni.ts';
import type { PatroniConfiguration } from '../postgres/patroni.ts';
import { defineCheck } from './check.ts';
import { noStandbyYet } from './subject.ts';
import { textFile } from './text-file.ts';
import { parsedJson, valueAt } from '../hosts/parsed-json.ts';

/**
 * Who manages the standby's server. Files alone prove nothing: a base backup brings those of a managed primary. The way in
 * which this directory's server was started last does, or a configuration that names the directory.
 */
export const managerCheck = defineCheck({
  brings: ['manager'],
  after: ['dataDirectory', 'standbyConninfo'],
  async look({ dataDirectory, standbyConninfo }, { host, subject }) {
    if (subject.command !== 'postmortem') return { manager: noStandbyYet };
    if (dataDirectory.status !== 'seen') return { manager: dataDirectory };
    const directory = dataDirectory.value;
    const started = startedByPatroni(directory);
    const hasFile = (await host.status(posix.join(directory.path, dynamicFile))).ok;
    if (started === undefined && !hasFile) return { manager: none };
    const { unread, configurations } = await whatRuns(host);
    const own = await ofDirectory(host, directory.path, configurations);
    const cluster = own?.scope ?? started?.cluster;
    if (cluster === undefined) return { manager: none };
    const dynamic = await dynamicOf(host, directory.path);
    const manager: Manager = {
      kind: 'patroni',
      cluster,
      member: own?.name ?? ifSeen(standbyConninfo)?.applicationName,
      configFile: own?.file,
      // a process whose configuration is not readable may be this one
      runs: own === undefined ? unread > 0 : own.runs,
      paused: dynamic.paused,
      writesHba: await isWritten(host, started?.configDirectory ?? directory.path),
      hba: dynamic.hba,
    };
    return {
      manager: seen(
        manager,
        own?.file ?? `the last start of the server (${posix.join(directory.path, 'postmaster.opts')})`,
      ),
    };
  },
});

const none = notApplicable('no program that manages the server was found');
const dynamicFile = 'patroni.dynamic.json';

/** Patroni gives these settings on the command line, that nothing in a file beats them (patroni: postgresql/config.py, CMDLINE_OPTIONS). */
function startedByPatroni({
  lastStart,
}: DataDirectory): { readonly cluster: string | undefined; readonly configDirectory: string | undefined } | undefined {
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
  readonly file: string;
  readonly runs: boolean;
}

/** The processes of Patroni, their configurations, and those where packages keep them. */
async function whatRuns(host: Host): Promise<{ readonly unread: number; readonly configurations: readonly Found[] }> {
  const listed = await host.list('/proc', { limit: 50_000 });
  const numbers = listed.ok ? listed.value.entries.map(({ name }) => Number(name)).filter((pid) => pid > 0) : [];
  const statuses = await Promise.all(numbers.map((pid) => host.processStatus(pid)));
  const running = statuses.flatMap((status) => {
    const words = status.ok ? (status.value.commandLine ?? []) : [];
    const at = words.findIndex((word) => posix.basename(word) === 'patroni');
    if (!status.ok || at === -1 || at > 2) return [];
    const file = words.slice(at + 1).find((word) => !word.startsWith('-'));
    return [file === undefined ? undefined : posix.resolve(status.value.workingDirectory ?? '/', file)];
  });
  const usual = await host.glob(['/etc/patroni/*.yml', '/etc/patroni/*.yaml', '/etc/patroni.yml', '/etc/patroni.yaml']);
  const files = [...new Set([...running, ...(usual.ok ? usual.value : [])])];
  const read = await Promise.all(
    files.map(async (file) => {
      const text = file === undefined ? undefined : await textFile(host, file, 256 * 1024);
      return file === undefined || text?.ok !== true
        ? []
        : [{ ...configurationOf(text.value), file, runs: running.includes(file) }];
    }),
  );
  const configurations = read.flat();
  const unread = running.filter((file) => configurations.every((one) => one.file !== file)).length;
  return { unread, configurations };
}

async function ofDirectory(host: Host, path: string, found: readonly Found[]): Promise<Found | undefined> {
  for (const one of found) {
    if (one.dataDirectory === undefined || !posix.isAbsolute(one.dataDirectory)) continue;
    const real = await host.realPath(one.dataDirectory);
    if (real.ok && real.value === path) return one;
  }
  return undefined;
}

async function dynamicOf(
  host: Host,
  path: string,
): Promise<{ readonly paused: boolean; readonly hba: Manager['hba'] }> {
  const text = await textFile(host, posix.join(path, dynamicFile));
  const read = text.ok ? parsedJson(text.value) : undefined;
  const hba = valueAt(valueAt(read, 'postgresql'), 'pg_hba');
  return {
    paused: valueAt(read, 'pause') === true,
    hba: Array.isArray(hba) && hba.every((line) => typeof line === 'string') ? hba : undefined,
  };
}

async function isWritten(host: Host, directory: string): Promise<boolean> {
  const text = await textFile(host, posix.join(directory, 'pg_hba.conf'), 4096);
  return text.ok && /^# It will be overwritten by Patroni!$/mu.test(text.value);
}
