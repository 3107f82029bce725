import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { anAuthority } from '../live/certificates.ts';
import type { Authority, Issued } from '../live/certificates.ts';
import type { Primary } from '../lab/primary.ts';
import { changeConninfo, notStreaming, own, quick } from './pair-acts.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';
import type { Scenario } from './scenario.ts';

const authorities = new Map<Primary, Authority>();

async function authorityOf(primary: Primary): Promise<Authority> {
  const authority = authorities.get(primary) ?? (await anAuthority('Example CA', primary.server.runAs));
  authorities.set(primary, authority);
  return authority;
}

async function certify(primary: Primary, file: string): Promise<Issued> {
  const { server } = primary;
  const issued = await (await authorityOf(primary)).issue(file, { commonName: '127.0.0.1', days: 400 });
  await install(server, issued.certificate, join(server.dataDirectory, 'server.crt'));
  await install(server, issued.key, join(server.dataDirectory, 'server.key'));
  await server.configure({ ssl: 'on' });
  await server.reload();
  return issued;
}

const install = async (server: ThrowawayServer, from: string, to: string): Promise<unknown> =>
  server.run('install', ['-m', '0600', from, to]);

async function verifyWith(stage: PairStage, list: string): Promise<void> {
  const { standby, primary } = stage;
  const authority = await authorityOf(primary);
  const [root, crl] = [join(standby.folder, 'root.crt'), join(standby.folder, 'root.crl')];
  await install(standby, authority.certificate, root);
  await install(standby, list, crl);
  await changeConninfo(
    stage,
    (text) => `${text.replace(/ ?sslmode=\S+/u, '')} sslmode=verify-ca sslrootcert=${root} sslcrl=${crl}`,
  );
}

/** Certificates that are withdrawn, and lists of them that are out of date. */
export const revocationPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'tls/certificate-untrusted',
    name: 'the revocation list has expired',
    pair: { standby: quick },
    fault: async (stage) => {
      await certify(stage.primary, 'server');
      await verifyWith(stage, await (await authorityOf(stage.primary)).revocationList('old', { expired: true }));
    },
    consequences: notStreaming,
    told: async ({ findings }) => expect(findings[0]?.title).toBe('The certificate revocation list has expired'),
    byHand: async (_step, { primary, standby }) => {
      const list = await (await authorityOf(primary)).revocationList('current');
      await install(standby, list, join(standby.folder, 'root.crl'));
    },
  },
  {
    rule: 'tls/certificate-untrusted',
    name: "the server's certificate is revoked",
    pair: { standby: quick },
    fault: async (stage) => {
      const revoked = await certify(stage.primary, 'server');
      await verifyWith(stage, await (await authorityOf(stage.primary)).revocationList('current', { revoked }));
    },
    consequences: notStreaming,
    told: async ({ findings }) => expect(findings[0]?.title).toMatch(/ is revoked$/u),
    byHand: async (_step, { primary }) => certify(primary, 'new'),
  },
];

export const revocationScenarios: readonly Scenario[] = [
  {
    rule: 'tls/certificate-untrusted',
    name: 'sslmode=require, and a root certificate below a HOME of its own',
    from: 15,
    fault: async ({ primary, place }) => {
      await certify(primary, 'server');
      const stranger = await anAuthority('Another CA', place.runAs);
      const folder = join(place.folder, '.postgresql');
      await mkdir(folder);
      await own(place, folder);
      await install(place, stranger.certificate, join(folder, 'root.crt'));
    },
    env: ({ place }) => ({ PGSSLMODE: 'require', HOME: place.folder }),
    byHand: async (step, { primary, place }) => {
      if (step.on === 'primary') return;
      expect(step.text).toContain(join(place.folder, '.postgresql', 'root.crt'));
      const authority = await authorityOf(primary);
      await install(place, authority.certificate, join(place.folder, '.postgresql', 'root.crt'));
    },
  },
];
