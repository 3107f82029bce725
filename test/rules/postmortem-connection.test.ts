import { describe, expect, it } from 'vitest';

import { askingForPassword, typedInConninfo, typedInPassfile } from '../../src/remedies/asked-password.ts';
import { maskedPassfileLine } from '../../src/postgres/passfile.ts';
import { writtenLines } from '../../src/postgres/written-lines.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { seen } from '../../src/facts/observed.ts';
import type { AdminServer } from '../../src/facts/identity.ts';
import type { AttemptOutcome, ConnectionAttempt } from '../../src/facts/connection.ts';
import { passfileNoMatch } from '../../src/rules/client/passfile-no-match.ts';
import { passfileIgnored } from '../../src/rules/client/passfile-ignored.ts';
import { pointsAtItself } from '../../src/rules/conninfo/points-at-itself.ts';
import { connectionRefused } from '../../src/rules/network/connection-refused.ts';
import { idleTimeout } from '../../src/rules/network/idle-timeout.ts';
import { loginNotPossible } from '../../src/rules/network/login-not-possible.ts';
import { nameNotResolved } from '../../src/rules/network/name-not-resolved.ts';
import { notPostgresql } from '../../src/rules/network/not-postgresql.ts';
import { pooler } from '../../src/rules/network/pooler.ts';
import { timedOut } from '../../src/rules/network/timed-out.ts';
import { walSendersExhausted } from '../../src/rules/primary/wal-senders-exhausted.ts';
import { connectionLimit } from '../../src/rules/role/connection-limit.ts';
import { wrongPassword } from '../../src/rules/role/wrong-password.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { hostnameMismatch } from '../../src/rules/tls/hostname-mismatch.ts';
import { plaintextReplication } from '../../src/rules/tls/plaintext-replication.ts';
import { requiredByServer } from '../../src/rules/tls/required-by-server.ts';
import { systemIdentifier } from './world.ts';
import { world } from './rule-tester.ts';
import type { Changes } from './rule-tester.ts';
import {
  aConninfo,
  aControlFile,
  aDataDirectory,
  aRunningStandby,
  aStoppedDirectory,
  autoConf,
  conninfo,
  directory,
  healthyStandby,
} from './standby-world.ts';
import {
  aPlan,
  aRefusal,
  aRefusedLogin,
  aRole,
  aSession,
  anAdminServer,
  anAttempt,
  anHbaRule,
  someSettings,
} from './world.ts';
import type { Fault } from '../../src/findings/judgement.ts';

const copy = `${autoConf}.before-2026-11-21T200000`;
const saved = `cp -p ${autoConf} ${copy}`;
const reload = 'SELECT pg_reload_conf();';
const refused: AttemptOutcome = { kind: 'refused', phase: 'connect', message: 'connection refused' };
const admin = (host: string, port = 5432, change: Partial<AdminServer> = {}): Changes => ({
  adminServer: anAdminServer({ host, port, ...change }),
});
const login = (outcome: AttemptOutcome, change: Partial<ConnectionAttempt> = {}): Changes => ({
  replicationLogin: aRefusedLogin(anAttempt({ certificate: undefined, ...change, outcome })),
});
const elsewhere = { address: '10.0.0.9', host: 'db9', port: 5433 };

/** A password stands in primary_conninfo, and is not shown. */
const withPassword = { ...healthyStandby, standbyConninfo: aConninfo({ text: `${conninfo} password=***` }) };

function faultOf(rule: AnyRule, facts: Changes): Fault {
  const { result } = judge(rule, world(facts, withPassword));
  if (result.outcome !== 'failed') throw new Error(`${rule.id} is ${result.outcome}: ${JSON.stringify(result)}`);
  const [first] = result.faults;
  if (first === undefined) throw new Error('a failed rule has a fault');
  return first;
}

const stepsOf = ({ remedy }: Fault) => (remedy?.steps ?? []).map(({ on, kind, text }) => `${on} ${kind}: ${text}`);

