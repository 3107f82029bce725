import type { AttemptOutcome, ConnectionAttempt, ServerCertificate } from '../../../src/facts/connection.ts';
import { unseen } from '../../../src/facts/observed.ts';
import { certificateExpired } from '../../../src/rules/tls/certificate-expired.ts';
import { clientCertificateRefused } from '../../../src/rules/tls/client-certificate.ts';
import { certificateUntrusted } from '../../../src/rules/tls/certificate-untrusted.ts';
import { clientKeyPermissions } from '../../../src/rules/tls/client-key-permissions.ts';
import { hostnameMismatch } from '../../../src/rules/tls/hostname-mismatch.ts';
import { notOffered } from '../../../src/rules/tls/not-offered.ts';
import { plaintextReplication } from '../../../src/rules/tls/plaintext-replication.ts';
import { requiredByServer } from '../../../src/rules/tls/required-by-server.ts';
import { testRule } from '../rule-tester.ts';
import type { Changes } from '../rule-tester.ts';
import { aBaseBackup, aPlan, aPrimary, aRefusedLogin, aSession, anAttempt, anHbaRule, someSettings } from '../world.ts';

const login = (outcome: AttemptOutcome, change: Partial<ConnectionAttempt> = {}): Changes => ({
  replicationLogin: aRefusedLogin(anAttempt({ ...change, outcome })),
});
const loggedIn = (change: Partial<ConnectionAttempt>, session: Parameters<typeof aSession>[0] = {}): Changes => ({
  replicationLogin: {
    attempts: [anAttempt(change)],
    outcome: { accepted: true, session: aSession({ attempt: anAttempt(change), ...session }) },
  },
});
const noEntry: AttemptOutcome = {
  kind: 'server-refused',
  error: {
    sqlstate: '28000',
    message: 'no pg_hba.conf entry for replication connection from host "10.0.0.7", user "replicator", no encryption',
    detail: undefined,
    hint: undefined,
    routine: 'ClientAuthentication',
  },
  refusal: 'no-hba-entry',
};
const plain = { encryption: 'none', certificate: undefined } as const;
const disabled = aPlan({ sslmode: 'disable', sources: { sslmode: 'PGSSLMODE' } });
const demanding = aPlan({ sslmode: 'require', sources: { sslmode: 'the connection string' } });
const notAsked = unseen('not-asked', 'no --admin', 'add --admin CONNINFO');
const refusedConnection: AttemptOutcome = { kind: 'refused', phase: 'connect', message: 'connection refused' };
const untrusted = (
  why: Extract<AttemptOutcome, { kind: 'tls-refused-certificate' }>['why'],
  files: { readonly roots?: string; readonly revocations?: string } = {},
): AttemptOutcome => ({
  ...files,
  kind: 'tls-refused-certificate',
  why,
  message: "the server's certificate does not verify",
});
const hba = (line: Parameters<typeof anHbaRule>[0]) => ({
  file: '/etc/postgresql/15/main/pg_hba.conf',
  lines: [anHbaRule(line)],
  changedSinceLoad: false,
});

/** TLS first, then without, which is what counts. */
const prefers = (overTls: AttemptOutcome): Changes => {
  const decisive = anAttempt({ ...plain, outcome: noEntry });
  return {
    replicationLogin: {
      attempts: [anAttempt({ outcome: overTls }), decisive],
      outcome: { accepted: false, decisive },
    },
  };
};

