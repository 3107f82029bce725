import { expect, it } from 'vitest';

import { managerText } from '../../src/diagnosis/manager-text.ts';
import type { Manager, Patroni, Repmgr } from '../../src/facts/manager.ts';

const patroni: Patroni = {
  kind: 'patroni',
  operator: undefined,
  cluster: 'shop',
  member: undefined,
  configFile: undefined,
  runs: true,
  paused: false,
  writesHba: true,
  hba: undefined,
  ttlSeconds: 30,
  state: undefined,
};
const repmgr: Repmgr = {
  kind: 'repmgr',
  configFile: '/etc/repmgr.conf',
  node: 2,
  name: 'db2',
  conninfo: {},
  runs: true,
  automatic: true,
};

it.each<readonly [string, Manager]>([
  ['Patroni (cluster shop)', patroni],
  ['Patroni (cluster shop, member db2, paused)', { ...patroni, member: 'db2', paused: true }],
  ["Patroni (of Zalando's operator, cluster shop)", { ...patroni, operator: 'zalando' }],
  ["Patroni (of Crunchy's operator, cluster shop)", { ...patroni, operator: 'crunchy' }],
  ['Patroni (of StackGres, cluster shop)', { ...patroni, operator: 'stackgres' }],
  ['repmgr (node db2, ID 2)', repmgr],
  ['repmgr (node db2, ID 2, repmgrd does not run)', { ...repmgr, runs: false }],
  ['pg_auto_failover', { kind: 'pg_auto_failover', directory: '/data', runs: true }],
  ['pg_auto_failover (pg_autoctl does not run)', { kind: 'pg_auto_failover', directory: '/data', runs: false }],
  ['CloudNativePG (cluster shop, member shop-2)', { kind: 'cloudnative-pg', cluster: 'shop', member: 'shop-2' }],
  ['Stolon (cluster shop)', { kind: 'stolon', cluster: 'shop', member: undefined }],
  ["Bitnami's entrypoint", { kind: 'bitnami', cluster: undefined, member: undefined }],
])('%s', (text, manager) => expect(managerText(manager)).toBe(text));
