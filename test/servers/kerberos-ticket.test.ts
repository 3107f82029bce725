import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { localHost } from '../../src/hosts/local.ts';
import { gssapiAsked, gssapiRequired } from '../../src/servers/kerberos-ticket.ts';

const folder = mkdtempSync(join(tmpdir(), 'standbylint-krb5-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ticket = join(folder, 'ticket');
writeFileSync(ticket, '');
const gone = join(folder, 'gone');

it.each([
  ['socket', {}, true],
  ['tcp', { KRB5CCNAME: gone }, true],
  ['tcp', { KRB5CCNAME: `FILE:${gone}` }, true],
  ['tcp', { KRB5CCNAME: ticket }, undefined],
  ['tcp', { KRB5CCNAME: `FILE:${ticket}` }, undefined],
  ['tcp', { KRB5CCNAME: 'KCM:' }, undefined],
  ['tcp', { KRB5CCNAME: `DIR:${gone}` }, undefined],
  ['tcp', { KRB5CCNAME: gone, KRB5_CLIENT_KTNAME: ticket }, undefined],
  ['tcp', { KRB5CCNAME: gone, GSS_USE_PROXY: 'yes' }, undefined],
] as const)('gssencmode=require over %s with %o: impossible %s', async (kind, environment, impossible) => {
  const host = { ...localHost(), platform: 'linux', environment };
  const outcome = await gssapiRequired(host, { kind });
  expect(outcome).toMatchObject({ kind: 'client-stopped', why: 'gssencmode' });
  expect('impossible' in outcome && outcome.impossible).toBe(impossible ?? false);
});

it.each([
  ['gss', { KRB5CCNAME: gone }, true],
  ['gss', { KRB5CCNAME: ticket }, undefined],
  ['gss', { KRB5CCNAME: 'KCM:' }, undefined],
  [undefined, { KRB5CCNAME: gone }, undefined],
] as const)('a line of pg_hba.conf that asks for %s, with %o: impossible %s', async (asks, environment, impossible) => {
  const host = { ...localHost(), platform: 'linux', environment };
  const asked = {
    kind: 'client-stopped',
    why: 'method',
    message: 'it',
    ...(asks === undefined ? {} : { asks }),
  } as const;
  const outcome = await gssapiAsked(host, asked);
  expect('impossible' in outcome && outcome.impossible).toBe(impossible ?? false);
});
