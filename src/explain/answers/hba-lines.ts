import type { Answer, Candidate } from '../answer.ts';

const effect =
  'A running server keeps the rules that it had; a starting one does not start. CONTEXT names the file and the line.';

/** Shows every such line at once, while the server runs. */
const shown: Omit<Candidate, 'cause'> = {
  on: 'primary',
  check:
    'psql -c "SELECT line_number, error FROM pg_hba_file_rules WHERE error IS NOT NULL"; grep -vnE "^ *(#|$)" <pg_hba.conf>',
  rule: 'hba/invalid-line',
};

const corrected =
  'Correct that line, check with the query that no other line has an error, then SELECT pg_reload_conf();';

/** Lines of pg_hba.conf that the server cannot read (hba.c, parse_hba_line). */
export const answersAboutHbaLines: readonly Answer[] = [
  {
    of: ['hba-invalid-connection-type'],
    means: `A line of pg_hba.conf begins with "{value|a word}", which is not a connection type. ${effect}`,
    causes: [
      {
        cause:
          'A line was wrapped, and its second half is read as a new entry. (A backslash at the end continues a line from 14 on only.)',
        ...shown,
      },
      { cause: 'The word is misspelled or has capitals: local, host, hostssl, hostnossl, hostgssenc, hostnogssenc.' },
      { cause: 'include, include_if_exists and include_dir exist from 16 on only.' },
      {
        cause: 'The file begins with a byte order mark or has other characters that are not shown.',
        on: 'primary',
        check: 'grep -nP "[^\\x00-\\x7F]" <pg_hba.conf>',
      },
    ],
    todo: corrected,
  },
  {
    of: [
      'hba-eol-database',
      'hba-eol-role',
      'hba-eol-ip',
      'hba-eol-method',
      'hba-missing-entry',
      'hba-missing-entry-15',
    ],
    means: `A line of pg_hba.conf has too few columns. ${effect}`,
    causes: [
      {
        cause:
          'A column is missing. A line needs: type, database, user, address (not with local), method. For a standby: host replication <role> <address of the standby>/32 scram-sha-256',
        ...shown,
      },
      {
        cause:
          'The line was wrapped by an editor or a web page, or a shell took words out of it (echo without quotes, a variable that is empty).',
      },
      { cause: 'The type is host where local was meant, or the other way round: only host has an address.' },
    ],
    todo: corrected,
  },
  {
    of: [
      'hba-eol-netmask',
      'hba-multiple-host-addresses',
      'hba-invalid-cidr',
      'hba-invalid-ip',
      'hba-host-and-cidr',
      'hba-invalid-ip-mask',
      'hba-mask-mismatch',
      'hba-multiple-netmask',
    ],
    means: `The address in a line of pg_hba.conf is not one address range. ${effect}`,
    causes: [
      {
        cause:
          'An address needs its mask: 10.0.0.5/32 for one IPv4 address, 10.0.0.0/24 for a network, /128 for one IPv6 address. /33 or /255.255.255.0 is not a mask.',
        ...shown,
      },
      {
        cause:
          'Several addresses are written with commas. Each needs a line of its own; all, samehost and samenet are single words.',
      },
      { cause: 'A host name has a mask: names are written without one.' },
    ],
    todo: corrected,
  },
  {
    of: ['hba-peer-only-local'],
    means: `A line of pg_hba.conf has the method peer for a TCP connection. peer asks the operating system for the user of a local socket, so it works on local lines only. ${effect}`,
    causes: [{ cause: 'The line is host where local was meant, or it should ask for a password.', ...shown }],
    todo: `For a standby on another machine write scram-sha-256 instead of peer; its role needs a password then. ${corrected}`,
  },
  {
    of: ['hba-cert-only-hostssl'],
    means: `A line of pg_hba.conf has the method cert, and is not hostssl: certificates exist on TLS connections only. ${effect}`,
    causes: [{ cause: 'The line begins with host, hostnossl or local.', ...shown }],
    todo: `Write hostssl instead of host. The server needs ssl = on and ssl_ca_file for it. ${corrected}`,
  },
  {
    of: ['hba-option-not-name-value'],
    means: `A line of pg_hba.conf has the word "{reason|shown in the message}" after its method, where only options such as map=… are allowed. ${effect}`,
    causes: [
      {
        cause:
          'The columns are in another order, or there is one too many: what was taken for the method is another column.',
        ...shown,
      },
      { cause: 'A comment without # follows, or the next line was joined to this one.' },
    ],
    todo: corrected,
  },
  {
    of: ['hba-clientcert-invalid'],
    means: `A line of pg_hba.conf has clientcert={value}, which this release does not know. ${effect}`,
    causes: [
      {
        cause:
          'The file is from 13 or older: clientcert=1 and no-verify are gone since 14. Only verify-ca (any valid certificate) and verify-full (the name in it must be that of the role, too) are left.',
        ...shown,
      },
    ],
    todo: `clientcert=verify-ca is what clientcert=1 was. Leave the option out for lines that had 0 or no-verify. ${corrected}`,
  },
  {
    of: ['hba-clientcert-hostssl', 'hba-clientname-hostssl'],
    means: `A line of pg_hba.conf asks for a client certificate, and is not hostssl: certificates exist on TLS connections only. ${effect}`,
    causes: [{ cause: 'The line begins with host, hostnossl or local.', ...shown }],
    todo: `Write hostssl instead of host, or leave the option out. ${corrected}`,
  },
  {
    of: [
      'hba-unrecognized-option',
      'hba-option-only-for',
      'hba-method-requires',
      'hba-clientcert-verify-full',
      'hba-clientname-invalid',
      'hba-no-verify-13',
      'hba-ldap-basedn',
      'hba-invalid-regex',
      'hba-gssapi-local',
    ],
    means: `The method of a line in pg_hba.conf and its options do not fit: the message says which. ${effect}`,
    causes: [
      {
        cause: 'An option is misspelled, of another method, or missing; or it is of a newer release than this server.',
        ...shown,
      },
      { cause: 'A comment without # is at the end of the line.' },
      { cause: 'With the method cert, clientcert may be verify-full only, and need not be written at all.' },
    ],
    todo: corrected,
  },
  {
    of: ['hba-multiple-methods', 'hba-multiple-connection-types', 'hba-multiple-ident'],
    means: `A line of pg_hba.conf has a list with commas where a single word is required: only the columns database and user may have lists. ${effect}`,
    causes: [{ cause: 'A blank is missing between two columns, or there is an extra comma.', ...shown }],
    todo: corrected,
  },
  {
    of: ['hba-method-not-in-build', 'hba-hostssl-no-build'],
    means: `pg_hba.conf has a line that this build of PostgreSQL cannot serve: it was made without the library for it ({value|TLS}).`,
    causes: [
      {
        cause: 'The file is from a server of another package or image (ldap, gss, pam, hostssl).',
        on: 'primary',
        check:
          'pg_config --configure | tr " " "\\n" | grep -E "with-(ssl|openssl|ldap|gssapi|pam)"; postgres --version',
      },
    ],
    todo: `Use a build that has it, or another method on that line. ${effect}`,
  },
  {
    of: ['hba-nesting-depth', 'hba-token-too-long', 'hba-line-too-long'],
    means: `pg_hba.conf cannot be read to its end: a line or a word is too long, or files include one another in a circle. ${effect}`,
    causes: [
      {
        cause: 'It is not the file that was meant, its line ends were lost, or an include leads back.',
        on: 'primary',
        check: 'grep -n "^ *include" <pg_hba.conf>; awk "length > 1000 {print NR}" <pg_hba.conf>',
      },
    ],
    todo: corrected,
  },
  {
    of: ['hba-no-entries'],
    means:
      'The file {file|pg_hba.conf} has no entries: it is empty, or all of its lines are comments. A starting server does not start; a running one keeps the rules that it had.',
    causes: [
      {
        cause: 'A script or a configuration tool wrote an empty file (a template without its values, a full disk).',
        on: 'primary',
        check: 'ls -l {file|<pg_hba.conf>}; grep -vnE "^ *(#|$)" {file|<pg_hba.conf>}; df -h {file|<pg_hba.conf>}',
        rule: 'hba/invalid-line',
      },
      {
        cause: 'hba_file names another file than the one that was edited.',
        on: 'primary',
        check: 'psql -c "SHOW hba_file"',
      },
    ],
    todo: 'Bring the file back from a backup or from the standby (it has a copy if the file is in the data directory), then SELECT pg_reload_conf(); or start the server.',
  },
  {
    of: ['hba-hostssl-ssl-off'],
    means:
      'pg_hba.conf has a hostssl line, and ssl is off on this server: the line never matches, and its clients are refused as if it were not there.',
    causes: [
      {
        cause: 'ssl was never switched on, or the file came from a server that has it.',
        on: 'primary',
        check: 'psql -c "SHOW ssl" -c "SHOW ssl_cert_file" -c "SHOW ssl_key_file"',
        rule: 'tls/not-offered',
      },
    ],
    todo: 'With a certificate and its key in place: ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf(); (no restart). host instead of hostssl lets the same clients in without encryption.',
  },
];
