import { appendFile, chmod, chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { literal } from '../../src/remedies/quoting.ts';
import { changeConninfo, cut, notStreaming, own, quick, receiveWal, reconnectWith, untilRefused } from './pair-acts.ts';
import { until } from '../lab/until.ts';
import { aPortThatDrops, aWebServer, installCertificate, putRootInto, turnOnTls } from './network.ts';
import { onlyRoot } from './here.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

const scram = 'host replication replicator 127.0.0.1/32 scram-sha-256';
const everyone = 'host all all 127.0.0.1/32 scram-sha-256';

/** The faults of the way to the primary, which a standby meets long after its copy was made. */
export const wayPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'network/connection-refused',
    name: 'the primary is down',
    pair: { standby: quick },
    fault: async ({ primary, standby }) => {
      await primary.server.stop();
      await untilRefused(standby);
    },
    consequences: ['streaming/not-connected'],
    byHand: async (_step, { primary }) => primary.server.start(),
    way: 'mend',
    follow: 'recovery',
    told: async ({ recovery }) =>
      expect(recovery?.because).toMatch(
        /Its log shows that it streamed .*nothing indicates missing WAL.*reconnects by itself.*which WAL it keeps, are not known \(this standby has WAL up to at least [0-9A-F]+\/[0-9A-F]+\)/u,
      ),
  },
  {
    rule: 'network/connection-refused',
    name: 'the port of primary_conninfo is not the one of the primary',
    pair: { standby: quick },
    fault: async (stage) => changeConninfo(stage, (text) => text.replace(/port=\d+/u, 'port=1')),
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'network/connection-refused',
    name: 'another port, in a URI',
    pair: { standby: quick },
    fault: async (stage) => {
      await usePassfile(stage, 'replication', 0o600, false);
      await changeConninfo(stage, () => `postgresql://replicator@127.0.0.1:1/?passfile=${passfileOf(stage)}`);
    },
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'network/connection-refused',
    name: 'another port, of a server that is down',
    pair: { standby: quick },
    fault: async (stage) => {
      await changeConninfo(stage, (text) => text.replace(/port=\d+/u, 'port=1'));
      await stage.standby.stop();
    },
    way: 'mend',
  },
  {
    rule: 'network/connection-refused',
    name: 'a socket directory without a socket',
    pair: { standby: quick },
    fault: async (stage) => changeConninfo(stage, (text) => text.replace('127.0.0.1', stage.standby.folder)),
    consequences: ['streaming/not-connected'],
    way: 'mend',
  },
  {
    rule: 'network/listen-addresses',
    pair: { standby: quick },
    fault: async (stage) => {
      await stage.primary.server.configure({ listen_addresses: '127.0.0.1' });
      await changeConninfo(stage, (text) => text.replace('127.0.0.1', '127.0.0.2'));
      await stage.primary.server.restart();
      await untilRefused(stage.standby);
    },
    consequences: notStreaming,
  },
  {
    rule: 'network/name-not-resolved',
    pair: { standby: quick },
    fault: async (stage) => changeConninfo(stage, (text) => text.replace('127.0.0.1', 'no-such-host.invalid')),
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'network/timed-out',
    name: 'packets are dropped',
    pair: { standby: quick },
    fault: async (stage) => {
      const port = await aPortThatDrops();
      await changeConninfo(stage, (text) => `${text.replace(/port=\d+/u, `port=${port}`)} connect_timeout=2`, false);
      await pause(2000);
    },
    consequences: ['streaming/not-connected'],
  },
  {
    rule: 'network/not-postgresql',
    name: 'HTTP',
    pair: { standby: quick },
    fault: async (stage) => {
      const port = await aWebServer();
      await changeConninfo(stage, (text) => text.replace(/port=\d+/u, `port=${port}`));
    },
    consequences: ['streaming/not-connected'],
  },
  {
    rule: 'network/unreachable',
    name: 'a socket directory that the server may not enter',
    pair: { standby: quick },
    fault: async (stage) => {
      const closed = join(stage.standby.folder, 'closed');
      await stage.standby.run('mkdir', ['-m', '0', closed]);
      await changeConninfo(stage, (text) => text.replace('127.0.0.1', closed));
    },
    consequences: ['streaming/not-connected'],
  },
  {
    rule: 'network/login-not-possible',
    name: 'channel binding without TLS',
    pair: { standby: quick },
    fault: async (stage) =>
      changeConninfo(stage, (text) => `${text.replace(/ ?channel_binding=\S+/u, '')} channel_binding=require`),
    consequences: ['streaming/not-connected'],
  },
  {
    rule: 'network/login-not-possible',
    name: 'GSSAPI encryption, and no Kerberos ticket',
    pair: { standby: quick },
    fault: async (stage) =>
      changeConninfo(stage, (text) => `${text.replace(/ ?gssencmode=\S+/u, '')} gssencmode=require`),
    consequences: ['streaming/not-connected'],
  },
  {
    rule: 'hba/no-replication-entry',
    name: 'the entry was removed',
    pair: { standby: quick },
    fault: async (stage) => changeHba(stage, [everyone]),
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'hba/no-replication-entry',
    name: 'its entry was trust, and the standby has no password',
    pair: { standby: quick },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await reconnectWith(stage, () => `${primary.conninfo} passfile=${standby.folder}/pgpass`);
      await changeHba(stage, [everyone]);
    },
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'hba/no-replication-entry',
    name: 'its connection names all servers, itself first, and wants the one that is read-write',
    pair: { standby: quick },
    fault: async (stage) => {
      const { host, port } = { host: '127.0.0.1', port: stage.standby.port };
      await reconnectWith(
        stage,
        (text) =>
          `${text.replace(/host=(\S+)/u, `host=${host},$1`).replace(/port=(\d+)/u, `port=${port},$1`)} target_session_attrs=read-write`,
      );
      await changeHba(stage, [everyone]);
    },
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'hba/no-replication-entry',
    name: 'a copy without WAL, which waits for its first segment',
    pair: { standby: { ...quick, started: false, more: ['-X', 'none'] } },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await primary.server.writeHba([everyone]);
      await primary.server.reload();
      // it lets nobody in before it has replayed something
      await standby.program('pg_ctl', ['start', '-W', '-s', '-D', standby.dataDirectory, '-l', standby.logFile]);
      await until('it waits for WAL', async () =>
        (await standby.log()).includes('no pg_hba.conf entry') ? true : null,
      );
    },
    told: async (report) => {
      expect(report.findings.map(({ rule }) => rule)).not.toContain('standby/already-primary');
      expect(report.recovery?.way).not.toBe('new-copy');
    },
  },
  {
    rule: 'hba/rejected',
    pair: { standby: quick },
    fault: async (stage) => changeHba(stage, ['host replication all 127.0.0.0/8 reject', scram, everyone]),
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'hba/shadowed',
    pair: { standby: quick },
    fault: async (stage) => changeHba(stage, ['host replication all 127.0.0.0/8 ident', scram, everyone]),
    consequences: notStreaming,
  },
  {
    rule: 'hba/not-reloaded',
    pair: { standby: quick },
    fault: async (stage) => {
      await changeHba(stage, [everyone]);
      await appendFile(join(stage.primary.server.dataDirectory, 'pg_hba.conf'), `${scram}\n`);
    },
    consequences: notStreaming,
  },
  {
    rule: 'hba/invalid-line',
    pair: { standby: quick },
    fault: async (stage) => {
      await changeHba(stage, [everyone]);
      await appendFile(
        join(stage.primary.server.dataDirectory, 'pg_hba.conf'),
        'host replication replicator 127.0.0.1 scram-sha-256\n',
      );
      await stage.primary.server.reload();
      await pause(500);
    },
    consequences: notStreaming,
  },
  {
    rule: 'hba/method-needs-other-password',
    pair: { standby: quick },
    fault: async (stage) => {
      const { server, password } = stage.primary;
      await server.psql(`SET password_encryption = 'md5'; ALTER ROLE replicator PASSWORD ${literal(password)}`);
      await cut(stage);
    },
    consequences: notStreaming,
  },
  {
    rule: 'role/missing',
    name: 'dropped, and the standby sees only that its password is refused',
    pair: { standby: quick },
    fault: async (stage) => roleChanges(stage, 'DROP ROLE replicator'),
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'role/wrong-password',
    name: 'the password was rotated',
    pair: { standby: quick },
    fault: async (stage) => roleChanges(stage, "ALTER ROLE replicator PASSWORD 'another one'"),
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'role/wrong-password',
    name: 'an old password in the password file',
    pair: { standby: quick },
    fault: async (stage) => {
      await usePassfile(stage, 'replication', 0o600, false);
      await writeFile(passfileOf(stage), `# replication\n*:*:replication:replicator:the old one\n`);
      await cut(stage);
    },
    consequences: notStreaming,
    afterSteps: async (stage) => {
      const text = await readFile(passfileOf(stage), 'utf8');
      expect(text).toBe(`# replication\n*:*:replication:replicator:${stage.primary.password}\n`);
    },
  },
  {
    rule: 'client/password-misread',
    name: 'an unescaped colon in the password file',
    pair: { standby: quick },
    prepare: async (stage) => withPassword(stage, 'one:two'),
    fault: async (stage) => {
      await usePassfile(stage, 'replication', 0o600, false);
      await cut(stage);
    },
    consequences: notStreaming,
  },
  {
    rule: 'client/password-misread',
    name: 'a backslash in primary_conninfo',
    pair: { standby: quick },
    prepare: async (stage) => withPassword(stage, String.raw`one\two'`),
    fault: async (stage) => {
      await reconnectWith(
        stage,
        () => `${stage.primary.conninfo} password='${stage.primary.password.replace("'", String.raw`\'`)}'`,
      );
      await cut(stage);
    },
    consequences: notStreaming,
  },
  {
    rule: 'role/no-password',
    pair: { standby: quick },
    fault: async (stage) => roleChanges(stage, 'ALTER ROLE replicator PASSWORD NULL'),
    consequences: notStreaming,
  },
  {
    rule: 'role/no-login',
    pair: { standby: quick },
    fault: async (stage) => roleChanges(stage, 'ALTER ROLE replicator NOLOGIN'),
    consequences: notStreaming,
  },
  {
    rule: 'role/no-replication',
    pair: { standby: quick },
    fault: async (stage) => roleChanges(stage, 'ALTER ROLE replicator NOREPLICATION'),
    consequences: notStreaming,
  },
  {
    rule: 'role/password-expired',
    pair: { standby: quick },
    fault: async (stage) => roleChanges(stage, "ALTER ROLE replicator VALID UNTIL '2020-01-01'"),
    consequences: notStreaming,
  },
  {
    rule: 'role/connection-limit',
    name: 'WAL senders count up to 13',
    to: 13,
    pair: { standby: quick },
    fault: async (stage) => roleChanges(stage, 'ALTER ROLE replicator CONNECTION LIMIT 0'),
    consequences: notStreaming,
  },
  {
    rule: 'tls/required-by-server',
    name: 'sslmode=disable in primary_conninfo',
    pair: { standby: quick },
    fault: async (stage) => {
      await selfSigned(stage.primary.server);
      await changeConninfo(stage, (text) => `${text.replace(/ ?sslmode=\S+/u, '')} sslmode=disable`, false);
      await changeHba(stage, ['hostssl replication replicator 127.0.0.1/32 scram-sha-256', everyone]);
    },
    consequences: notStreaming,
  },
  {
    rule: 'tls/not-offered',
    name: 'sslmode=require in primary_conninfo',
    pair: { standby: quick },
    fault: async (stage) => changeConninfo(stage, (text) => `${text.replace(/ ?sslmode=\S+/u, '')} sslmode=require`),
    consequences: notStreaming,
    byHand: async (_step, stage) => reconnectWith(stage, (text) => text.replace(' sslmode=require', '')),
  },
  {
    rule: 'tls/certificate-untrusted',
    name: 'no root certificate',
    pair: { standby: quick },
    fault: async (stage) => {
      await turnOnTls(stage, { days: 400 });
      await verify(stage, 'verify-ca');
    },
    consequences: notStreaming,
    byHand: async (_step, stage) => putRoot(stage),
  },
  {
    rule: 'tls/certificate-untrusted',
    name: 'the certificate and its authority were replaced, and not loaded',
    pair: { standby: quick },
    fault: async (stage) => {
      await turnOnTls(stage, { days: 400 });
      // the server tells the time of a file to the second
      await pause(1_100);
      await installCertificate(stage, { days: 400 });
      await putRoot(stage);
      await verify(stage, 'verify-ca');
    },
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'tls/hostname-mismatch',
    pair: { standby: quick },
    fault: async (stage) => {
      await turnOnTls(stage, { commonName: 'db1', names: 'DNS:db1', days: 400 });
      await putRoot(stage);
      await verify(stage, 'verify-full');
    },
    consequences: notStreaming,
  },
  {
    rule: 'tls/certificate-expired',
    pair: { standby: quick },
    fault: async (stage) => {
      await turnOnTls(stage, { days: -1 });
      await putRoot(stage);
      await verify(stage, 'verify-ca');
    },
    consequences: notStreaming,
    byHand: async (_step, stage) => {
      await installCertificate(stage, { days: 400 });
      await putRoot(stage);
      await stage.primary.server.reload();
    },
  },
  {
    rule: 'tls/client-key-permissions',
    pair: { standby: quick },
    fault: async (stage) => {
      const { certificate, key } = await turnOnTls(stage, { days: 400 });
      const [itsCertificate, itsKey] = ['client.crt', 'client.key'].map((name) => join(stage.standby.folder, name));
      await stage.standby.run('install', ['-m', '0644', certificate, `${itsCertificate}`]);
      await stage.standby.run('install', ['-m', '0644', key, `${itsKey}`]);
      await changeConninfo(
        stage,
        (text) => `${text.replace(/ ?sslmode=\S+/u, '')} sslmode=require sslcert=${itsCertificate} sslkey=${itsKey}`,
      );
    },
    consequences: notStreaming,
  },
  {
    rule: 'client/passfile-ignored',
    name: 'its group may read it',
    pair: { standby: quick },
    fault: async (stage) => usePassfile(stage, 'replication', 0o644),
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'client/passfile-no-match',
    name: 'the database of a replication connection is replication',
    pair: { standby: quick },
    fault: async (stage) => usePassfile(stage, 'postgres', 0o600),
    consequences: notStreaming,
  },
  {
    rule: 'client/passfile-no-match',
    name: 'in the data directory, by a relative path',
    pair: { standby: quick },
    fault: async (stage) => {
      const { primary, standby } = stage;
      const file = join(standby.dataDirectory, 'own.pass');
      await standby.run('sh', ['-c', 'umask 077; echo "db1:5432:*:*:secret" > "$1"', 'sh', file]);
      await changeConninfo(stage, () => `${primary.conninfo} passfile=own.pass`);
    },
    consequences: notStreaming,
  },
  {
    rule: 'client/passfile-ignored',
    name: 'it belongs to root, and the server may not read it',
    notHere: onlyRoot('give a file to root'),
    pair: { standby: quick },
    // right for root, who copied with it
    fault: async (stage) => {
      await usePassfile(stage, 'replication', 0o600, false);
      await chown(passfileOf(stage), 0, 0);
      await cut(stage);
    },
    consequences: notStreaming,
    byHand: async (_step, stage) => own(stage.standby, passfileOf(stage)),
  },
  {
    rule: 'primary/wal-senders-exhausted',
    pair: { settings: { max_wal_senders: '2' }, standby: quick },
    fault: async ({ primary, standby }) => {
      await standby.stop();
      for (const slot of ['first', 'second']) {
        await primary.server.psql(`SELECT pg_create_physical_replication_slot('${slot}', true)`);
        await receiveWal(primary.server, slot);
      }
      await standby.start();
      await untilRefused(standby);
    },
    consequences: notStreaming,
  },
  {
    rule: 'primary/no-wal-senders',
    pair: { standby: quick },
    fault: async ({ primary, standby }) => {
      await primary.server.configure({ max_wal_senders: '0' });
      await primary.server.restart();
      await untilRefused(standby);
    },
    consequences: notStreaming,
  },
  {
    rule: 'primary/files-missing',
    name: 'its catalogs are deleted while it runs',
    pair: { standby: quick },
    fault: async ({ primary, standby }) => {
      const { server } = primary;
      await standby.stop();
      await server.psql('CHECKPOINT');
      const saved = join(server.folder, 'saved');
      await server.run('mkdir', ['-m', '0700', saved]);
      for (const name of ['base', 'global']) await server.run('mv', [join(server.dataDirectory, name), saved]);
      await standby.start();
      await untilRefused(standby);
    },
    consequences: ['streaming/not-connected'],
    way: 'unknown',
    told: async ({ recovery }) => expect(recovery?.steps.map(({ kind }) => kind)).toEqual(['manual', 'manual']),
    // the backup is restored
    byHand: async (_step, { primary: { server } }) =>
      server.run('cp', ['-a', `${join(server.folder, 'saved')}/.`, server.dataDirectory]),
  },
  {
    rule: 'primary/wal-level-minimal',
    name: 'the primary was set to it',
    pair: { standby: quick },
    fault: async ({ primary, standby }) => {
      await setLevel(primary.server, 'minimal');
      await untilRefused(standby);
    },
    consequences: ['streaming/not-connected'],
    way: 'new-copy',
  },
  {
    rule: 'primary/wal-level-minimal',
    name: 'for a time, and the standby cannot go on over it',
    pair: { standby: quick },
    fault: async ({ primary, standby }) => {
      await setLevel(primary.server, 'minimal');
      await untilRefused(standby);
      await setLevel(primary.server, 'replica');
      await until('the standby ends', async () => ((await standby.isRunning()) ? null : true));
    },
    way: 'new-copy',
    follow: 'recovery',
  },
  {
    rule: 'primary/pending-restart',
    name: 'its files allow WAL senders, and it was not restarted',
    pair: { standby: quick },
    fault: async ({ primary, standby }) => {
      await primary.server.configure({ max_wal_senders: '0' });
      await primary.server.restart();
      await primary.server.psql('ALTER SYSTEM SET max_wal_senders = 10; SELECT pg_reload_conf();');
      await untilRefused(standby);
    },
    consequences: notStreaming,
  },
  {
    rule: 'primary/config-file-error',
    fault: async ({ primary }) => {
      await appendFile(join(primary.server.dataDirectory, 'postgresql.conf'), "work_men = '64MB'\n");
      await primary.server.reload();
    },
  },
  {
    rule: 'primary/synchronous-commit-blocked',
    pair: { standby: quick },
    fault: async ({ primary }) => {
      await primary.server.psql("ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (paris, berlin)'");
      await primary.server.reload();
    },
  },
];

/** A server of this level has no WAL senders, and every one of the other does. */
async function setLevel(server: ThrowawayServer, level: 'minimal' | 'replica'): Promise<void> {
  await server.configure({ wal_level: level, max_wal_senders: level === 'minimal' ? '0' : '10' });
  await server.restart();
}

async function roleChanges(stage: PairStage, statement: string): Promise<void> {
  await stage.primary.server.psql(statement);
  await cut(stage);
}

async function changeHba(stage: PairStage, lines: readonly string[]): Promise<void> {
  await stage.primary.server.writeHba(lines);
  await stage.primary.server.reload();
  await cut(stage);
}

const passfileOf = ({ standby }: PairStage): string => join(standby.folder, 'standby.pass');

/** The password moves from primary_conninfo into a file of the server's user. */
/** The role has another password, and whoever types one types that. */
async function withPassword(stage: PairStage, password: string): Promise<PairStage> {
  await stage.primary.server.query(`ALTER ROLE replicator PASSWORD ${literal(password)}`);
  return { ...stage, primary: { ...stage.primary, password } };
}

async function usePassfile(stage: PairStage, database: string, mode: number, breaks = true): Promise<void> {
  const { primary, standby } = stage;
  const file = passfileOf(stage);
  await writeFile(file, `127.0.0.1:${primary.server.port}:${database}:replicator:${primary.password}\n`);
  await chmod(file, mode);
  await own(standby, file);
  await changeConninfo(
    stage,
    (text) => `${text.replace(/ ?passfile=\S+/u, '').replace(/password='[^']*'/u, '')} passfile=${file}`,
    breaks,
  );
}

async function selfSigned(server: ThrowawayServer): Promise<void> {
  const [key, certificate] = ['server.key', 'server.crt'].map((name) => join(server.dataDirectory, name));
  await server.run('sh', [
    '-c',
    `umask 077; openssl req -x509 -newkey rsa:2048 -nodes -days 400 -subj /CN=127.0.0.1 -keyout ${key} -out ${certificate} 2>/dev/null`,
  ]);
  await server.configure({ ssl: 'on' });
  await server.reload();
}

/** The standby checks the certificate from now on, against root.crt in its own folder. */
async function verify(stage: PairStage, mode: 'verify-ca' | 'verify-full'): Promise<void> {
  const root = join(stage.standby.folder, 'root.crt');
  await changeConninfo(stage, (text) => `${text.replace(/ ?sslmode=\S+/u, '')} sslmode=${mode} sslrootcert=${root}`);
}

const putRoot = async ({ primary, standby }: PairStage): Promise<void> => putRootInto(primary, standby.folder);
