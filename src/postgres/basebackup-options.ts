/** An option of pg_basebackup and the releases that know it. */
export interface BaseBackupOption {
  /** Without dashes. */
  readonly long: string;
  readonly short?: string;
  /** What stands for the value in pg_basebackup's help; undefined when the option takes none. */
  readonly value?: string;
  /** The first major release (13: that one or before). */
  readonly since: number;
  readonly help: string;
}

/**
 * Every option of pg_basebackup 13 to 18, in the order of its help (pg_basebackup.c, `long_options`). None was taken
 * away in these releases; what changed is the values that `--compress` takes (15).
 */
export const baseBackupOptions = [
  { long: 'pgdata', short: 'D', value: 'DIRECTORY', since: 13, help: 'receive base backup into directory' },
  { long: 'format', short: 'F', value: 'p|t', since: 13, help: 'output format (plain (default), tar)' },
  { long: 'incremental', short: 'i', value: 'OLDMANIFEST', since: 17, help: 'take incremental backup' },
  {
    long: 'max-rate',
    short: 'r',
    value: 'RATE',
    since: 13,
    help: 'maximum transfer rate (in kB/s, or with suffix k or M)',
  },
  { long: 'write-recovery-conf', short: 'R', since: 13, help: 'write configuration for replication' },
  { long: 'target', short: 't', value: 'TARGET[:DETAIL]', since: 15, help: 'backup target (if other than client)' },
  {
    long: 'tablespace-mapping',
    short: 'T',
    value: 'OLDDIR=NEWDIR',
    since: 13,
    help: 'relocate tablespace in OLDDIR to NEWDIR',
  },
  { long: 'waldir', value: 'WALDIR', since: 13, help: 'location for the write-ahead log directory' },
  {
    long: 'wal-method',
    short: 'X',
    value: 'none|fetch|stream',
    since: 13,
    help: 'include required WAL files with this method',
  },
  { long: 'gzip', short: 'z', since: 13, help: 'compress tar output' },
  {
    long: 'compress',
    short: 'Z',
    value: '[{client|server}-]METHOD[:DETAIL]',
    since: 13,
    help: 'compress on client or server as specified',
  },
  { long: 'checkpoint', short: 'c', value: 'fast|spread', since: 13, help: 'fast or spread (default) checkpointing' },
  { long: 'create-slot', short: 'C', since: 13, help: 'create replication slot' },
  { long: 'label', short: 'l', value: 'LABEL', since: 13, help: 'set backup label' },
  { long: 'no-clean', short: 'n', since: 13, help: 'do not clean up after errors' },
  { long: 'no-sync', short: 'N', since: 13, help: 'do not wait for changes to be written safely to disk' },
  { long: 'progress', short: 'P', since: 13, help: 'show progress information' },
  { long: 'slot', short: 'S', value: 'SLOTNAME', since: 13, help: 'replication slot to use' },
  { long: 'verbose', short: 'v', since: 13, help: 'output verbose messages' },
  { long: 'manifest-checksums', value: 'ALGORITHM', since: 13, help: 'SHA224, SHA256, SHA384, SHA512, CRC32C or NONE' },
  { long: 'manifest-force-encode', since: 13, help: 'hex encode all file names in manifest' },
  { long: 'no-estimate-size', since: 13, help: 'do not estimate backup size in server side' },
  { long: 'no-manifest', since: 13, help: 'suppress generation of backup manifest' },
  { long: 'no-slot', since: 13, help: 'prevent creation of temporary replication slot' },
  { long: 'no-verify-checksums', since: 13, help: 'do not verify checksums' },
  { long: 'sync-method', value: 'METHOD', since: 17, help: 'set method for syncing files to disk' },
  { long: 'dbname', short: 'd', value: 'CONNSTR', since: 13, help: 'connection string' },
  { long: 'host', short: 'h', value: 'HOSTNAME', since: 13, help: 'database server host or socket directory' },
  { long: 'port', short: 'p', value: 'PORT', since: 13, help: 'database server port number' },
  {
    long: 'status-interval',
    short: 's',
    value: 'INTERVAL',
    since: 13,
    help: 'time between status packets sent to server (in seconds)',
  },
  { long: 'username', short: 'U', value: 'NAME', since: 13, help: 'connect as specified database user' },
  { long: 'no-password', short: 'w', since: 13, help: 'never prompt for password' },
  { long: 'password', short: 'W', since: 13, help: 'force password prompt (should happen automatically)' },
] as const satisfies readonly BaseBackupOption[];

export type BaseBackupOptionName = (typeof baseBackupOptions)[number]['long'];

/** The first major release whose pg_basebackup knows this option; undefined for one that none knows. */
export const optionSince = (long: string): number | undefined =>
  baseBackupOptions.find((option) => option.long === long)?.since;
