import type { Patroni, Repmgr, RepmgrRecord } from '../../../src/facts/manager.ts';

export const aRepmgrNode = (change: Partial<Repmgr> = {}): Repmgr => ({
  kind: 'repmgr',
  configFile: '/etc/repmgr.conf',
  node: 2,
  name: 'db2',
  conninfo: { host: 'db2', user: 'repmgr', dbname: 'repmgr' },
  runs: true,
  automatic: true,
  ...change,
});

export const aRecord = (change: Partial<NonNullable<RepmgrRecord['node']>> = {}): RepmgrRecord => ({
  node: {
    active: true,
    type: 'standby',
    upstream: { name: 'db1', host: 'db1', port: '5432', isPrimary: true, primary: 1 },
    follows: true,
    ...change,
  },
});

export const aPatroniMember = (change: Partial<Patroni> = {}): Patroni => ({
  kind: 'patroni',
  operator: undefined,
  cluster: 'shop',
  member: 'db2',
  configFile: '/etc/patroni/config.yml',
  runs: true,
  paused: false,
  writesHba: true,
  hba: undefined,
  ttlSeconds: 30,
  state: { unlocked: false, storeSilentSeconds: 4 },
  ...change,
});
