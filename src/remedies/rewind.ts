import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { AdminLogin, Primary } from '../facts/primary.ts';
import type { Remedy } from '../findings/report.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { StandbyConfiguration, StandbyControl } from '../facts/standby-configuration.ts';
import { formatConninfo } from '../postgres/conninfo-format.ts';
import { askingForPassword } from './asked-password.ts';
import { copyFiles, puttingBack } from './copy-files.ts';
import { shellWord } from './quoting.ts';
import { destructive, shell } from './remedy.ts';
import { binDirectoryOf, program, start, stop } from './server-control.ts';

/** What is known of a standby that has diverged from its primary. */
export interface RewindSeen {
  readonly dataDirectory: DataDirectory;
  readonly standbyConfiguration: Observed<StandbyConfiguration>;
  readonly standbyControl: Observed<StandbyControl>;
  readonly primary: Primary;
  readonly adminLogin: Observed<AdminLogin>;
  /** It ended without a shutdown, with a signal file that keeps pg_rewind from letting it recover. */
  readonly recoverFirst?: boolean;
}

/**
 * Winds the standby back to where its history left the primary's. pg_rewind (which runs crash recovery first where the
 * server did not end cleanly) puts the primary's configuration files in the place of this server's: they are kept beside
 * the directory and put back. Its role must be a superuser there, or may run the functions that pg_rewind names.
 */
export function rewind(seen: RewindSeen, summary: string): Remedy {
  const { path } = seen.dataDirectory;
  const { control, running } = ifSeen(seen.standbyControl) ?? { control: { kind: 'unknown' } as const, running: false };
  const configuration = ifSeen(seen.standbyConfiguration);
  const files = configuration?.ownFiles ?? [];
  const kept = `${path}.own-files`;
  const admin = ifSeen(seen.adminLogin);
  // a superuser's --admin session is known to be let in
  const endpoint = admin?.superuser === true ? admin.endpoint : undefined;
  const host = endpoint?.host ?? seen.primary.address;
  const source = formatConninfo({
    host,
    port: String(endpoint?.port ?? seen.primary.port),
    user: admin?.superuser === true ? admin.user : 'postgres',
    dbname: endpoint?.database ?? 'postgres',
  });
  const restoreCommand = configuration?.files.settings.get('restore_command')?.value ?? '';
  const asksPassword = !host.startsWith('/') || endpoint?.password === true;
  const words = [
    program(binDirectoryOf(control), 'pg_rewind'),
    `--target-pgdata=${shellWord(path)}`,
    `--source-server=${shellWord(source)}`,
    // WAL of its own that was removed meanwhile comes from the archive
    ...(restoreCommand === '' ? [] : ['--restore-target-wal']),
    // 15 and later
    ...(configuration?.outside === true && (seen.dataDirectory.major ?? 0) >= 15
      ? [`--config-file=${shellWord(configuration.configFile)}`]
      : []),
    '--progress',
  ];
  return destructive(
    summary,
    // the new timeline's history may lie there already, and with it the server refuses to start (xlogrecovery.c, InitWalRecovery)
    ...(seen.recoverFirst === true ? [start('standby', control, { recovery_target_timeline: 'current' })] : []),
    ...(running || seen.recoverFirst === true ? [stop('standby', control)] : []),
    ...(files.length === 0
      ? []
      : [
          shell(
            'standby',
            `mkdir -p -m 0700 ${shellWord(kept)} && ${copyFiles(path, kept, files)}`,
            'make-directory',
            kept,
          ),
        ]),
    asksPassword
      ? {
          ...shell('standby', askingForPassword(`PGPASSWORD="$password" ${words.join(' ')}`), 'rewind', path),
          asksPassword,
        }
      : shell('standby', words.join(' '), 'rewind', path),
    ...(files.length === 0 ? [] : [puttingBack(kept, path, files)]),
    shell('standby', `touch ${shellWord(`${path}/standby.signal`)}`, 'make-file', `${path}/standby.signal`),
    start('standby', control),
  );
}