/** The commands of sed between the copy and the file. */
const edits = (facts: Changes, rule: AnyRule): string => {
  const [first, ...more] = stepsOf(faultOf(rule, facts));
  expect(more).toEqual([`standby sql: ${reload}`]);
  const [, script] = new RegExp(`^standby shell: ${saved} &&\nsed (.*) ${copy} > ${autoConf}$`).exec(first ?? '') ?? [];
  return script?.replaceAll(String.raw`'\''`, "'") ?? `no edit: ${first}`;
};

const value = String.raw`[[:space:]]*=[[:space:]]*\(`;
/** The expression for a parameter is long and always the same: its name and what comes in its place are enough. */
const shortened = (script: string): readonly string[] =>
  [...script.matchAll(/3s~(.*?)~(.*?)~(g?)/gu)].map(
    ([, found = '', put = '', all]) => `${/\)([a-z_]+)\[\[:space/u.exec(found)?.[1] ?? found} → ${put} ${all}`,
  );

describe('primary_conninfo is changed where it stands', () => {
  const other: Changes = { ...login(refused, elsewhere), ...admin('db1') };

  it('leads to the primary that --admin has found', () => {
    const fault = faultOf(connectionRefused, other);
    expect(fault.remedy?.summary).toMatch(
      /^Point the standby to its primary, which answers at db1, port 5432\. \(If .* at db9, port 5433/u,
    );
    expect(fault.evidence.at(-1)?.value).toBe(`db1, port 5432 (system identifier ${systemIdentifier})`);
    expect(shortened(edits(other, connectionRefused))).toEqual([
      String.raw`host → \1host=db1 g`,
      String.raw`port → \1port=5432 g`,
    ]);
    expect(edits(other, connectionRefused)).toContain(value);
  });

  it('is rejected on the way where the primary listens at that very place', () => {
    const facts: Changes = { ...login(refused), ...admin('/run/postgresql') };
    const fault = faultOf(connectionRefused, facts);
    expect(fault.title).toMatch(/^The connection to .* is rejected on the way$/u);
    expect(stepsOf(fault).join()).toMatch(/^primary manual: The server is running: allow TCP port 5432 /u);
  });

  it.each([
    [nameNotResolved, { kind: 'not-resolved', code: 'ENOTFOUND', message: 'name or service not known' }],
    [timedOut, { kind: 'timed-out', phase: 'connect', message: 'no answer within 5 s' }],
    [notPostgresql, { kind: 'not-postgresql', answered: 'HTTP/1.1' }],
  ] as const)('for each of the ways to miss it: $0.id', (rule, outcome) => {
    const facts = { ...login(outcome, elsewhere), ...admin('db1') };
    expect(shortened(edits(facts, rule))).toHaveLength(2);
  });

  it('behind a pooler', () => {
    const attempt = aRefusal('pooler', '08P01', 'unsupported startup parameter: replication', { port: 6432 });
    const facts = { replicationLogin: aRefusedLogin(attempt), ...admin('db1') };
    expect(shortened(edits(facts, pooler))).toEqual([String.raw`port → \1port=5432 g`]);
  });

  it('keeps a host that is right, and adds a port that is not written', () => {
    const text = "user=replicator host=db1 password=*** application_name='my standby'";
    const facts: Changes = {
      ...login(refused, { port: 5433 }),
      ...admin('db1'),
      standbyConninfo: aConninfo({ text }),
    };
    expect(shortened(edits(facts, connectionRefused))).toEqual([`' → 'port=5432  `]);
  });

  it('takes the way that pg_hba.conf has a line for', () => {
    const noSocket: AttemptOutcome = { kind: 'no-socket', message: 'no such file or directory' };
    const facts: Changes = {
      ...login(noSocket, { host: '/tmp', address: '/tmp/.s.PGSQL.5433', port: 5433 }),
      ...admin('/run/postgresql'),
    };
    const overTcp = { file: '/hba', lines: [anHbaRule({ address: { kind: 'all' } })], changedSinceLoad: false };
    const host = (given: Changes) => shortened(edits(given, connectionRefused))[0];
    const socket = { address: '/run/postgresql/.s.PGSQL.5432', ownAddress: true };
    const hbaRules = seen(overTcp, 'the test');
    expect(host({ ...facts, ...admin('/run/postgresql', 5432, { ...socket, hbaRules }) })).toBe(
      String.raw`host → \1host=127.0.0.1 g`,
    );
    expect(host({ ...facts, ...admin('/run/postgresql', 5432, socket) })).toBe(
      String.raw`host → \1host=/run/postgresql g`,
    );
  });

  it('leads away from the standby itself', () => {
    const attempt = anAttempt({ host: '127.0.0.1', address: '127.0.0.1', port: 5433 });
    const facts: Changes = {
      ...admin('db1'),
      dataDirectory: onPort(5433),
      replicationLogin: {
        attempts: [attempt],
        outcome: { accepted: true, session: aSession({ attempt, sameMachine: true, postmaster: 1 }) },
      },
    };
    expect(shortened(edits(facts, pointsAtItself))).toEqual([
      String.raw`host → \1host=db1 g`,
      String.raw`port → \1port=5432 g`,
    ]);
  });

  it('takes hostaddr out with the host that it belongs to', () => {
    const facts: Changes = {
      ...login(refused, elsewhere),
      ...admin('db1', 5433, { settings: someSettings({ port: '5433' }) }),
      standbyConninfo: aConninfo({ text: 'host=db9 hostaddr=10.0.0.9 port=5433 password=***' }),
    };
    expect(shortened(edits(facts, connectionRefused))).toEqual([
      String.raw`host → \1host=db1 g`,
      String.raw`hostaddr → \1 g`,
    ]);
  });

  it.each([
    [
      "host=db9 hostaddr=10.0.0.9 port=5433 application_name='my  standby'",
      "host=db1 port=5432 application_name=''my  standby''",
    ],
    ['user=replicator host = db9', 'user=replicator host=db1 port=5432'],
    [
      'postgresql://replicator@db9:5433/?sslmode=prefer',
      // the user of a URI stands in front of its host
      'user=replicator host=db1 port=5432 sslmode=prefer',
    ],
  ])('is written as a whole where nothing in it is secret: %s', (text, becomes) => {
    const standbyConninfo = aConninfo({ text });
    expect(stepsOf(faultOf(connectionRefused, { ...other, standbyConninfo }))).toEqual([
      `standby sql: ALTER SYSTEM SET primary_conninfo = '${becomes}';`,
      `standby sql: ${reload}`,
    ]);
    // where ALTER SYSTEM would write a second one
    const elsewhereSet = aConninfo({ text, file: '/etc/standby.conf', line: 7 });
    expect(stepsOf(faultOf(connectionRefused, { ...other, standbyConninfo: elsewhereSet }))[0]).toMatch(
      /sed -e '7s~\.\*~primary_conninfo = .*host=db1 port=5432/u,
    );
  });

  it('leaves a URI with a password to a person', () => {
    const facts: Changes = {
      ...login(refused, { port: 5433 }),
      ...admin('db1'),
      standbyConninfo: aConninfo({ text: 'postgresql://replicator:***@db1:5433/' }),
    };
    expect(stepsOf(faultOf(connectionRefused, facts))).toEqual([
      `standby shell: ${saved}`,
      `standby manual: Edit line 3 of ${autoConf}: primary_conninfo with port=5432.`,
      `standby sql: ${reload}`,
    ]);
  });

  it('starts a server that is down', () => {
    const facts: Changes = {
      ...other,
      dataDirectory: aStoppedDirectory(),
      runningStandby: { status: 'not-applicable', why: 'it is down' },
      standbyControl: {
        control: { kind: 'pg_ctl', dataDirectory: '/d', binDirectory: '/bin' },
        running: false,
      },
    };
    expect(stepsOf(faultOf(connectionRefused, facts)).at(-1)).toBe(
      'standby shell: /bin/pg_ctl start -D /d -w -l /d/server.log',
    );
  });

  it.each<[string, Changes]>([
    ['of another system', { controlFile: otherSystem() }],
    ['in recovery', admin('db1', 5432, { inRecovery: true })],
    ['behind another port than its own', admin('db1', 6432)],
    ['is this very server', { ...admin('db1', 5432, { postmaster: 1 }), dataDirectory: onPort(5432) }],
    ['of one host among several', { standbyConninfo: aConninfo({ hosts: [one, one] }) }],
  ])('claims no place of a server that is %s', (_why, change) => {
    const [step] = stepsOf(faultOf(connectionRefused, { ...other, ...change }));
    expect(step).toBe(
      `primary manual: If no other server was promoted in its place, start the server at 10.0.0.9:5433 (db9). If it does not start, the end of its log says why (a full file system, a missing file): standbylint explain reads the log there. If another server is the primary by now, do not start this one (there would be two primaries): set the address of the new primary in primary_conninfo (${autoConf}, line 3), and reload the standby: ${reload}`,
    );
  });

  it.each<[string, AnyRule, Changes, readonly string[]]>([
    [
      'the name in the certificate',
      hostnameMismatch,
      login(
        { kind: 'tls-refused-certificate', why: 'hostname-mismatch', message: 'it is for db2' },
        {
          certificate: { subject: 'db2', names: ['db2'], issuer: 'CA', validTo: new Date('2027-01-01') },
        },
      ),
      [String.raw`host → \1host=db2 g`, `' → 'hostaddr=10.0.0.1  `],
    ],
    [
      'TLS that the server asks for',
      requiredByServer,
      {
        replicationLogin: aRefusedLogin(
          aRefusal('no-hba-entry', '28000', 'no pg_hba.conf entry for replication connection from host "10.0.0.7"', {
            encryption: 'none',
          }),
        ),
        connectionPlan: aPlan({ sslmode: 'disable', sources: { sslmode: 'primary_conninfo' } }),
        hbaRules: { file: '/hba', lines: [anHbaRule()], changedSinceLoad: false },
      },
      [String.raw`sslmode → \1sslmode=require g`],
    ],
    [
      'TLS that nobody asked for',
      plaintextReplication,
      {
        replicationLogin: {
          attempts: [anAttempt({ encryption: 'none' })],
          outcome: { accepted: true, session: aSession({ attempt: anAttempt({ encryption: 'none' }) }) },
        },
      },
      [String.raw`sslmode → \1sslmode=require g`],
    ],
    [
      'a server of another kind',
      loginNotPossible,
      login({ kind: 'wrong-session-attributes', message: 'session is read-only' }),
      [`' → 'target_session_attrs=any  `],
    ],
  ])('%s', (_what, rule, facts, expected) => {
    const fault = faultOf(rule, facts);
    const steps = fault.remedy?.steps ?? [];
    const script = steps.find(({ text }) => text.includes('\nsed '))?.text ?? '';
    expect(shortened(script.replaceAll(String.raw`'\''`, "'"))).toEqual(expected);
    expect(steps.filter(({ on }) => on === 'standby')).toHaveLength(2);
  });
});

describe('what the standby has of its own', () => {
  it('is its wal_receiver_timeout, and not the one of the primary', () => {
    const settings = new Map([['wal_receiver_timeout', { value: '0', pendingRestart: false, source: 'default' }]]);
    const facts: Changes = { runningStandby: aRunningStandby({ settings }) };
    const fault = faultOf(idleTimeout, facts);
    expect(fault.where).toEqual({ side: 'standby' });
    expect(stepsOf(fault)).toEqual([
      "standby sql: ALTER SYSTEM SET wal_receiver_timeout = '1min';",
      'standby sql: SELECT pg_reload_conf();',
    ]);
  });
});

describe('a connection that is refused to whoever looks', () => {
  const aWalSender = {
    pid: 4711,
    user: 'archiver',
    applicationName: 'pg_receivewal',
    address: '10.0.0.9',
    state: 'streaming',
    syncState: 'async',
    sentLsn: undefined,
    replayLsn: undefined,
  };
  const roles = { role: 'role-connection-limit', senders: 'wal-senders-exhausted' } as const;
  const refusedFor = (which: keyof typeof roles): Changes => ({
    replicationLogin: aRefusedLogin(aRefusal(roles[which], '53300', 'too many connections for role "replicator"')),
    replicationRole: aRole({ connectionLimit: 1 }),
    primarySettings: someSettings({ max_wal_senders: '1' }),
  });

  it.each([
    ['role', connectionLimit],
    ['senders', walSendersExhausted],
  ] as const)('is no fault of a standby that streams: %s', (which, rule) => {
    const { result } = judge(rule, world(refusedFor(which), healthyStandby));
    expect(result).toMatchObject({ outcome: 'passed', because: expect.stringContaining('the standby is streaming') });
  });

  it('is told of one that does not, and leaves one to look with', () => {
    const runningStandby = aRunningStandby({ receiver: undefined });
    const [raise] = stepsOf(faultOf(connectionLimit, { ...refusedFor('role'), runningStandby }));
    expect(raise).toBe('primary sql: ALTER ROLE replicator CONNECTION LIMIT 3;');
    const walSenders = [aWalSender];
    const steps = stepsOf(faultOf(walSendersExhausted, { ...refusedFor('senders'), runningStandby, walSenders }));
    expect(steps).toContain('primary sql: ALTER SYSTEM SET max_wal_senders = 3;');
  });
});

describe('the password file of the server', () => {
  const passfile = '/var/lib/postgresql/.pgpass';
  const copy = `${passfile}.before-2026-11-21T200000`;
  const noPassword = login({ kind: 'client-stopped', why: 'no-password', message: 'no password supplied' });
  const plan = (state: ReturnType<typeof aPlan>['password']['passfile']['state']): Changes => ({
    connectionPlan: aPlan({
      password: { from: 'none', words: 'no password', passfile: { path: passfile, pathSource: 'the default', state } },
    }),
  });

  it('gets a line that matches, on the standby', () => {
    const facts = { ...noPassword, ...plan({ kind: 'no-match', nearest: [] }) };
    expect(stepsOf(faultOf(passfileNoMatch, facts))).toEqual([
      `standby shell: ${askingForPassword(`cp -p ${passfile} ${copy} &&\nprintf '\\n%s%s\\n' db1:5432:replication:replicator: ${typedInPassfile} >> ${passfile}`)}`,
    ]);
  });

  it('is closed to others by the user of the server', () => {
    const facts = { ...noPassword, ...plan({ kind: 'ignored', why: 'mode', mode: 0o644 }) };
    expect(stepsOf(faultOf(passfileIgnored, facts))).toEqual([`standby shell: chmod 0600 ${passfile}`]);
  });

  it('is given to the user of the server, and not to whoever looks', () => {
    const facts: Changes = {
      ...noPassword,
      ...plan({ kind: 'ignored', why: 'unreadable', mode: 0o600, hasFixedMode: true }),
      operatingSystemUser: { uid: 0, gid: 0, name: 'root', home: '/root', serverUser: 'postgres' },
    };
    const own = `${directory}/.pgpass`;
    const [copied, named] = stepsOf(faultOf(passfileIgnored, facts));
    expect(copied).toBe(
      `standby manual: As root: test ! -e ${own} && (umask 077 && cp ${passfile} ${own} && chown postgres ${own})`,
    );
    expect(named).toContain(`passfile=${own}`);
  });

  it('keeps its mode where that is not the server user to set, as a secret of a container', () => {
    const facts = { ...noPassword, ...plan({ kind: 'ignored', why: 'mode', mode: 0o444, hasFixedMode: true }) };
    const steps = stepsOf(faultOf(passfileIgnored, facts));
    expect(steps.join('\n')).not.toContain('chmod');
    expect(steps[0]).toContain(`cp ${passfile} ${directory}/.pgpass`);
  });

  it('gets the right password in the line that was used', () => {
    const facts: Changes = {
      replicationLogin: aRefusedLogin(aRefusal('password-refused', '28P01', 'password authentication failed')),
    };
    const written = writtenLines('db1:5432:*:replicator:x\n', maskedPassfileLine);
    const connectionPlan = aPlan({
      password: {
        from: 'passfile',
        words: `line 1 of ${passfile}`,
        passfile: { path: passfile, pathSource: 'the default', state: { kind: 'used', line: 1 }, written },
      },
    });
    expect(stepsOf(faultOf(wrongPassword, { ...facts, connectionPlan }))).toEqual([
      `standby shell: ${askingForPassword(
        [
          `cp -p ${passfile} ${copy} && cp -p ${passfile} ${passfile}.new &&`,
          `{ printf '%s%s\\n' 'db1:5432:*:replicator:' ${typedInPassfile}; tail -n +2 ${copy}; } > ${passfile}.new &&`,
          `mv ${passfile}.new ${passfile}`,
        ].join('\n'),
      )}`,
      "primary sql: SET password_encryption = 'scram-sha-256';\n\\password replicator",
    ]);
  });

  it('is left alone where primary_conninfo has the password', () => {
    const file = '/var/lib/postgresql/15/standby/postgresql.auto.conf';
    const kept = `${file}.before-2026-11-21T200000`;
    const facts: Changes = {
      replicationLogin: aRefusedLogin(aRefusal('password-refused', '28P01', 'password authentication failed')),
      connectionPlan: aPlan({
        password: {
          from: 'conninfo',
          words: 'primary_conninfo',
          passfile: { path: '/p', pathSource: 'default', state: { kind: 'not-asked' } },
        },
      }),
      standbyConninfo: aConninfo({ text: 'host=db1 password=*** user=r', file, line: 3 }),
    };
    const line = String.raw`'primary_conninfo = '\''host=db1 user=r password='\'''\'''`;
    expect(stepsOf(faultOf(wrongPassword, facts)).slice(0, 2)).toEqual([
      `standby shell: ${askingForPassword(
        [
          `cp -p ${file} ${kept} && cp -p ${file} ${file}.new &&`,
          `{ head -n 2 ${kept}; printf '%s%s%s\\n' ${line} ${typedInConninfo} "'''"; tail -n +4 ${kept}; } > ${file}.new &&`,
          `mv ${file}.new ${file}`,
        ].join('\n'),
      )}`,
      'standby sql: SELECT pg_reload_conf();',
    ]);
  });

  it('is left to a person where another secret is beside it', () => {
    const facts: Changes = {
      replicationLogin: aRefusedLogin(aRefusal('password-refused', '28P01', 'password authentication failed')),
      connectionPlan: aPlan({
        password: {
          from: 'conninfo',
          words: 'primary_conninfo',
          passfile: { path: '/p', pathSource: 'default', state: { kind: 'not-asked' } },
        },
      }),
      standbyConninfo: aConninfo({ text: 'host=db1 password=*** sslpassword=***' }),
    };
    expect(stepsOf(faultOf(wrongPassword, facts))[0]).toMatch(
      /^standby manual: Correct the password in primary_conninfo /u,
    );
  });
});

const one = { host: 'db9', port: 5433 };

function otherSystem() {
  return aControlFile({ systemIdentifier: (systemIdentifier + 1n) as typeof systemIdentifier });
}

function onPort(port: number) {
  return aDataDirectory({ postmaster: { pid: 1, port, process: 'running', program: 'postgres', uid: 105 } });
}
