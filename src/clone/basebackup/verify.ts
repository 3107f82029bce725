import { setsMode } from '../../hosts/engine-containers.ts';
import type { Evidence } from '../../findings/report.ts';
import type { Host } from '../../hosts/host.ts';
import { parseBackupLabel } from '../../postgres/backup-label.ts';
import { readConfiguration } from '../../postgres/configuration.ts';
import { formatConninfo } from '../../postgres/conninfo-format.ts';
import type { ConninfoValues } from '../../postgres/conninfo-assembly.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import type { Command } from './commands.ts';

export interface CopyToVerify {
  readonly directory: string;
  readonly format: 'plain' | 'tar';
  /** pg_verifybackup with its words; undefined where none serves. */
  readonly verify: Command | undefined;
  /** `-R` */
  readonly writesRecoveryConf: boolean;
}

export interface CopyCheck extends Evidence {
  readonly holds: boolean;
}

/**
 * Looks at what pg_basebackup wrote before a server starts on it: the manifest (pg_verifybackup reads every file), and
 * what -R and the server itself will need. Of an archive only the manifest can be held against it. Only reads.
 */
export async function verifyCopy(host: Host, copy: CopyToVerify, signal: AbortSignal): Promise<readonly CopyCheck[]> {
  const checks =
    copy.format === 'tar'
      ? [checkArchive(host, copy)]
      : [
          checkVersion(host, copy),
          checkPermissions(host, copy),
          checkLabel(host, copy),
          ...(copy.writesRecoveryConf ? [checkSignal(host, copy), checkConninfo(host, copy)] : []),
        ];
  const hasManifest = (await host.status(`${copy.directory}/backup_manifest`)).ok;
  const manifest = hasManifest && copy.verify !== undefined ? [checkManifest(host, copy.verify, signal)] : [];
  return Promise.all([...manifest, ...checks]);
}

/** pg_verifybackup reads and hashes the whole copy: it may take as long as that takes, and ends with the interrupt. */
async function checkManifest(host: Host, { program, args }: Command, signal: AbortSignal): Promise<CopyCheck> {
  let said = '';
  const running = host.start(program, args, {
    endsWithUs: true,
    environment: { LC_ALL: 'C', PG_COLOR: 'never' },
    onStderr: (text) => {
      said = `${said}${text}`.slice(0, 4000);
    },
  });
  const stop = (): void => running.interrupt('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const ended = await running.ended;
  signal.removeEventListener('abort', stop);
  const holds = ended.ok && ended.value.exitCode === 0;
  const without = args.includes('-n') ? ' (its WAL was not read)' : '';
  const value = holds
    ? `every file is as backup_manifest says${without}`
    : ended.ok
      ? (said.trim().split('\n')[0] ?? '')
      : ended.problem.message;
  return { label: 'pg_verifybackup', value, source: program, holds };
}

/** base.tar, base.tar.gz, … (or the OID of a tablespace beside it), as pg_basebackup -Ft names them. */
async function checkArchive(host: Host, { directory }: CopyToVerify): Promise<CopyCheck> {
  const listing = await host.list(directory);
  const names = listing.ok ? listing.value.entries.map(({ name }) => name) : [];
  const archives = names.filter((name) => /^(?:base|pg_wal|\d+)\.tar(?:\.\w+)?$/u.test(name)).toSorted();
  const holds = archives.some((name) => name.startsWith('base.tar'));
  return { label: 'archives', value: holds ? archives.join(', ') : 'no base.tar', source: directory, holds };
}

async function checkVersion(host: Host, { directory }: CopyToVerify): Promise<CopyCheck> {
  const file = `${directory}/PG_VERSION`;
  const text = await textOf(host, file);
  const holds = text !== undefined && /^\d+\n?$/.test(text);
  return { label: 'PG_VERSION', value: holds ? text.trim() : 'not there', source: file, holds };
}

/** The server starts on 0700 and 0750 only (miscinit.c, checkDataDir()). */
async function checkPermissions(host: Host, { directory }: CopyToVerify): Promise<CopyCheck> {
  const status = await host.status(directory, { followLinks: true });
  const mode = status.ok ? status.value.mode : undefined;
  return {
    label: 'permissions',
    value: mode === undefined ? 'not seen' : `0${mode.toString(8)}`,
    source: directory,
    holds: mode === 0o700 || mode === 0o750 || (host.place?.kind === 'container' && setsMode(directory, host.place)),
  };
}

async function checkLabel(host: Host, { directory }: CopyToVerify): Promise<CopyCheck> {
  const file = `${directory}/backup_label`;
  const text = await textOf(host, file);
  const label = text === undefined ? undefined : parseBackupLabel(text);
  return {
    label: 'backup_label',
    value: label?.ok === true ? `recovery begins at ${formatLsn(label.value.start)}` : 'not there, or not readable',
    source: file,
    holds: label?.ok === true,
  };
}

async function checkSignal(host: Host, { directory }: CopyToVerify): Promise<CopyCheck> {
  const file = `${directory}/standby.signal`;
  const status = await host.status(file);
  const holds = status.ok && status.value.kind === 'file';
  return { label: 'standby.signal', value: holds ? 'there' : 'not there', source: file, holds };
}

/** -R appends to postgresql.auto.conf, which the server reads last (pg_basebackup.c, WriteRecoveryConfig()). */
async function checkConninfo(host: Host, { directory }: CopyToVerify): Promise<CopyCheck> {
  const file = `${directory}/postgresql.auto.conf`;
  const { settings } = await readConfiguration(
    {
      read: async (path) => {
        const text = await textOf(host, path);
        return text === undefined ? { status: 'absent' } : { status: 'text', text };
      },
      list: async () => ({ status: 'absent' }),
    },
    { configFile: file, dataDirectory: directory },
  );
  const written = settings.get('primary_conninfo')?.value;
  const parsed = written === undefined ? undefined : parseConninfo(written);
  const holds = parsed?.ok === true;
  const value = holds ? formatConninfo(told(parsed.value.values)) : (parsed?.problem.message ?? 'not set');
  return { label: 'primary_conninfo', value, source: file, holds };
}

/** What says where the standby will go and as whom; -R writes every option of libpq. */
const told = (values: ConninfoValues): ConninfoValues =>
  Object.fromEntries(Object.entries(values).filter(([keyword]) => worthTelling.has(keyword)));

const worthTelling: ReadonlySet<string> = new Set([
  'host',
  'hostaddr',
  'port',
  'user',
  'password',
  'passfile',
  'sslmode',
  'application_name',
  'service',
]);

async function textOf(host: Host, path: string): Promise<string | undefined> {
  const content = await host.read(path, { maxBytes: 1 << 20 });
  return content.ok ? new TextDecoder().decode(content.value.bytes) : undefined;
}
