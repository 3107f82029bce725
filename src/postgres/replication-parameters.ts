import type { GivenParameter, ParameterSource } from './connection-parameters.ts';
import type { Conninfo } from './conninfo-assembly.ts';
import { conninfoOption, newestLibpq } from './conninfo-options.ts';
import type { Secret } from './secret.ts';

/** What the command line of pg_basebackup says of the connection. */
export interface BaseBackupConnection {
  /** -d */
  readonly conninfo?: Conninfo | undefined;
  /** -h */
  readonly host?: string | undefined;
  /** -p */
  readonly port?: string | undefined;
  /** -U */
  readonly user?: string | undefined;
  /** Typed at pg_basebackup's own prompt. */
  readonly password?: Secret | undefined;
}

/**
 * The parameters that pg_basebackup hands to libpq (pg_basebackup/streamutil.c, GetConnection): those of `-d`, then
 * `-h`, `-p`, `-U` and the typed password over them. It always logs in with replication=true. The database, by which
 * only the password file and a pooler go, is `replication`; since 17 `-d` can name another one, before that it is
 * overruled. Empty values of `-d` count as not given; an empty `-h` too.
 *
 * `pgBasebackupVersion` is the program's major version. Its libpq can be newer: packages of one distribution share one.
 */
export function baseBackupParameters(
  { conninfo, host, port, user, password }: BaseBackupConnection,
  pgBasebackupVersion: number = newestLibpq,
): readonly GivenParameter[] {
  const program: ParameterSource = { kind: 'program', program: 'pg_basebackup' };
  const database: GivenParameter = { keyword: 'dbname', value: 'replication', source: program };
  const fromConninfo = conninfo === undefined ? [] : conninfoParameters(conninfo);
  return [
    ...(pgBasebackupVersion >= 17 ? [database, ...fromConninfo] : [...fromConninfo, database]),
    { keyword: 'replication' as const, value: 'true', source: program },
    { keyword: 'fallback_application_name' as const, value: 'pg_basebackup', source: program },
    ...option('host', '-h', host),
    ...option('user', '-U', user),
    ...option('port', '-p', port),
    ...option('password', 'the password prompt', password),
  ].filter(isGiven);
}

/**
 * The parameters with which a standby's WAL receiver connects (libpqwalreceiver.c, libpqrcv_connect): those of
 * primary_conninfo, with replication=true and dbname=replication over them. `applicationName` is the standby's
 * cluster_name, or `walreceiver` where that is empty; an application_name in primary_conninfo wins over it.
 */
export function walReceiverParameters(conninfo: Conninfo, applicationName = 'walreceiver'): readonly GivenParameter[] {
  const program: ParameterSource = { kind: 'program', program: 'the WAL receiver' };
  return [
    ...conninfoParameters(conninfo),
    { keyword: 'replication', value: 'true', source: program },
    { keyword: 'dbname', value: 'replication', source: program },
    { keyword: 'fallback_application_name', value: applicationName, source: program },
  ];
}

/** A connection string by itself, as psql and PQconnectdb take it. An empty value stays a value. */
export function conninfoParameters(conninfo: Conninfo): readonly GivenParameter[] {
  return Object.entries(conninfo.values).flatMap(([name, value]) => {
    const keyword = conninfoOption(name)?.keyword;
    const setting = conninfo.settings.findLast((candidate) => candidate.keyword === keyword);
    if (keyword === undefined || setting === undefined || value === undefined) return [];
    return [{ keyword, value, source: { kind: 'conninfo', at: setting.at, end: setting.end } }];
  });
}

const option = (
  keyword: 'host' | 'port' | 'user' | 'password',
  letter: string,
  value: string | Secret | undefined,
): readonly GivenParameter[] =>
  value === undefined ? [] : [{ keyword, value, source: { kind: 'option', option: letter } }];

/** PQconnectdbParams leaves out what is empty. */
const isGiven = ({ value }: GivenParameter): boolean => (typeof value === 'string' ? value : value.reveal()) !== '';