testRule(requiredByServer, {
  passes: [
    { name: 'refused over TLS', facts: login(noEntry) },
    {
      name: 'no password',
      facts: login({ kind: 'client-stopped', why: 'no-password', message: 'no password' }, plain),
    },
  ],
  fails: [
    {
      name: 'sslmode=disable and hostssl',
      facts: { ...login(noEntry, plain), connectionPlan: disabled },
      message: /does not use TLS because sslmode is disable/,
      steps: ['PGSSLMODE=require standbylint preflight pg_basebackup'],
    },
    {
      name: 'hostssl, and TLS is off in the server',
      facts: { ...prefers({ kind: 'tls-not-offered' }), primarySettings: someSettings({ ssl: 'off' }) },
      message: /runs with ssl = off/,
    },
    {
      name: 'sslmode=disable in -d, which beats the environment',
      facts: {
        ...login(noEntry, plain),
        connectionPlan: aPlan({ sslmode: 'disable', sources: { sslmode: 'the connection string' } }),
        baseBackup: aBaseBackup({
          connection: {
            conninfo: 'host=db1 password=*** sslmode=disable',
            host: undefined,
            port: undefined,
            user: undefined,
          },
          options: [
            { name: 'dbname', written: '-d …', words: ['-d', 'host=db1 password=*** sslmode=disable'] },
            { name: 'progress', written: '-P', words: ['-P'] },
          ],
        }),
      },
      steps: ["standbylint preflight pg_basebackup -d 'host=db1 password=<password> sslmode=require' -P"],
    },
    {
      name: 'sslmode=disable of a service file, which beats the environment, too',
      facts: {
        ...login(noEntry, plain),
        connectionPlan: aPlan({ sslmode: 'disable', sources: { sslmode: 'line 3 of /etc/pg_service.conf' } }),
      },
      steps: ['standbylint preflight pg_basebackup -d sslmode=require'],
    },
  ],
  notApplicable: [
    {
      name: 'no entry over TLS either',
      facts: {
        ...login(noEntry, plain),
        connectionPlan: disabled,
        hbaRules: hba({ users: [{ text: 'somebody', quoted: false }] }),
      },
    },
    {
      name: 'rejected over TLS',
      facts: { ...login(noEntry, plain), connectionPlan: disabled, hbaRules: hba({ method: 'reject' }) },
    },
    { name: 'a socket', facts: login(noEntry, { ...plain, address: '/tmp/.s.PGSQL.5432', host: '/tmp' }) },
    {
      name: 'the file as it stands lets the plain connection in, too',
      facts: {
        ...login(noEntry, plain),
        connectionPlan: disabled,
        hbaRules: {
          file: '/etc/postgresql/15/main/pg_hba.conf',
          lines: [anHbaRule({ type: 'host' })],
          changedSinceLoad: true,
        },
      },
      because: /allows the unencrypted connection as well/,
    },
    {
      name: 'the server has no TLS',
      facts: { ...login(noEntry, plain), connectionPlan: disabled, primarySettings: someSettings({ ssl: 'off' }) },
      because: /ssl = off/,
    },
    {
      name: 'sslmode=prefer, and the server does not offer TLS',
      facts: {
        ...prefers({ kind: 'tls-not-offered' }),
        primarySettings: notAsked,
      },
      because: /TLS was tried as well: db1:5432 does not offer TLS/,
    },
    {
      name: 'sslmode=prefer, and no entry with TLS as without',
      facts: prefers(noEntry),
      because: /TLS was tried as well: no pg_hba.conf entry/,
    },
  ],
  unexamined: [
    {
      name: 'nobody looked into pg_hba.conf',
      facts: { ...login(noEntry, plain), connectionPlan: disabled, hbaRules: notAsked },
    },
    { name: 'nothing listens', facts: login(refusedConnection) },
  ],
});

