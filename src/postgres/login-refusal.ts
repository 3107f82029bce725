import type { Refusal, ServerError } from './login-errors.ts';

export type { Refusal, ServerError } from './login-errors.ts';

/**
 * What a server's refusal of a login means. SQLSTATE and routine decide first, as they are the same in every language
 * of `lc_messages`; the English text only where several causes share both. The texts are those of PostgreSQL 13 to 18
 * (auth.c, postmaster.c, postinit.c, miscinit.c, walsender.c, proc.c) and of poolers that stand before it.
 */
export function classifyRefusal(error: ServerError, login: { readonly replication: boolean }): Refusal {
  if (isFromPooler(error, login)) return 'pooler';
  if (isOfLostFiles(error)) return 'server-files-missing';
  switch (error.sqlstate) {
    case '28P01':
      return 'password-refused';
    case '28000':
      return authorization(error);
    case 'F0000':
      // auth.c, ClientAuthentication: the line demands a client certificate, and the server has no ssl_ca_file
      return /client certificates can only be checked/u.test(error.message) ? 'other-method-refused' : 'unknown';
    case '42501':
      return privilege(error);
    case '53300':
      return resources(error);
    case '57P03':
      return startup(error);
    case '57P01':
    case '57P02':
      return 'shutting-down';
    case '3D000':
      return 'database-missing';
    case '55000':
      // postinit.c, CheckMyDatabase: datallowconn is off
      return /database .* is not currently accepting connections/u.test(error.message)
        ? 'not-accepting-connections'
        : 'unknown';
    default:
      return 'unknown';
  }
}

/**
 * Its own files fail the server while it lets somebody in: the map of the catalogs (relmapper.c), a catalog's file or page
 * (md.c, bufmgr.c), the status of transactions (slru.c), the directory of the database (postinit.c, ValidatePgVersion()).
 * Names of files are the same in every language. A library that session_preload_libraries names is no such file (dfmgr.c).
 */
function isOfLostFiles({ sqlstate, message, detail, routine }: ServerError): boolean {
  // data_corrupted, index_corrupted
  if (sqlstate === 'XX001' || sqlstate === 'XX002') return true;
  // undefined_file, io_error, internal_error, invalid_parameter_value (PG_VERSION), undefined_database (its subdirectory)
  if (!['58P01', '58030', 'XX000', '22023', '3D000'].includes(sqlstate)) return false;
  if (sqlstate === '22023' && routine !== 'ValidatePgVersion') return false;
  const ofMessage = sqlstate === '3D000' ? '' : message;
  return dataFile.test(`${ofMessage}\n${detail ?? ''}`);
}

/** `"global/pg_filenode.map"`, `/srv/pg/base/5"`, `relation base/5/1259`. */
const dataFile =
  /(?:^|[\s"»«„“'/])(?:global\/(?:\d|pg_)|base\/\d|pg_tblspc\/\d|pg_(?:xact|multixact|subtrans|commit_ts|logical|twophase)\/)/u;

/** 28000 covers pg_hba.conf, the role, and every method but password. */
function authorization({ message, routine }: ServerError): Refusal {
  // auth.c, ClientAuthentication: the one routine for both, and only the text tells them apart
  if (message.startsWith('pg_hba.conf rejects ')) return 'hba-rejected';
  if (message.startsWith('no pg_hba.conf entry ')) return 'no-hba-entry';
  if (message.endsWith('is not permitted to log in')) return 'role-no-login';
  if (/^role (?:".*"|with OID \d+) does not exist$/su.test(message)) return 'role-missing';
  // auth.c, auth_failed: "Peer authentication failed for user", …, and "authentication failed …: host rejected" (a reject
  // that the method itself spoke), in any language
  if (routine === 'auth_failed' || /authentication failed for user/u.test(message)) return 'other-method-refused';
  // ClientAuthentication also says that a certificate is demanded ("connection requires a valid client certificate")
  if (/client certificate/u.test(message)) return 'other-method-refused';
  if (routine === 'ClientAuthentication') return 'no-hba-entry';
  return 'unknown';
}

/** 42501: postinit.c, InitPostgres. */
function privilege({ message }: ServerError): Refusal {
  if (/start walsender$|start WAL sender$/u.test(message)) return 'role-no-replication';
  if (message.endsWith('during database shutdown')) return 'shutting-down';
  return 'unknown';
}

/** 53300: connections, WAL senders, and the role's own limit. */
function resources({ message, routine }: ServerError): Refusal {
  if (routine === 'InitWalSenderSlot' || /max_wal_senders/u.test(message)) return 'wal-senders-exhausted';
  // proc.c, InitProcess (12 and later: WAL senders have slots of their own)
  if (message.startsWith('number of requested standby connections exceeds')) return 'wal-senders-exhausted';
  if (routine === 'InitializeSessionUserId' || message.startsWith('too many connections for role '))
    return 'role-connection-limit';
  return 'connections-exhausted';
}

/** 57P03 (ERRCODE_CANNOT_CONNECT_NOW): postmaster.c, canAcceptConnections. */
function startup({ message }: ServerError): Refusal {
  if (message.endsWith('shutting down')) return 'shutting-down';
  if (/(?:not yet|not) accepting connections$|hot standby mode is disabled/iu.test(message))
    return 'not-accepting-connections';
  return 'starting-up';
}

/**
 * Poolers that do not pass replication on. PgBouncer answers with SQLSTATE 08P01 and no routine; Pgpool-II says that it
 * does not accept such a connection or speaks of itself; Odyssey prefixes its own name; Amazon's RDS Proxy names itself.
 */
function isFromPooler(
  { sqlstate, message, routine, detail, hint }: ServerError,
  login: { readonly replication: boolean },
): boolean {
  const text = [message, detail ?? '', hint ?? ''].join('\n');
  // a role or a database may well be called pgbouncer
  const unquoted = text.replaceAll(/"[^"]*"/gu, '');
  if (/\b(?:pgbouncer|pgpool|odyssey|rds proxy|pgcat|supavisor|yandex-pooler)\b/iu.test(unquoted)) return true;
  // PostgreSQL itself always names the routine (ErrorResponse field R); what follows are answers that have none
  if (routine !== undefined) return false;
  if (
    /unsupported startup parameter|unsupported pkt|replication (?:connections? )?(?:is|are) not (?:supported|allowed)/iu.test(
      text,
    )
  )
    return true;
  // PgBouncer, whose configuration has no database of that name: every physical replication login asks for this one
  if (login.replication && /(?:no such database|database|db).{0,4}[:"']? ?"?replication"?/iu.test(message)) return true;
  return (
    sqlstate === '08P01' &&
    /no such (?:database|user)|not allowed|bouncer config|SASL authentication failed|pooler/iu.test(text)
  );
}
