import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { anAuthority } from '../live/certificates.ts';
import type { Primary } from '../lab/primary.ts';
import { changeConninfo, cut, notStreaming, quick, untilRefused } from './pair-acts.ts';
import type { HealthyPair, PairStage, PostmortemScenario } from './postmortem.ts';
import type { HealthySetup } from './healthy.ts';
import type { Scenario, Stage } from './scenario.ts';

const network = '127.0.0.1/32';
const cert = `hostssl replication replicator ${network} cert`;
const everyone = `host all all ${network} scram-sha-256`;
const password = `host replication all ${network} scram-sha-256`;

/** Where a client keeps what an authority of our own issued to it. */
interface Files {
  readonly certificate: string;
  readonly key: string;
}

interface Given {
  /** The CN of the client's certificate; default: the role. */
  readonly commonName?: string;
  readonly days?: number;
  /** The primary does not know the authority of the client's certificate. */
  readonly stranger?: boolean;
}

const clients = new Map<ThrowawayServer, Files>();

/** The primary speaks TLS and checks client certificates; a certificate is in the client's folder, and nobody sends it yet. */
async function giveCertificates(primary: Primary, client: ThrowawayServer, given: Given = {}): Promise<Files> {
  const { server } = primary;
  const authority = await anAuthority('Example CA', server.runAs);
  const other = given.stranger === true ? await anAuthority('Another CA', server.runAs) : authority;
  const ofServer = await authority.issue('server', { commonName: '127.0.0.1', days: 400 });
  const ofClient = await other.issue('client', {
    commonName: given.commonName ?? 'replicator',
    days: given.days ?? 400,
  });
  const inServer = (name: string): string => join(server.dataDirectory, name);
  await install(server, ofServer.certificate, inServer('server.crt'));
  await install(server, ofServer.key, inServer('server.key'));
  await install(server, authority.certificate, inServer('authority.crt'));
  await server.configure({ ssl: 'on', ssl_ca_file: 'authority.crt' });
  await server.reload();
  const files = { certificate: join(client.folder, 'client.crt'), key: join(client.folder, 'client.key') };
  await install(client, ofClient.certificate, files.certificate);
  await install(client, ofClient.key, files.key);
  clients.set(client, files);
  return files;
}

const install = async (server: ThrowawayServer, from: string, to: string): Promise<unknown> =>
  server.run('install', ['-m', '0600', from, to]);

const filesOf = (client: ThrowawayServer): Files => {
  const files = clients.get(client);
  if (files === undefined) throw new Error('this client was given no certificate');
  return files;
};

/** The standby of the pair logs in by its certificate alone, and these lines decide. */
async function byCertificate(stage: PairStage, lines: readonly string[], given?: Given, more = ''): Promise<void> {
  const { primary, standby } = stage;
  const { certificate, key } = await giveCertificates(primary, standby, given);
  await primary.server.writeHba(lines);
  await primary.server.reload();
  const files = `sslcert=${certificate} sslkey=${key}`;
  await changeConninfo(stage, () => `${primary.conninfo} sslmode=require ${files} ${more}`, false);
  await cut(stage);
}

const identFile = ({ server }: Primary): string => join(server.dataDirectory, 'pg_ident.conf');

async function asUsual(stage: PairStage, lines: readonly string[], more: string): Promise<void> {
  const { primary } = stage;
  await giveCertificates(primary, stage.standby);
  await primary.server.writeHba(lines);
  await primary.server.reload();
  await changeConninfo(stage, (text) => `${text.replace(/ ?sslmode=\S+/u, '')} sslmode=require ${more}`, false);
  await untilRefused(stage.standby);
}

/** A person puts a certificate of the role where the finding says. */
async function certify(stage: PairStage, lines: readonly string[]): Promise<void> {
  const { primary, standby } = stage;
  const { certificate, key } = await giveCertificates(primary, standby);
  await primary.server.writeHba(lines);
  await primary.server.reload();
  await changeConninfo(
    stage,
    (text) => `${text.replace(/ ?ssl(?:cert|key)=\S+/gu, '')} sslcert=${certificate} sslkey=${key}`,
    false,
  );
}

