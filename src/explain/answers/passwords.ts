import type { Answer } from '../answer.ts';

/** How a client proves who it is. */
export const answersAboutPasswords: readonly Answer[] = [
  {
    of: ['auth-password-failed'],
    beside: /Role "(?<role>[^"]*)" does not exist/u,
    means:
      'Role {role} does not exist on the server that was reached: the DETAIL in its log says so. To the client that looks like a wrong password.',
    causes: [
      {
        cause: 'The role was never created on this server, or its name is spelled differently (capitals matter).',
        on: 'primary',
        check: 'psql -c "\\du"',
        rule: 'role/missing',
      },
      {
        cause:
          'In a container: init scripts and replication users are created only when the data volume is empty; an existing volume keeps its old roles.',
        after: 'data kept',
      },
    ],
    todo: 'Correct the name where it is used; strangers from the internet try such names, too. Only if this role is meant to exist: CREATE ROLE {role} LOGIN; on the primary (for a standby or pg_basebackup: REPLICATION LOGIN), then \\password {role}',
  },
  {
    of: ['auth-password-failed', 'auth-detail-no-password'],
    beside: /User "(?<role>[^"]*)" has no password assigned/u,
    means: 'Role {role} has no password on the server, and the matching line of pg_hba.conf asks for one.',
    causes: [
      {
        cause: 'The role was created without PASSWORD, or its password was removed (ALTER ROLE … PASSWORD NULL).',
        on: 'primary',
        check: `psql -c "SELECT rolname, rolpassword IS NULL AS no_password FROM pg_authid WHERE rolname = '{role}'"`,
        rule: 'role/wrong-password',
      },
    ],
    todo: 'Set a password on the primary: \\password {role}. Put the same one into the password file of the user that runs the standby (~/.pgpass, mode 0600: <primary>:5432:replication:{role}:<password>).',
  },
  {
    of: ['auth-password-failed', 'auth-detail-no-scram'],
    beside: /User "(?<role>[^"]*)" does not have a valid SCRAM secret/u,
    means:
      'The server has the password of role {role} in the old MD5 form, and the matching line of pg_hba.conf asks for scram-sha-256. No password that the client sends can be right.',
    causes: [
      {
        cause:
          'The password was set while password_encryption was md5 (the default up to 13), and the cluster was upgraded or pg_hba.conf was changed since.',
        on: 'primary',
        check: `psql -c "SELECT rolname, rolpassword LIKE 'SCRAM%' AS scram FROM pg_authid WHERE rolname = '{role}'" -c "SHOW password_encryption"`,
        rule: 'role/wrong-password',
      },
    ],
    todo: `On the primary, in one psql session: SET password_encryption = 'scram-sha-256'; then \\password {role}, with the same password as before. Clients of 10 and later go on with what they have; older ones can no longer log in as this role.`,
  },
  {
    of: ['auth-password-failed'],
    beside: /User "(?<role>[^"]*)" has an expired password/u,
    means: 'The password of role {role} has expired (VALID UNTIL).',
    causes: [
      {
        cause: 'The role was created with VALID UNTIL.',
        on: 'primary',
        check: `psql -c "SELECT rolname, rolvaliduntil FROM pg_roles WHERE rolname = '{role}'"`,
        rule: 'role/wrong-password',
      },
    ],
    todo: "On the primary: ALTER ROLE {role} VALID UNTIL '<new date>'; The password itself stays as it is. A role that a standby uses is best without a date ('infinity'), or the standby stops again when it comes.",
  },
  {
    of: ['auth-password-failed', 'auth-detail-no-match'],
    beside: /Password does not match for user "(?<role>[^"]*)"/u,
    means:
      'Role {role} exists on the server and has a password, and the password that was sent is another one: the DETAIL in the log of the server says so.',
    causes: [
      {
        cause:
          'Another password is used than expected: PGPASSWORD, primary_conninfo, or the first matching line of a password file (database column: replication or *).',
        on: 'standby',
        check: 'grep -hn primary_conninfo <data directory>/postgresql*.conf; cut -d: -f1-4 ~/.pgpass',
        rule: 'role/wrong-password',
      },
      {
        cause:
          'The password was changed on one side: a secret, a Helm value or POSTGRES_PASSWORD that was changed later does not change the role in an existing volume.',
        on: 'client',
        check: 'psql "host={server} user={role} dbname=postgres" -c "SELECT 1"',
      },
    ],
    todo: 'Use the password of the role. If it is lost, set a new one on the primary (\\password {role}); all other clients of this role need it, too.',
  },
  {
    of: ['auth-password-failed', 'libpq-no-password'],
    beside: /^(?![^]*(?:password retrieved from file|group or (?:world|other)))[^]*(?:\.pgpass|pgpass\.conf)/iu,
    means:
      'The server refuses the login of role {role}, and nothing shows that the password file was used: libpq says "password retrieved from file" where it was.',
    causes: [
      {
        cause:
          'The file is in the home of another user than the one that runs the program (root, postgres: in a container usually /var/lib/postgresql/.pgpass), or group or others may read it: then it is ignored.',
        on: 'client',
        check: 'id; echo ~; ls -la ~/.pgpass; env | grep -E "^PG(PASS|USER)" | cut -d= -f1',
      },
      {
        cause:
          'None of its lines matches: host, port, database and role must be those of the connection; for replication the database is "replication" or *.',
        on: 'client',
        check: 'cut -d: -f1-4 ~/.pgpass',
      },
      {
        cause: 'PGPASSWORD or primary_conninfo gives a password: the file is not read then.',
        on: 'client',
        check: 'psql "host={server} user={role} dbname=postgres" -c "SELECT 1"',
        rule: 'role/wrong-password',
      },
      {
        cause: 'The role has another password, or does not exist there.',
        on: 'primary',
        check: 'psql -c "\\du {role}"',
      },
    ],
    todo: 'Test it with PGPASSFILE=<file> and -w, as the user that runs the program. The password itself stays as it is.',
  },
  {
    of: ['auth-password-failed'],
    means:
      'The server refuses the password for role {role}. It does not tell the client why; its own log says more in DETAIL.',
    causes: [
      {
        cause:
          'The password in the environment of a container is read once, into an empty volume: to change it there later changes no password of a role.',
        after: 'environment changed',
        only: true,
        on: 'host',
        check: `docker exec <container> sh -c 'ls -l "$PGDATA/PG_VERSION"'`,
      },
      {
        cause: 'It is wrong, or another one than expected is used: PGPASSWORD, primary_conninfo or a password file.',
        after: 'password changed',
        on: 'client',
        check: 'psql "host={server} user={role} dbname=postgres" -c "SELECT 1"',
        rule: 'role/wrong-password',
      },
      {
        cause: 'Role {role} does not exist there, has no password, or it has expired.',
        on: 'primary',
        check: 'psql -c "\\du {role}"',
        rule: 'role/missing',
      },
      {
        cause:
          'In a container: the password in the environment and init scripts count on an empty volume only; an existing one keeps its roles and passwords.',
        after: 'data kept',
        tried: 'environment changed',
      },
      {
        cause: 'It is stored as md5, and pg_hba.conf asks for SCRAM: set it again.',
        on: 'primary',
        check: 'psql -c "SELECT rolname, left(rolpassword, 5) FROM pg_authid"',
      },
    ],
    todo: 'Find the right password first. Only if it is lost, set a new one on the primary: \\password {role} All other clients of this role (standbys, backups, applications) need it, too.',
  },
  {
    of: ['libpq-password-from-file'],
    kind: 'consequence',
    means:
      'The refused password came from the password file {file}: its first line that matches host, port, database and role was used.',
    todo: 'Correct that line. For a replication connection the database column must be "replication" or *. The first matching line wins.',
  },
  {
    of: ['auth-peer-failed'],
    means:
      'pg_hba.conf asks for "peer" on this socket connection: the operating system user must have the same name as role {role}, and it does not.',
    causes: [
      {
        cause:
          'No host was given, so the local socket was used. Connect over TCP (-h localhost or the address) to use a password.',
        on: 'client',
        check: 'psql -h localhost -U {role} -d postgres -c "SELECT 1"',
        rule: 'hba/shadowed',
      },
      { cause: 'The command was run as the wrong operating system user: sudo -u postgres psql.' },
      { cause: 'The first matching line of pg_hba.conf is "local all all peer": lines after it do not apply.' },
    ],
  },
  {
    of: ['auth-ident-failed'],
    means:
      'The first line of pg_hba.conf that matches asks for "ident": an ident server on the client must confirm that the operating system user is called {role}. There hardly ever is one.',
    causes: [
      {
        cause:
          'A default line with ident (as packages of Red Hat write it) comes before your own line: the first match wins.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
        rule: 'hba/shadowed',
      },
      { cause: 'The file was changed and not reloaded.', on: 'primary', check: 'psql -c "SELECT pg_reload_conf()"' },
    ],
    todo: 'Change the method of the matching line from ident to scram-sha-256 (or put your line before it), then reload.',
  },
  {
    of: ['libpq-no-password'],
    tool: 'repmgr',
    matters: 4,
    means:
      'The server asks for a password and repmgr has none. repmgr takes passwords from a password file; it does not keep the one on its command line for every connection that it opens.',
    causes: [
      {
        cause:
          'The operating system user that runs repmgr (postgres) has no matching line in ~/.pgpass: one for the database repmgr and one for replication (or *), for every node.',
        on: 'standby',
        check: 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass',
        rule: 'conninfo/no-password',
      },
      {
        cause:
          'The first line of pg_hba.conf that matches asks for a password although another method (trust, cert) was meant.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
      { cause: 'The file is accessible to group or others (must be 0600), and libpq ignores it.' },
    ],
    todo: 'Add the lines to ~/.pgpass of that user (chmod 0600 ~/.pgpass), or set passfile= in conninfo of repmgr.conf.',
  },
  {
    of: ['libpq-no-password'],
    tool: 'barman',
    matters: 4,
    elsewhere: true,
    means:
      'The server asks for a password and Barman has none: conninfo and streaming_conninfo in its configuration hold no password, and the password file has no matching line.',
    causes: [
      {
        cause:
          'The user barman has no matching line in ~/.pgpass: one for the database of conninfo and one for replication (or *).',
        on: 'barman host',
        check: "sudo -u barman sh -c 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass'",
      },
      { cause: 'The file is accessible to group or others (must be 0600), and libpq ignores it.' },
    ],
    todo: 'Add the lines to ~/.pgpass of the user barman (chmod 0600 ~/.pgpass), then run barman check <server>.',
  },
  {
    of: ['libpq-no-password'],
    when: /pg_basebackup|pg_receivewal|pg_rewind|pg_dump|psql/u,
    matters: 4,
    means: 'The server asks for a password and the program has none (-w was given, or there is no terminal).',
    causes: [
      {
        cause:
          'The password file of the operating system user that runs the program has no matching line. For a replication connection the database column is "replication" or *; host and port must be written as on the command line.',
        on: 'client',
        check: 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass',
        rule: 'conninfo/no-password',
      },
      { cause: 'The file is accessible to group or others (must be 0600), and libpq ignores it.' },
      { cause: 'PGPASSWORD is not set in the environment of the program (sudo and services clear it).' },
    ],
    todo: 'Add the line to ~/.pgpass (chmod 0600 ~/.pgpass), or run the program with -W on a terminal.',
  },
  {
    of: ['libpq-no-password'],
    matters: 4,
    says: ['no password supplied'],
    means: 'The server asks for a password and the client has none.',
    causes: [
      {
        cause:
          'There is no entry in the password file of the operating system user that runs the program (for a standby: usually ~postgres/.pgpass). For replication, the database column is "replication" or *.',
        on: 'standby',
        check: "sudo -u postgres sh -c 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass'",
        rule: 'conninfo/no-password',
      },
      {
        cause: 'primary_conninfo has neither password nor passfile.',
        on: 'standby',
        check: 'psql -c "SHOW primary_conninfo"',
      },
      { cause: "Host or port in the password file differ from the connection string's." },
      { cause: 'The file is accessible to group or others (must be 0600), and libpq ignores it.' },
      {
        cause:
          'A line of pg_hba.conf above the one that was meant (trust, peer, cert) matches first and asks for a password.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
        rule: 'hba/shadowed',
      },
    ],
  },
  {
    of: ['libpq-pgpass-perms'],
    means:
      'The password file {file} is accessible to group or others. libpq ignores it, so the login goes on without a password.',
    todo: 'As the user that owns it: chmod 0600 {file}',
  },
  {
    id: 'connection-insecure',
    says: ['connection is insecure (try using %s)', 'SSL connection is required', 'SSL/TLS required'],
    matters: 4,
    means: 'The server (a managed service or a pooler) accepts encrypted connections only.',
    todo: 'Add sslmode=require to the connection string, or set PGSSLMODE=require for the program.',
  },
];
