import { spawn } from 'node:child_process';
import { chmod, copyFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';

import { afterwards } from '../lab/lifetime.ts';
import { aStandby } from '../lab/pair.ts';
import { anAuthority } from '../live/certificates.ts';
import type { Scenario, Stage } from './scenario.ts';
import { by, usualOptions } from './scenario.ts';

const port = ({ primary }: Stage): string => String(primary.server.port);
const others = new Map<Stage, number>();
const otherPort = (stage: Stage): string => String(others.get(stage) ?? 1);
const correctedByHand = { byHand: async () => undefined, optionsAfter: usualOptions } as const;

/** The faults of the way to the primary. */
export const networkScenarios: readonly Scenario[] = [
  {
    rule: 'network/name-not-resolved',
    options: by((stage) => ['-h', 'no-such-host.invalid', '-p', port(stage)]),
    ...correctedByHand,
  },
  {
    rule: 'network/connection-refused',
    name: 'the wrong port',
    options: by(() => ['-h', '127.0.0.1', '-p', '1']),
  },
  {
    rule: 'network/connection-refused',
    name: 'a socket directory without a socket',
    primary: { hba: ['local replication replicator scram-sha-256'] },
    options: by((stage) => ['-h', stage.place.folder, '-p', port(stage)]),
  },
  {
    rule: 'network/unreachable',
    name: 'a socket directory that this user may not enter',
    fault: async ({ place }) => {
      await place.run('mkdir', [join(place.folder, 'closed')]);
      await chmod(join(place.folder, 'closed'), 0o000);
    },
    options: by((stage) => ['-h', join(stage.place.folder, 'closed'), '-p', port(stage)]),
    ...correctedByHand,
  },
  {
    rule: 'network/timed-out',
    name: 'packets are dropped',
    fault: async (stage) => {
      others.set(stage, await aPortThatDrops());
    },
    options: by((stage) => ['-h', '127.0.0.1', '-p', otherPort(stage)]),
    ...correctedByHand,
  },
  {
    rule: 'network/not-postgresql',
    name: 'HTTP',
    fault: async (stage) => {
      others.set(stage, await aWebServer());
    },
    options: by((stage) => ['-h', '127.0.0.1', '-p', otherPort(stage)]),
    ...correctedByHand,
  },
  {
    rule: 'network/login-not-possible',
    name: 'channel binding without TLS',
    // in the environment it would be asked of --admin, too, whose socket has no TLS
    options: by((stage) => ['-d', `host=127.0.0.1 port=${port(stage)} channel_binding=require`]),
    byHand: async (_step, stage) => {
      await turnOnTls(stage, {});
    },
  },
  {
    rule: 'network/login-not-possible',
    name: 'GSSAPI encryption, and no Kerberos ticket',
    env: () => ({ PGGSSENCMODE: 'require' }),
    byHand: async (_step, stage) => {
      await turnOnTls(stage, {});
    },
  },
  {
    rule: 'network/login-not-possible',
    name: 'a session that is to be read-only',
    options: by((stage) => ['-d', `host=127.0.0.1 port=${port(stage)} target_session_attrs=read-only`]),
  },
  {
    rule: 'network/hostaddr-elsewhere',
    options: by((stage) => ['-d', `host=127.0.0.1 hostaddr=127.0.0.2 port=${port(stage)}`]),
    primary: { settings: { listen_addresses: '127.0.0.1' } },
  },
  {
    rule: 'network/listen-addresses',
    primary: { settings: { listen_addresses: '127.0.0.1' } },
    options: by((stage) => ['-h', '127.0.0.2', '-p', port(stage)]),
  },
  {
    rule: 'network/server-starting',
    name: 'a standby that lets nobody in',
    prepare: async (stage) => {
      const upstream = await aStandby(stage.primary, { started: false }, 'file');
      await upstream.configure({ hot_standby: 'off' });
      // pg_ctl waits for a server that lets nobody in, and ends well: it has reached the standby's state
      await upstream.tryStart();
      return {
        ...stage,
        primary: {
          ...stage.primary,
          server: upstream,
          admin: `host=${upstream.folder} port=${upstream.port} user=postgres dbname=postgres`,
          connection: ['-h', '127.0.0.1', '-p', String(upstream.port), '-U', 'replicator'],
        },
      };
    },
    byHand: async (_step, { primary }) => {
      await primary.server.configure({ hot_standby: 'on' });
      await primary.server.restart();
    },
    noClone: 'the row that proves the stream is written on the primary above it',
  },
];

const hostsslOnly = ['hostssl replication replicator 127.0.0.1/32 scram-sha-256'];

/** The faults of TLS. */
export const tlsScenarios: readonly Scenario[] = [
  {
    rule: 'tls/required-by-server',
    primary: { hba: hostsslOnly },
    fault: async (stage) => turnOnTls(stage, {}),
    name: 'sslmode=disable in the environment',
    env: () => ({ PGSSLMODE: 'disable' }),
  },
  {
    rule: 'tls/required-by-server',
    name: 'sslmode=disable in the connection string',
    primary: { hba: hostsslOnly },
    fault: async (stage) => turnOnTls(stage, {}),
    options: by((stage) => ['-d', `host=127.0.0.1 port=${port(stage)} sslmode=disable`]),
  },
  {
    rule: 'tls/required-by-server',
    name: 'hostssl, and TLS is off in the server',
    primary: { hba: hostsslOnly },
  },
  {
    rule: 'network/login-not-possible',
    name: 'an encoding that the server does not know',
    options: by((stage) => ['-d', `host=127.0.0.1 port=${port(stage)} client_encoding=utf-9`]),
  },
  {
    rule: 'network/login-not-possible',
    name: 'a setting in options that the server does not know',
    env: () => ({ PGOPTIONS: '-c wal_sender_timeuot=1s' }),
  },
  {
    rule: 'network/login-not-possible',
    name: 'a time zone in the environment that the server does not know',
    env: () => ({ PGTZ: 'Mars/Olympus' }),
  },
  { rule: 'tls/not-offered', env: () => ({ PGSSLMODE: 'require' }) },
  {
    rule: 'tls/not-offered',
    name: 'the connection begins with TLS, without a request for it',
    from: 17,
    env: () => ({ PGSSLMODE: 'require', PGSSLNEGOTIATION: 'direct' }),
  },
  {
    rule: 'tls/certificate-untrusted',
    name: 'no root certificate',
    fault: async (stage) => turnOnTls(stage, {}),
    env: (stage) => ({ PGSSLMODE: 'verify-ca', PGSSLROOTCERT: join(stage.place.folder, 'root.crt') }),
    byHand: async (_step, stage) => putRoot(stage),
  },
  {
    rule: 'tls/certificate-untrusted',
    name: 'the path of the root certificate begins with ~',
    fault: async (stage) => {
      await turnOnTls(stage, {});
      await putRoot(stage);
    },
    // nothing is written into anybody's home: the way leads out of it again
    env: (stage) => ({
      PGSSLMODE: 'verify-ca',
      PGSSLROOTCERT: `~/${'../'.repeat(9)}${join(stage.place.folder, 'root.crt').slice(1)}`,
    }),
  },
  {
    rule: 'tls/hostname-mismatch',
    fault: async (stage) => {
      await turnOnTls(stage, { commonName: 'db1', names: 'DNS:db1' });
      await putRoot(stage);
    },
    env: (stage) => ({ PGSSLMODE: 'verify-full', PGSSLROOTCERT: join(stage.place.folder, 'root.crt') }),
  },
  {
    rule: 'tls/certificate-expired',
    fault: async (stage) => {
      await turnOnTls(stage, { days: -1 });
      await putRoot(stage);
    },
    env: (stage) => ({ PGSSLMODE: 'verify-ca', PGSSLROOTCERT: join(stage.place.folder, 'root.crt') }),
    byHand: async (_step, stage) => {
      await installCertificate(stage, { days: 10 });
      await putRoot(stage);
    },
  },
  {
    rule: 'tls/client-key-permissions',
    fault: async (stage) => {
      const { certificate, key } = await turnOnTls(stage, {});
      for (const [from, to] of [
        [certificate, 'client.crt'],
        [key, 'client.key'],
      ] as const)
        await stage.place.run('install', ['-m', '0644', from, join(stage.place.folder, to)]);
    },
    env: ({ place }) => ({
      PGSSLMODE: 'require',
      PGSSLCERT: join(place.folder, 'client.crt'),
      PGSSLKEY: join(place.folder, 'client.key'),
    }),
  },
];

interface CertificateOptions {
  readonly commonName?: string;
  readonly names?: string;
  readonly days?: number;
}

const roots = new Map<Stage['primary'], string>();

/** Gives the primary a certificate of an authority of our own, and turns TLS on. */
export async function turnOnTls(stage: Pick<Stage, 'primary'>, options: CertificateOptions) {
  const issued = await installCertificate(stage, options);
  const { server } = stage.primary;
  await server.configure({ ssl: 'on' });
  await server.reload();
  return issued;
}

export async function installCertificate(
  stage: Pick<Stage, 'primary'>,
  { commonName = '127.0.0.1', ...options }: CertificateOptions,
) {
  const { server } = stage.primary;
  const authority = await anAuthority('Example CA', server.runAs);
  roots.set(stage.primary, authority.certificate);
  const issued = await authority.issue('server', { commonName, ...options });
  for (const [from, to] of [
    [issued.certificate, 'server.crt'],
    [issued.key, 'server.key'],
  ] as const)
    await server.run('install', ['-m', '0600', from, join(server.dataDirectory, to)]);
  return issued;
}

const putRoot = async ({ primary, place }: Stage): Promise<void> => putRootInto(primary, place.folder);

/** The certificate of the authority that the primary's is from, as root.crt in that folder. */
export async function putRootInto(primary: Stage['primary'], folder: string): Promise<void> {
  const root = join(folder, 'root.crt');
  await copyFile(roots.get(primary) ?? '', root);
  await chmod(root, 0o644);
}

/** Something that listens and speaks HTTP. */
export async function aWebServer(): Promise<number> {
  const http = createServer((_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  afterwards(async () => {
    http.closeAllConnections();
    http.close();
  }, 'file');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A port whose queue of connections is full and that nobody serves: the kernel drops what comes, as a firewall would. */
export async function aPortThatDrops(): Promise<number> {
  const program = `
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  afterwards(async () => {
    child.kill('SIGKILL');
  }, 'file');
  const listening = await new Promise<number>((resolve) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
  });
  child.kill('SIGSTOP');
  const waiting = [1, 2, 3].map(() => connect(listening, '127.0.0.1').on('error', () => undefined));
  afterwards(async () => {
    for (const socket of waiting) socket.destroy();
  }, 'file');
  await new Promise((resolve) => {
    setTimeout(resolve, 200);
  });
  return listening;
}