export const certificatePostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'hba/shadowed',
    name: 'a password line above the one for the certificate',
    pair: { standby: quick },
    fault: async (stage) => byCertificate(stage, [password, cert, everyone]),
    consequences: notStreaming,
  },
  {
    rule: 'hba/shadowed',
    name: 'an md5 line above the one for the certificate, and a role without a password',
    pair: { standby: quick },
    fault: async (stage) => {
      await stage.primary.server.psql('ALTER ROLE replicator PASSWORD NULL');
      await byCertificate(stage, [password.replace('scram-sha-256', 'md5'), `${cert} map=replication`, everyone], {
        commonName: 'standby1',
      });
    },
    afterSteps: async ({ primary }) => {
      await appendFile(identFile(primary), 'replication standby1 replicator\n');
      await primary.server.reload();
    },
    consequences: notStreaming,
  },
  {
    rule: 'hba/rejected',
    name: 'above the line for the certificate',
    pair: { standby: quick },
    fault: async (stage) => byCertificate(stage, [`host replication all ${network} reject`, cert, everyone]),
    consequences: notStreaming,
    told: async ({ findings }) => demandsCertificate(findings),
  },
  {
    rule: 'hba/no-replication-entry',
    name: 'the line for the certificate is for the address of before',
    pair: { standby: quick },
    fault: async (stage) => byCertificate(stage, [cert.replace('127.0.0.1', '10.0.0.7'), everyone]),
    consequences: notStreaming,
    told: async ({ findings }) => demandsCertificate(findings),
  },
  {
    rule: 'hba/no-user-map',
    name: 'the map has no line for the certificate',
    pair: { standby: quick },
    fault: async (stage) =>
      byCertificate(stage, [`${cert} map=replication`, everyone], { commonName: 'standby1.example.com' }),
    consequences: notStreaming,
  },
  {
    rule: 'hba/no-user-map',
    name: 'a map with a regular expression that does not match',
    pair: { standby: quick },
    fault: async (stage) => {
      await appendFile(identFile(stage.primary), String.raw`replication /^(.*)@example\.com$ \1` + '\n');
      await byCertificate(stage, [`${cert} map=replication`, everyone], { commonName: 'replicator@example.org' });
    },
    consequences: notStreaming,
  },
  {
    rule: 'hba/no-user-map',
    name: 'the whole name of the certificate',
    from: 14,
    pair: { standby: quick },
    fault: async (stage) => {
      await appendFile(identFile(stage.primary), 'replication replicator replicator\n');
      await byCertificate(stage, [`${cert} clientname=DN map=replication`, everyone]);
    },
    consequences: notStreaming,
  },
  {
    rule: 'hba/no-user-map',
    name: 'the right line, and no reload',
    pair: { standby: quick },
    fault: async (stage) => {
      await byCertificate(stage, [`${cert} map=replication`, everyone], { commonName: 'standby1' });
      await appendFile(identFile(stage.primary), 'replication standby1 replicator\n');
    },
    consequences: notStreaming,
  },
  {
    rule: 'hba/no-user-map',
    name: 'the certificate of somebody else beside a password',
    pair: { standby: quick },
    fault: async (stage) => {
      const line = `hostssl replication replicator ${network} scram-sha-256 clientcert=verify-full`;
      await byCertificate(stage, [line, everyone], { commonName: 'alice' }, `password='${stage.primary.password}'`);
    },
    consequences: notStreaming,
    byHand: async (_step, stage) =>
      certify(stage, [`hostssl replication replicator ${network} scram-sha-256 clientcert=verify-full`, everyone]),
  },
  ...(['verify-ca', 'verify-full'] as const).map((value): PostmortemScenario => ({
    rule: 'tls/client-certificate',
    name: `clientcert=${value}, and none is sent`,
    pair: { standby: quick },
    fault: async (stage) =>
      asUsual(
        stage,
        [`hostssl replication replicator ${network} scram-sha-256 clientcert=${value}`, everyone],
        'sslcert=/nowhere/client.crt',
      ),
    consequences: notStreaming,
    byHand: async (_step, stage) =>
      certify(stage, [`hostssl replication replicator ${network} scram-sha-256 clientcert=${value}`, everyone]),
  })),
  {
    rule: 'tls/client-certificate',
    name: 'sslcertmode=disable',
    from: 16,
    pair: { standby: quick },
    fault: async (stage) => byCertificate(stage, [cert, everyone], {}, 'sslcertmode=disable'),
    consequences: notStreaming,
  },
  {
    rule: 'tls/client-certificate',
    name: 'of an authority that the primary does not know',
    pair: { standby: quick },
    fault: async (stage) => byCertificate(stage, [cert, everyone], { stranger: true }),
    consequences: notStreaming,
    byHand: async (step, stage) => (step.on === 'standby' ? certify(stage, [cert, everyone]) : undefined),
  },
  {
    rule: 'tls/client-certificate',
    name: 'it has expired',
    pair: { standby: quick },
    fault: async (stage) => byCertificate(stage, [cert, everyone], { days: -1 }),
    consequences: notStreaming,
    byHand: async (_step, stage) => certify(stage, [cert, everyone]),
  },
  {
    rule: 'tls/client-certificate',
    name: 'the primary has no ssl_ca_file',
    pair: { standby: quick },
    fault: async (stage) => {
      await byCertificate(stage, [cert, everyone]);
      await stage.primary.server.configure({ ssl_ca_file: '' });
      await stage.primary.server.reload();
      await untilRefused(stage.standby);
    },
    consequences: notStreaming,
    byHand: async (_step, { primary: { server } }) =>
      install(server, join(server.dataDirectory, 'authority.crt'), join(server.dataDirectory, 'root.crt')),
  },
];

