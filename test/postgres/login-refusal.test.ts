import { expect, test } from 'vitest';

import { classifyRefusal } from '../../src/postgres/login-refusal.ts';

/** Messages of auth.c, postmaster.c, postinit.c, miscinit.c and proc.c from 13 to 18, with SQLSTATE and routine as the server sends them. */
test.each([
  [
    '28000',
    'ClientAuthentication',
    'no pg_hba.conf entry for replication connection from host "10.0.0.7", user "rep", SSL off',
    'no-hba-entry',
  ],
  [
    '28000',
    'ClientAuthentication',
    'no pg_hba.conf entry for host "10.0.0.7", user "rep", database "postgres", no encryption',
    'no-hba-entry',
  ],
  [
    '28000',
    'ClientAuthentication',
    'kein pg_hba.conf-Eintrag für Replikationsverbindung von Host »10.0.0.7«',
    'no-hba-entry',
  ],
  [
    '28000',
    'ClientAuthentication',
    'pg_hba.conf rejects replication connection for host "10.0.0.7", user "rep", SSL encryption',
    'hba-rejected',
  ],
  ['28000', 'ClientAuthentication', 'connection requires a valid client certificate', 'other-method-refused'],
  ['28000', 'auth_failed', 'Peer authentication failed for user "rep"', 'other-method-refused'],
  ['28000', 'auth_failed', 'certificate authentication failed for user "rep"', 'other-method-refused'],
  ['28000', 'auth_failed', 'Ident-Authentifizierung für Benutzer »rep« fehlgeschlagen', 'other-method-refused'],
  ['28P01', 'auth_failed', 'password authentication failed for user "rep"', 'password-refused'],
  ['28P01', 'auth_failed', 'Passwort-Authentifizierung für Benutzer »rep« fehlgeschlagen', 'password-refused'],
  ['28000', 'InitializeSessionUserId', 'role "rep" does not exist', 'role-missing'],
  ['28000', 'InitializeSessionUserId', 'role "a\nb" does not exist', 'role-missing'],
  ['28000', 'InitializeSessionUserId', 'role "rep" is not permitted to log in', 'role-no-login'],
  ['42501', 'InitPostgres', 'must be superuser or replication role to start walsender', 'role-no-replication'],
  ['42501', 'InitPostgres', 'permission denied to start WAL sender', 'role-no-replication'],
  ['42501', 'InitPostgres', 'new replication connections are not allowed during database shutdown', 'shutting-down'],
  ['53300', 'InitializeSessionUserId', 'too many connections for role "rep"', 'role-connection-limit'],
  [
    '53300',
    'InitProcess',
    'number of requested standby connections exceeds max_wal_senders (currently 1)',
    'wal-senders-exhausted',
  ],
  [
    '53300',
    'InitProcess',
    'number of requested standby connections exceeds "max_wal_senders" (currently 1)',
    'wal-senders-exhausted',
  ],
  [
    '53300',
    'InitWalSenderSlot',
    'Anzahl angeforderter Standby-Verbindungen überschreitet Maximum',
    'wal-senders-exhausted',
  ],
  ['53300', 'ProcessStartupPacket', 'sorry, too many clients already', 'connections-exhausted'],
  [
    '53300',
    'InitPostgres',
    'remaining connection slots are reserved for roles with the SUPERUSER attribute',
    'connections-exhausted',
  ],
  ['57P03', 'ProcessStartupPacket', 'the database system is starting up', 'starting-up'],
  ['57P03', 'ProcessStartupPacket', 'the database system is in recovery mode', 'starting-up'],
  ['57P03', 'ProcessStartupPacket', 'the database system is shutting down', 'shutting-down'],
  ['57P03', 'ProcessStartupPacket', 'the database system is not accepting connections', 'not-accepting-connections'],
  [
    '57P03',
    'ProcessStartupPacket',
    'the database system is not yet accepting connections',
    'not-accepting-connections',
  ],
  ['3D000', 'InitPostgres', 'database "nowhere" does not exist', 'database-missing'],
  ['08P01', undefined, 'unsupported startup parameter: replication', 'pooler'],
  ['08P01', undefined, 'no such database: replication', 'pooler'],
  ['3D000', undefined, 'no such database: replication', 'pooler'],
  ['08P01', undefined, 'bouncer config error', 'pooler'],
  ['58000', undefined, "odyssey: ce93ae0f5a3f3: route for 'replication.rep' is not found", 'pooler'],
  [
    '58P01',
    'read_relmap_file',
    'could not open file "global/pg_filenode.map": No such file or directory',
    'server-files-missing',
  ],
  [
    '58P01',
    'load_relmap_file',
    'konnte Datei »global/pg_filenode.map« nicht öffnen: Datei oder Verzeichnis nicht gefunden',
    'server-files-missing',
  ],
  ['58P01', 'mdopenfork', 'could not open file "base/5/1259": No such file or directory', 'server-files-missing'],
  [
    '58P01',
    'InitPostgres',
    'could not access directory "/srv/pg/base/5": No such file or directory',
    'server-files-missing',
  ],
  ['58030', 'mdread', 'could not read block 0 in file "global/1260": Input/output error', 'server-files-missing'],
  [
    'XX000',
    'read_relmap_file',
    'relation mapping file "global/pg_filenode.map" contains invalid data',
    'server-files-missing',
  ],
  ['XX001', 'ReadBuffer_common', 'invalid page in block 0 of relation global/1260', 'server-files-missing'],
  ['XX002', '_bt_getbuf', 'index "pg_authid_rolname_index" contains unexpected zero page', 'server-files-missing'],
  ['22023', 'ValidatePgVersion', '"base/5" is not a valid data directory', 'server-files-missing'],
  // libraries of session_preload_libraries, and shared memory
  ['58P01', 'internal_load_library', 'could not access file "auto_explain2": No such file or directory', 'unknown'],
  [
    '58P01',
    'dsm_impl_posix',
    'could not open shared memory segment "/PostgreSQL.12": No such file or directory',
    'unknown',
  ],
  ['22023', 'set_config_option', 'invalid value for parameter "search_path": "base/5"', 'unknown'],
  ['3D000', 'InitPostgres', 'database "base/5" does not exist', 'database-missing'],
  ['XX000', 'SomethingNew', 'an answer of the future', 'unknown'],
  ['', undefined, '', 'unknown'],
])('%s %s: %s', (sqlstate, routine, message, refusal) => {
  expect(
    classifyRefusal({ sqlstate, message, routine, detail: undefined, hint: undefined }, { replication: true }),
  ).toBe(refusal);
});

test('a database whose directory is gone is no missing database', () => {
  const error = {
    sqlstate: '3D000',
    message: 'database "postgres" does not exist',
    routine: 'InitPostgres',
    detail: 'The database subdirectory "base/5" is missing.',
    hint: undefined,
  };
  expect(classifyRefusal(error, { replication: false })).toBe('server-files-missing');
  expect(classifyRefusal({ ...error, detail: 'It seems to have just been dropped.' }, { replication: false })).toBe(
    'database-missing',
  );
});

test('a role or a database of the name of a pooler is no pooler', () => {
  const named = {
    sqlstate: '28P01',
    message: 'password authentication failed for user "pgbouncer"',
    routine: 'auth_failed',
    detail: undefined,
    hint: undefined,
  };
  expect(classifyRefusal(named, { replication: true })).toBe('password-refused');
});
