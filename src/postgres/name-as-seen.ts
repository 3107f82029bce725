/**
 * What a server makes of a name that it is given as application_name or cluster_name (guc.c, GUC_IS_NAME): it keeps 63
 * bytes (a WAL sender has no database, and so no encoding whose letters it would keep whole), and replaces what is not
 * printable ASCII (string.c, pg_clean_ascii): by a question mark up to 15, by its number from 16 on.
 */
export function nameAsSet(name: string, major: number): string {
  const bytes = [...Buffer.from(name, 'utf8').subarray(0, longestName)];
  return bytes
    .map((byte) => {
      if (byte >= 0x20 && byte <= 0x7e) return String.fromCodePoint(byte);
      return major >= 16 ? String.raw`\x${byte.toString(16).padStart(2, '0')}` : '?';
    })
    .join('');
}

/**
 * The name as pg_stat_replication shows it: of the one that the server keeps, and compares with synchronous_standby_names,
 * the first 63 bytes (backend_status.c, pgstat_report_appname).
 */
export const nameAsSeen = (name: string, major: number): string => nameAsSet(name, major).slice(0, longestName);

/** NAMEDATALEN - 1. */
const longestName = 63;

/**
 * The name that a WAL receiver sends: application_name, an empty one too, which is none at all for the primary; else the
 * standby's cluster_name as its own server keeps it; else `walreceiver` (walreceiver.c, WalReceiverMain).
 */
export function nameSent(applicationName: string | undefined, clusterName: string, major: number): string {
  if (applicationName !== undefined) return applicationName;
  return clusterName === '' ? 'walreceiver' : nameAsSet(clusterName, major);
}

/**
 * The name in pg_stat_wal_receiver.conninfo: what libpq really took, its environment and its service file included. Values
 * stand there without quotes, in the order of libpq's own table, and empty ones are left out (libpqrcv_get_conninfo).
 */
export function nameInReceiver(conninfo: string): string | undefined {
  const [, given] = / application_name=(.*?) fallback_application_name=/su.exec(` ${conninfo}`) ?? [];
  if (given !== undefined) return given;
  const [, fallback] = / fallback_application_name=(.*?)(?: [a-z_]+=|$)/su.exec(` ${conninfo}`) ?? [];
  return fallback;
}
