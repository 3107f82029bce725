import type { Answer } from '../answer.ts';

const written = 'grep -n primary_conninfo <data directory>/postgresql.conf <data directory>/postgresql.auto.conf';

/** What libpq finds wrong in a connection string, before it connects (fe-connect.c). */
export const answersAboutConnectionStrings: readonly Answer[] = [
  {
    of: ['libpq-invalid-option'],
    means:
      'The connection string has the option "{option}", which the libpq of this program does not know. Nothing was sent to a server yet.',
    causes: [
      {
        cause:
          'It is the word of another program: libpq says user (not username), dbname (not database or db), host (not server or hostname), passfile, sslmode.',
        on: 'standby',
        check: written,
        rule: 'conninfo/unknown-keyword',
      },
      {
        cause:
          'The option is newer than this libpq, and pg_basebackup -R of a newer release wrote it: sslsni is of 14, require_auth, sslcertmode and load_balance_hosts of 16, gssdelegation and sslnegotiation of 17, sslkeylogfile and min_protocol_version of 18.',
        on: 'standby',
        check: 'psql --version; ldd "$(command -v psql)" | grep libpq',
      },
      {
        cause:
          'A quote is missing: a blank in a value makes its rest look like an option. Write the value in single quotes.',
      },
    ],
    todo: 'Correct the word, or take the option out of primary_conninfo if libpq here is too old for it. Then SELECT pg_reload_conf(); on the standby.',
  },
  {
    of: ['libpq-invalid-uri-param'],
    means:
      'The connection URI has the option "{value}" after its question mark, and libpq does not know it. Nothing was sent to a server yet.',
    causes: [
      {
        cause:
          'The URI was written for another driver (JDBC, Prisma, SQLAlchemy: schema=, pool_timeout=, pgbouncer=, ssl=true …). Only that driver knows these.',
        on: 'client',
        check: 'psql --version; ldd "$(command -v psql)" | grep libpq',
      },
      {
        cause:
          'The option is of a newer libpq, or is misspelled. The words are those of a connection string: sslmode, connect_timeout, application_name.',
      },
    ],
    todo: 'Leave the option out for psql, pg_basebackup and primary_conninfo; instead of ssl=true write sslmode=require.',
  },
  {
    of: ['libpq-percent-encoded'],
    means:
      'In the connection URI, "{value}" is not an encoded character: in a URI, % begins one (%25 is the percent sign itself). Nothing was sent to a server yet.',
    causes: [
      {
        cause: 'A password has a plain %. The characters @ : / ? # in it must be encoded, too.',
        on: 'client',
        check: `python3 -c 'import getpass, urllib.parse as u; print(u.quote(getpass.getpass(), safe=""))'`,
      },
      { cause: 'The value was encoded twice, or cut off in the middle of a character.' },
    ],
    todo: 'Write %25 for %, %40 for @, %3A for a colon, %2F for a slash, %3F for ? and %23 for #. A string of name=value pairs needs none of that. The command prints a password as a URI needs it.',
  },
  {
    of: ['libpq-invalid-port', 'libpq-invalid-integer'],
    means:
      '"{value}" was given for {option|the port}, which must be a whole number (a port: 1 to 65535). Nothing was sent to a server yet.',
    causes: [
      {
        cause:
          'A variable was not replaced or holds something else. In Kubernetes and with Docker links, <service>_PORT is a whole URL (tcp://10.0.0.1:5432).',
        on: 'client',
        check: 'env | grep -E "^PG(HOST|PORT|CONNECT_TIMEOUT)|_PORT=tcp:"',
      },
      {
        cause: 'A password in a URI has a plain @, : or /: what comes after it is taken for host and port.',
        on: 'standby',
        check: written,
        rule: 'conninfo/malformed',
      },
    ],
    todo: 'Correct the value. In a URI write %40 for @, %3A for a colon and %2F for a slash in the password.',
  },
  {
    of: ['libpq-service-not-found'],
    means:
      'The connection asks for service={service}, and none of the service files that this program reads has a section [{service}].',
    causes: [
      {
        cause:
          'The file is in the home of another user: a standby reads that of the user that runs the server (postgres), and systemd or a container may set no HOME.',
        on: 'standby',
        check:
          'id -un; echo ~; grep -n "^\\[" ~/.pg_service.conf "$(pg_config --sysconfdir)/pg_service.conf"; env | grep -E "^PG(SERVICE|SYSCONF)"',
      },
      { cause: 'The name differs in a letter or in capitals, or the line [{service}] is missing above the settings.' },
    ],
    todo: 'Add the section to ~/.pg_service.conf of that user, or set PGSERVICEFILE. For a standby it is simpler to write host, port and user into primary_conninfo.',
  },
  {
    of: ['libpq-host-port-count'],
    means:
      'The connection string names {number2} hosts and {number} ports. Either one port is given for all hosts, or one for each.',
    causes: [
      {
        cause: 'A host was added or removed, and the list of ports was not changed.',
        on: 'standby',
        check: written,
        rule: 'conninfo/malformed',
      },
      {
        cause: 'PGPORT or PGHOST in the environment completes the string.',
        on: 'client',
        check: 'env | grep -E "^PG(HOST|PORT)"',
      },
    ],
    todo: 'Write port=5432 once, or as many ports as hosts, in the same order: host=db1,db2 port=5432,5433',
  },
  {
    of: ['libpq-target-attrs'],
    means:
      'An option of the connection string (the message names it) has a value that this libpq does not know. Nothing was sent to a server yet.',
    causes: [
      {
        cause:
          'The value is newer than libpq here: target_session_attrs knows any and read-write up to 13; read-only, primary, standby and prefer-standby came with 14.',
        on: 'standby',
        check: 'psql --version; ldd "$(command -v psql)" | grep libpq',
      },
      {
        cause:
          'It is misspelled. sslmode: disable, allow, prefer, require, verify-ca, verify-full (true, on and no-verify are of other drivers).',
        on: 'standby',
        check: written,
      },
    ],
    todo: 'Correct the value. A standby that follows one primary needs no target_session_attrs at all.',
  },
  {
    of: ['walreceiver-could-not-parse-conninfo'],
    when: /out of memory/iu,
    means:
      'The WAL receiver could not allocate memory while it examined its own connection. primary_conninfo is valid: it was parsed before.',
    causes: [
      {
        cause: 'The machine or the container has no memory left.',
        on: 'standby',
        check: 'free -m; dmesg -T | grep -iE "out of memory|oom" | tail -5',
      },
    ],
    todo: 'Free memory or raise the limit of the container. The standby connects again by itself.',
  },
  {
    of: ['walreceiver-could-not-parse-conninfo'],
    means:
      'A program (pg_createsubscriber, for example) was given something that is not a connection string: {reason|the text after the colon says where}.',
    causes: [
      {
        cause:
          'A "=" is missing, a value with a blank has no quotes, or libpq does not know a word (user, not username).',
        on: 'client',
        check: 'psql "<connection string>" -c "SELECT 1"',
      },
    ],
    todo: "Write name=value pairs, values with blanks in single quotes: host=db1 user=<role> dbname=postgres password='a b'. Quote the whole for the shell.",
  },
  {
    of: ['libpq-local-user'],
    means:
      'The program runs under the user id {number}, which has no name on this system, and no role was given. libpq takes the name of the operating system user for the role, and finds none.',
    causes: [
      {
        cause: 'A container runs with an arbitrary user id (OpenShift, docker run --user, runAsUser).',
        on: 'client',
        check: 'id; getent passwd {number}; env | grep -E "^PG(USER|HOST)"',
      },
    ],
    todo: 'Give the role: -U <role>, PGUSER=<role>, or user=<role> in primary_conninfo. Programs that must have a name (initdb, the server) need a line in /etc/passwd for this id, or nss_wrapper.',
  },
  {
    of: ['libpq-no-connection'],
    kind: 'consequence',
    means:
      'The connection had been lost before, and the program went on using it. Why it was lost is on an earlier line.',
    causes: [
      {
        cause: 'The server ended the session or was restarted.',
        on: 'server',
        check: 'psql -c "SELECT pg_postmaster_start_time(), pg_is_in_recovery()"',
      },
      { cause: 'A firewall, NAT or proxy dropped a connection that was quiet for long.' },
    ],
    todo: 'Read the lines before it, and the log of the server at that minute.',
  },
];