testRule(notOffered, {
  passes: [{ name: 'refused by pg_hba.conf', facts: login(noEntry, plain) }],
  fails: [
    {
      name: 'sslmode=require, ssl off, no certificate',
      facts: {
        ...login({ kind: 'tls-not-offered' }, { certificate: undefined }),
        connectionPlan: demanding,
        primarySettings: someSettings({ ssl: 'off', ssl_cert_file: 'server.crt', ssl_key_file: '/etc/keys/db 1.key' }),
      },
      message: /does not support TLS \(ssl = off\), but sslmode=require does not allow a connection without/,
      risk: 'safe',
      steps: [
        "test -e '/etc/keys/db 1.key' || { umask 077 && openssl req -new -x509 -days 365 -nodes -newkey rsa:2048 -subj /CN=db1 -out /var/lib/postgresql/15/main/server.crt -keyout '/etc/keys/db 1.key'; } || { echo 'No certificate was made: do not turn ssl on' >&2; false; }",
        String.raw`SELECT CASE WHEN (pg_stat_file('/var/lib/postgresql/15/main/server.crt', true)).size > 0 AND (pg_stat_file('/etc/keys/db 1.key', true)).size > 0 THEN 'ALTER SYSTEM SET ssl = ''on'';' ELSE 'SELECT ''a file is missing: the setting stays as it is''' END \gexec`,
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'nobody looked inside',
      facts: {
        ...login({ kind: 'tls-not-offered' }),
        connectionPlan: demanding,
        primarySettings: notAsked,
        primaryPaths: notAsked,
      },
      steps: [
        'Install a certificate and its key on the server (ssl_cert_file, ssl_key_file; by default both in the data directory), set ssl = on in postgresql.conf, and reload: SELECT pg_reload_conf();',
        'Or, if the network is trusted, connect without TLS: sslmode=prefer instead of sslmode=require, which comes from the connection string.',
      ],
    },
    {
      name: 'verify-full',
      facts: { ...login({ kind: 'tls-not-offered' }), connectionPlan: aPlan({ sslmode: 'verify-full' }) },
      message: /sslmode=verify-full does not allow/,
    },
  ],
  unexamined: [{ name: 'nothing listens', facts: login(refusedConnection) }],
});

testRule(certificateUntrusted, {
  fails: [
    {
      name: 'another authority',
      facts: login(untrusted('untrusted')),
      steps: [
        'Add the root certificate of Example CA to /var/lib/postgresql/.postgresql/root.crt; keep the certificates that are already in it.',
        'If Example CA is an intermediate authority below one that the client trusts: append its certificate to the file shown by SHOW ssl_cert_file; on the server, and reload: SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'another one is in its file since',
      facts: { ...login(untrusted('untrusted')), primary: aPrimary({ certificateChanged: true }) },
      message: /has changed since the server loaded this certificate\.$/,
      steps: ['SELECT pg_reload_conf();'],
    },
    {
      name: 'a root certificate below another HOME',
      facts: login(untrusted('untrusted', { roots: '/srv/home/.postgresql/root.crt' }), { certificate: undefined }),
      steps: [
        "Add the root certificate of the authority that issued the server's certificate to /srv/home/.postgresql/root.crt; keep the certificates that are already in it.",
      ],
    },
    {
      name: 'an expired revocation list',
      facts: login(untrusted('crl-expired', { revocations: '/etc/ca.crl' })),
      steps: [
        'Replace /etc/ca.crl with the current revocation list of Example CA. Its next update (openssl crl -noout -nextupdate) must be in the future.',
      ],
    },
    {
      name: 'a revocation list of tomorrow',
      facts: login(untrusted('crl-not-yet-valid', { revocations: '/etc/ca.crl' })),
    },
    { name: 'a revocation list of another', facts: login(untrusted('crl-of-another', { revocations: '/etc/ca.crl' })) },
    { name: 'a short key', facts: login(untrusted('weak-key')) },
    {
      name: 'self-signed',
      facts: login(untrusted('untrusted'), {
        certificate: { subject: 'CN=db1', issuer: 'CN=db1', names: ['db1'], validTo: new Date('2027-01-01T00:00:00Z') },
      }),
      steps: [
        "Add the server's own certificate, which is self-signed (the file shown by SHOW ssl_cert_file; on the server) to /var/lib/postgresql/.postgresql/root.crt; keep the certificates that are already in it.",
      ],
    },
    {
      name: 'no root certificate',
      facts: {
        ...login(untrusted('no-root-certificate'), { certificate: undefined }),
        connectionPlan: aPlan({ sslmode: 'verify-ca', sslrootcert: '/etc/ca.crt' }),
      },
    },
    ...(
      [
        ['PGSSLROOTCERT', 'PGSSLROOTCERT=/home/anna/ca.crt standbylint preflight pg_basebackup'],
        [
          'the connection string',
          String.raw`standbylint preflight pg_basebackup -d 'sslrootcert='\''/home/anna/ca.crt'\'''`,
        ],
      ] as const
    ).map(([source, step]) => ({
      name: `the path begins with ~, and comes from ${source}`,
      facts: {
        ...login(untrusted('no-root-certificate'), { certificate: undefined }),
        connectionPlan: aPlan({
          sslmode: 'verify-ca',
          sslrootcert: '~/ca.crt',
          meantFiles: { sslrootcert: '/home/anna/ca.crt' },
          sources: { sslrootcert: source },
        }),
      },
      steps: [step],
    })),
    {
      name: 'the system does not know it',
      facts: {
        ...login(untrusted('untrusted')),
        connectionPlan: aPlan({ sslmode: 'verify-full', sslrootcert: 'system' }),
      },
    },
    { name: 'revoked', facts: login(untrusted('revoked')) },
    { name: 'not yet valid', facts: login(untrusted('not-yet-valid')) },
  ],
  notApplicable: [
    { name: 'expired', facts: login(untrusted('expired')) },
    { name: 'no TLS', facts: login({ kind: 'tls-not-offered' }) },
  ],
});

testRule(hostnameMismatch, {
  fails: [
    {
      name: 'another name',
      facts: login(untrusted('hostname-mismatch'), { host: '10.0.0.1' }),
      steps: ['standbylint preflight pg_basebackup -d hostaddr=10.0.0.1 -h db1'],
    },
    {
      name: 'another one is in its file since',
      facts: {
        ...login(untrusted('hostname-mismatch'), { host: '10.0.0.1' }),
        primary: aPrimary({ certificateChanged: true }),
      },
      message: /has changed since the server loaded this certificate\.$/,
      steps: ['SELECT pg_reload_conf();'],
    },
    {
      name: 'another name, and several hosts',
      facts: {
        ...login(untrusted('hostname-mismatch'), { host: '10.0.0.1' }),
        connectionPlan: aPlan({ hosts: [...aPlan().hosts, ...aPlan().hosts] }),
      },
      steps: [
        'Use host=db1 (and hostaddr=10.0.0.1 if that name does not resolve) in the connection string, or install a server certificate for the name 10.0.0.1.',
      ],
    },
    {
      name: 'no name that can be used',
      facts: login(untrusted('hostname-mismatch'), {
        certificate: {
          subject: 'CN=x',
          issuer: 'CN=ca',
          names: ['*.example'],
          validTo: new Date('2027-01-01T00:00:00Z'),
        },
      }),
      steps: ['Install a server certificate for the name db1, and reload: SELECT pg_reload_conf();'],
    },
  ],
  notApplicable: [{ name: 'untrusted', facts: login(untrusted('untrusted')) }],
});

const until = (date: string, more: Partial<ServerCertificate> = {}) => ({
  certificate: { subject: 'CN=db1', names: ['db1'], issuer: 'CN=ca', validTo: new Date(date), ...more },
});

testRule(certificateExpired, {
  passes: [
    { name: 'thirty days and a bit', facts: loggedIn(until('2026-12-21T20:00:01Z')) },
    {
      name: 'soon, and this client does not verify',
      facts: loggedIn(until('2026-12-20T20:00:00Z', { verified: false })),
    },
    {
      name: 'it lives thirty days',
      facts: loggedIn(until('2026-12-10T20:00:00Z', { validFrom: new Date('2026-11-10T20:00:00Z') })),
    },
  ],
  fails: [
    {
      name: 'refused for it',
      facts: login(untrusted('expired'), until('2026-11-20T00:00:00Z')),
      message: /was valid until 2026-11-20\. This client verifies it/,
    },
    {
      name: 'it was renewed, and not loaded',
      facts: {
        ...login(untrusted('expired'), until('2026-11-20T00:00:00Z')),
        primary: aPrimary({ certificateChanged: true }),
      },
      message: /has changed since the server loaded this certificate\.$/,
      steps: ['SELECT pg_reload_conf();'],
    },
    {
      name: 'soon',
      facts: loggedIn(until('2026-12-01T20:00:00Z')),
      severity: 'warning',
      message: /valid until 2026-12-01/,
    },
    {
      name: 'it lives a day, and was not renewed',
      facts: loggedIn(until('2026-11-22T00:00:00Z', { validFrom: new Date('2026-11-21T00:00:00Z') })),
      severity: 'warning',
    },
    {
      name: 'expired, and nobody looks',
      facts: loggedIn(until('2026-11-01T20:00:00Z')),
      severity: 'warning',
      message: /does not verify it/,
    },
  ],
  notApplicable: [
    { name: 'no TLS', facts: loggedIn(plain) },
    { name: 'another fault of the certificate', facts: login(untrusted('untrusted')) },
  ],
});

testRule(clientKeyPermissions, {
  fails: [
    {
      name: 'open to others',
      facts: login({
        kind: 'client-stopped',
        why: 'client-key',
        file: "/home/anna/it's.key",
        message: "the private key file /home/anna/it's.key has mode 0644: …",
      }),
      steps: [String.raw`chmod 0600 '/home/anna/it'\''s.key'`],
    },
    {
      name: 'missing',
      facts: login({
        kind: 'client-stopped',
        why: 'client-key',
        file: '/nowhere',
        message: 'the certificate is there, and its private key file /nowhere is not',
      }),
    },
  ],
  notApplicable: [{ name: 'no TLS', facts: login({ kind: 'tls-not-offered' }) }],
});

testRule(plaintextReplication, {
  fails: [
    {
      name: 'the server has TLS, the client does not want it',
      facts: { ...loggedIn(plain), connectionPlan: disabled },
      steps: ['PGSSLMODE=require standbylint preflight pg_basebackup'],
    },
    {
      name: 'the server has none',
      facts: { ...loggedIn(plain), primarySettings: someSettings({ ssl: 'off' }) },
      message: /does not offer \(ssl = off\)/,
    },
  ],
  notApplicable: [
    { name: 'the same machine', facts: loggedIn(plain, { ownAddress: true }) },
    { name: 'two containers of one engine', facts: loggedIn(plain, { neighbor: 'postgres-primary' }) },
  ],
  unexamined: [{ name: 'no login', facts: login(noEntry) }],
});

const identity = {
  kind: 'certificate',
  file: '/var/lib/postgresql/.postgresql/postgresql.crt',
  commonName: 'replicator',
  distinguishedName: 'CN=replicator,O=Example',
  issuer: 'CN=Another CA',
  validFrom: new Date('2026-01-01'),
  validTo: new Date('2027-01-01'),
} as const;
const nothingSent = {
  kind: 'none',
  because: 'absent',
  file: '/var/lib/postgresql/.postgresql/postgresql.crt',
  keyFile: '/var/lib/postgresql/.postgresql/postgresql.key',
} as const;
const alerted = (alert: string): AttemptOutcome => ({ kind: 'tls-other', message: `tlsv1 alert ${alert}`, alert });
const refusedWith = (message: string): AttemptOutcome => ({
  kind: 'server-refused',
  refusal: 'other-method-refused',
  error: { sqlstate: '28000', message, detail: undefined, hint: undefined, routine: 'ClientAuthentication' },
});
const demanded = 'connection requires a valid client certificate';

testRule(clientCertificateRefused, {
  passes: [
    { name: 'no password', facts: login({ kind: 'client-stopped', why: 'no-password', message: 'no password' }) },
    { name: 'no entry', facts: login(noEntry) },
  ],
  fails: [
    {
      name: 'none is there',
      facts: login(refusedWith(demanded), { identity: nothingSent }),
      message: /postgresql\.crt does not exist/,
      steps: [
        "Put a client certificate with CN=replicator, issued by an authority in the primary's ssl_ca_file, into /var/lib/postgresql/.postgresql/postgresql.crt, and its private key (mode 0600) into /var/lib/postgresql/.postgresql/postgresql.key.",
      ],
    },
    {
      name: 'sslcertmode=disable',
      facts: {
        ...login(refusedWith(demanded), { identity: { ...nothingSent, because: 'disabled' } }),
        connectionPlan: aPlan({ sources: { sslcertmode: 'PGSSLCERTMODE' } }),
      },
      message: /sslcertmode=disable/,
      steps: ['PGSSLCERTMODE=allow standbylint preflight pg_basebackup'],
    },
    {
      name: 'another authority',
      facts: login(alerted('unknown ca'), { identity }),
      message: /its issuer is not an authority that the primary trusts/,
    },
    {
      name: 'expired',
      facts: login(alerted('certificate expired'), { identity: { ...identity, validTo: new Date('2026-11-01') } }),
      message: /it expired on 2026-11-01/,
    },
    {
      name: 'not valid yet',
      facts: login(alerted('bad certificate'), { identity: { ...identity, validFrom: new Date('2026-12-01') } }),
      message: /not valid before 2026-12-01/,
    },
    { name: 'revoked', facts: login(alerted('certificate revoked'), { identity }), message: /revoked/ },
    {
      name: 'something before the primary demands one',
      facts: login(alerted('certificate required'), { identity: nothingSent }),
      message: /sends no certificate/,
    },
    {
      name: 'no ssl_ca_file',
      facts: login(refusedWith('client certificates can only be checked if a root certificate store is available'), {
        identity,
      }),
      message: /cannot verify client certificates/,
    },
  ],
  notApplicable: [
    { name: 'another alert', facts: login(alerted('protocol version'), { identity }) },
    { name: 'no alert', facts: login({ kind: 'tls-other', message: 'wrong version number' }) },
    { name: 'what is sent was not seen', facts: login(alerted('unknown ca')) },
  ],
  unexamined: [{ name: 'nothing answers', facts: login(refusedConnection) }],
});
