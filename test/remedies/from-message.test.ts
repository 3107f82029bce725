import { describe, expect, it } from 'vitest';

import type { MessageValues } from '../../src/postgres/messages/message-format.ts';
import { stepsFromMessage } from '../../src/remedies/from-message.ts';

const added =
  "Add this line to the primary's pg_hba.conf (SHOW hba_file), before any line that rejects the connection:\n";

const told: readonly (readonly [id: string, values: MessageValues, steps: readonly string[]])[] = [
  [
    'no-hba-replication',
    { role: 'rep', host: '10.0.0.7' },
    [`${added}host replication rep 10.0.0.7/32 scram-sha-256`, 'SELECT pg_reload_conf();'],
  ],
  [
    'no-hba-replication',
    { role: 'rep', host: '[local]' },
    [`${added}local replication rep scram-sha-256`, 'SELECT pg_reload_conf();'],
  ],
  [
    'no-hba-replication',
    { role: 'rep', host: '10.0.0.7', encryption: 'SSL encryption' },
    [`${added}hostssl replication rep 10.0.0.7/32 scram-sha-256`, 'SELECT pg_reload_conf();'],
  ],
  [
    'no-hba-replication',
    { role: 'rep', host: '10.0.0.7', encryption: 'GSS encryption' },
    [`${added}hostgssenc replication rep 10.0.0.7/32 scram-sha-256`, 'SELECT pg_reload_conf();'],
  ],
  ['no-hba-replication', { host: '10.0.0.7' }, []],
  [
    'hba-rejects-replication',
    { role: 'rep', host: '10.0.0.7' },
    ['Remove or move the line of pg_hba.conf that rejects rep from 10.0.0.7, then reload.', 'SELECT pg_reload_conf();'],
  ],
  [
    'hba-rejects-replication',
    {},
    ['Remove or move the line of pg_hba.conf that rejects this role, then reload.', 'SELECT pg_reload_conf();'],
  ],
  // other clients use the password; and who does not exist need not be meant to
  ['auth-password-failed', { role: 'rep' }, []],
  ['role-does-not-exist', { role: 'rep' }, []],
  ['role-not-permitted-login', { role: 'Rep"l' }, ['ALTER ROLE "Rep""l" LOGIN;']],
  ['role-not-permitted-login', {}, []],
  ['slot-does-not-exist', {}, []],
  [
    'slot-is-active',
    { slot: 's', pid: '41' },
    [
      'SELECT pid, application_name, client_addr, state FROM pg_stat_replication WHERE pid = 41;',
      'If that connection is dead, end it: SELECT pg_terminate_backend(41); otherwise give each standby its own slot.',
    ],
  ],
  ['slot-is-active', { slot: 's' }, []],
  ['data-dir-invalid-permissions', { directory: "/srv/it's" }, [`chmod 0700 '/srv/it'\\''s'`]],
  ['data-dir-invalid-permissions', {}, []],
  ['libpq-pgpass-perms', { file: '/root/.pgpass' }, ['chmod 0600 /root/.pgpass']],
  ['libpq-pgpass-perms', {}, []],
  [
    'recovery-aborted-params',
    { parameter: 'max_connections', primaryValue: '200' },
    ['Add this line to postgresql.conf of the standby, then start it again:\nmax_connections = 200'],
  ],
  ['hot-standby-not-possible', { parameter: 'max_connections' }, []],
  ['a-message-without-steps', { role: 'rep', slot: 's' }, []],
];

describe('the steps that a message itself tells', () => {
  it.each(told)('%s %j', (id, values, steps) => {
    expect(stepsFromMessage(id, values).map(({ text }) => text)).toEqual(steps);
  });

  it.each([['slot-does-not-exist', { slot: 's1' }, "pg_create_physical_replication_slot('s1'"]])(
    '%s %j: one step on the primary',
    (id, values, words) => {
      const steps = stepsFromMessage(id, values);
      expect(steps).toHaveLength(1);
      expect(steps[0]?.on).toBe('primary');
      expect(steps[0]?.text).toContain(words);
    },
  );
});
