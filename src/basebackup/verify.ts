import type { Evidence } from '../facts/report.ts';
import type { Host } from '../hosts/host.ts';
import { parseBackupLabel } from '../postgres/backup-label.ts';
import { readConfiguration } from '../postgres/configuration.ts';
import { formatConninfo } from '../postgres/conninfo-format.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import { formatLsn } from '../postgres/lsn.ts';

export interface CopyToVerify {
  readonly directory: string;
  /** Undefined where there is none: before 13, or not installed. */
  readonly verifyBackup: string | undefined;
  readonly hasManifest: boolean;
  /** `-R` */
  readonly writesRecoveryConf: boolean;
}

export interface CopyCheck extends Evidence {
  readonly holds: boolean;
}

/**
 * Looks at what pg_basebackup wrote before a server starts on it: the manifest (pg_verifybackup reads every file), and
 * what -R and the server itself will need. Only reads.
 */
export async function verifyCopy(host: Host, copy: CopyToVerify, signal: AbortSignal): Promise<readonly CopyCheck[]> {
  const checks = [
    checkVersion(host, copy),
    checkPermissions(host, copy),
    checkLabel(host, copy),
    ...(copy.writesRecoveryConf ? [checkSignal(host, copy), checkConninfo(host, copy)] : []),
    ...(copy.hasManifest && copy.verifyBackup !== undefined
      ? [checkManifest(host, copy.verifyBackup, copy, signal)]
      : []),
  ];
  return Promise.all(checks);
}

/** pg_verifybackup reads and hashes the whole copy: it may take as long as that takes, and ends with the interrupt. */
async function checkManifest(host: Host, program: string, copy: CopyToVerify, signal: AbortSignal): Promise<CopyCheck> {
  let said = '';
  const running = host.start(program, ['-q', copy.directory], {
    environment: { LC_ALL: 'C', PG_COLOR: 'never' },
    onStderr: (text) => {
      said = `${said}${text}`.slice(0, 4000);
    },
  });
  const stop = (): void => running.interrupt('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const ended = await running.ended;
  signal.removeEventListener('abort', stop);
  const holds = ended.ok && ended.value.exitCode === 0;
  const value = holds ? 'every file matches backup_manifest' : ended.ok ? said.trim() : ended.problem.message;
  return { label: 'pg_verifybackup', value, source: program, holds };
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
    holds: mode === 0o700 || mode === 0o750,
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
  const value = holds
    ? formatConninfo(parsed.value.values, { secrets: 'masked' })
    : (parsed?.problem.message ?? 'not set');
  return { label: 'primary_conninfo', value, source: file, holds };
}

async function textOf(host: Host, path: string): Promise<string | undefined> {
  const content = await host.read(path, { maxBytes: 1 << 20 });
  return content.ok ? new TextDecoder().decode(content.value.bytes) : undefined;
}
