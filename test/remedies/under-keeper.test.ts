import { describe, expect, it } from 'vitest';

import type { Manager } from '../../src/facts/manager.ts';
import { seen } from '../../src/facts/observed.ts';
import type { Remedy, Step } from '../../src/findings/report.ts';
import { reload, safe, shell, sql } from '../../src/remedies/remedy.ts';
import { throughManager } from '../../src/remedies/through-manager.ts';

const pod: Manager = { kind: 'cloudnative-pg', cluster: 'shop', member: 'shop-2' };
const keeper: Manager = { kind: 'stolon', cluster: undefined, member: undefined };
const bitnami: Manager = { kind: 'bitnami', cluster: undefined, member: undefined };
const node: Manager = { kind: 'pg_auto_failover', directory: '/data', runs: true };

const edited = (file: string, text: string): Step => ({
  ...shell('standby', `edit ${file}`, 'edit-file', file),
  edit: { file, copy: `${file}.before`, changes: [{ act: 'append', text }] },
});
const start = safe('start it', shell('standby', 'pg_ctl start', 'start'));
const signal = safe('make it', shell('standby', 'touch /data/standby.signal', 'make-file'), ...start.steps);
const copy = safe('copy it', shell('standby', 'pg_basebackup', 'copy'), ...start.steps);
const hba = safe('add it', edited('/data/pg_hba.conf', 'host replication r all scram-sha-256'), reload('primary'));
const set = safe('set it', sql('primary', "ALTER SYSTEM SET wal_keep_size = '1GB';", 'set-configuration'));
const role = safe('grant it', sql('primary', 'ALTER ROLE r REPLICATION;', 'change-role'));

describe('what writes the configuration at each start', () => {
  it.each<[string, Manager, Remedy, RegExp]>([
    ['a start in a pod', pod, start, /kubectl delete pod shop-2/u],
    ['standby.signal in a pod', pod, signal, /kubectl delete pod shop-2/u],
    ['a copy in a pod', pod, copy, /kubectl cnpg destroy shop shop-2/u],
    [
      'a setting in a pod',
      pod,
      set,
      /edit cluster shop\), set wal_keep_size to '1GB' in spec\.postgresql\.parameters/u,
    ],
    ['an entry in a pod', pod, hba, /add "host replication r all scram-sha-256" to spec\.postgresql\.pg_hba/u],
    ['a start by Stolon', keeper, start, /Restart stolon-keeper/u],
    ['a copy by Stolon', keeper, copy, /move the data directory aside, and start stolon-keeper/u],
    ['a setting of Stolon', keeper, set, /stolonctl update --patch\), set .* in pgParameters/u],
    ['a setting of Bitnami', bitnami, set, /in a file in \/bitnami\/postgresql\/conf\/conf\.d/u],
    ['a start by pg_autoctl', node, start, /Restart pg_autoctl, .*: pg_autoctl run --pgdata \/data\.$/u],
    ['standby.signal of pg_autoctl', node, signal, /Restart pg_autoctl/u],
    ['a copy by pg_autoctl', node, copy, /pg_autoctl drop node --pgdata \/data, move the directory aside/u],
  ])('%s', (_, manager, remedy, expected) => {
    const { steps } = throughManager(remedy, { manager: seen(manager, 'a file') });
    expect(steps.map(({ text }) => text)).toEqual([expect.stringMatching(expected)]);
    // a person types it: --fix takes no sentence
    expect(steps.map(({ kind }) => kind)).toEqual(['manual']);
  });

  it.each<[string, Manager, Remedy]>([
    ['a role', pod, role],
    ['a start of a container', bitnami, start],
    ['a setting beside pg_autoctl', node, set],
    ['an entry beside pg_autoctl', node, hba],
  ])('%s stays as it is', (_, manager, remedy) => {
    expect(throughManager(remedy, { manager: seen(manager, 'a file') })).toEqual(remedy);
  });
});