function demandsCertificate(findings: readonly { readonly remedy?: unknown }[]): void {
  const [first] = findings;
  const printed = JSON.stringify(first?.remedy);
  if (!/hostssl replication replicator 127\.0\.0\.1\/32 cert/u.test(printed))
    throw new Error(`the new entry does not ask for a certificate: ${printed}`);
}

/** Certificates alone, on both sides. */
export const certificatePairs: readonly HealthyPair[] = [
  {
    name: 'client certificates only',
    prepare: async (stage) => {
      const { primary, standby } = stage;
      const { certificate, key } = await giveCertificates(primary, standby);
      await primary.server.writeHba([cert, everyone]);
      await primary.server.reload();
      await changeConninfo(
        stage,
        () => `${primary.conninfo} sslmode=require sslcert=${certificate} sslkey=${key}`,
        false,
      );
      await standby.restart();
    },
  },
  {
    name: 'client certificates only, by a map with a regular expression',
    prepare: async (stage) => {
      const { primary, standby } = stage;
      await appendFile(identFile(primary), String.raw`replication /^(.*)@example\.com$ \1` + '\n');
      const { certificate, key } = await giveCertificates(primary, standby, { commonName: 'replicator@example.com' });
      await primary.server.writeHba([`${cert} map=replication`, everyone]);
      await primary.server.reload();
      await changeConninfo(
        stage,
        () => `${primary.conninfo} sslmode=require sslcert=${certificate} sslkey=${key}`,
        false,
      );
      await standby.restart();
    },
  },
];

const certEnvironment = ({ place }: Stage): Readonly<Record<string, string>> => {
  const { certificate, key } = filesOf(place);
  return { PGSSLMODE: 'require', PGSSLCERT: certificate, PGSSLKEY: key };
};

export const certificateSetups: readonly HealthySetup[] = [
  {
    name: 'client certificates only',
    primary: { hba: [cert] },
    prepare: async ({ primary, place }) => {
      await giveCertificates(primary, place);
    },
    env: async (stage) => certEnvironment(stage),
  },
];

export const certificateScenarios: readonly Scenario[] = [
  {
    rule: 'hba/shadowed',
    name: 'a password line above the one for the certificate',
    primary: { hba: [password, cert], role: { password: null } },
    fault: async ({ primary, place }) => giveCertificates(primary, place),
    env: certEnvironment,
  },
  {
    rule: 'hba/no-user-map',
    name: 'the map has no line for the certificate',
    primary: { hba: [`${cert} map=replication`] },
    fault: async ({ primary, place }) => giveCertificates(primary, place, { commonName: 'standby 1' }),
    env: certEnvironment,
  },
  {
    rule: 'tls/client-certificate',
    name: 'it has expired',
    primary: { hba: [cert] },
    fault: async ({ primary, place }) => giveCertificates(primary, place, { days: -1 }),
    env: certEnvironment,
    byHand: async (_step, { primary, place }) => {
      await giveCertificates(primary, place);
    },
  },
];
