import { describe, expect, it } from 'vitest';

import { accountOf } from '../../src/explain/account/account.ts';
import { symptomIn } from '../../src/explain/symptoms.ts';

/** Stories without a message; the first words of what must be said of them. */
const stories: readonly (readonly [means: string, ...told: readonly string[]])[] = [
  [
    'Commits on the primary wait',
    'Whenever we shut down the replica for an update, all INSERTs just sit there. As soon as it is up again they go through. PG 13.',
    'after the replica crashed every COMMIT on the primary hangs. SELECT is fine.',
  ],
  [
    'After a failover each other standby needs',
    'A new primary was promoted by repmgr, but the other replica did not start following it.',
    'After the switchover db3 does not follow db2, it still tries db1.',
  ],
  [
    'Replay on a standby goes before its queries',
    'The nightly export from the read replica gets thrown out after half a minute. On the primary it is fine.',
  ],
  [
    'Where nothing is written on the primary',
    'The lag of our replica climbs all night and drops to zero with the first order in the morning.',
  ],
  [
    'A standby that was away goes on where it stopped',
    'The standby was offline for ten days. Now it is started again, but its data does not get any newer and it does not sync.',
  ],
  [
    'A slot keeps all WAL',
    'pg_replication_slots on the master shows two rows with active = f, and the volume is full again.',
  ],
  [
    'Something outside of PostgreSQL',
    'The replica pod is restarted every 5 minutes while it replays WAL after a crash.',
  ],
  ['Not even a TCP connection', 'telnet to port 5432 of the primary does not connect from the standby.'],
  ['The rows are there', 'Our monitoring user sees one row in pg_stat_replication, with state and client_addr blank.'],
  [
    'That is how asynchronous',
    'We write to the master and then read from the slave, and sometimes the row is not there.',
  ],
  ['The standby catches up', 'The replica is 300 GB behind, and the lag is shrinking slowly. Can I leave it?'],
];

describe('what several sentences tell together', () => {
  it.each(stories.flatMap(([means, ...told]) => told.map((one) => [one, means] as const)))('%s', (told, means) => {
    expect(symptomIn(told)?.means).toContain(means);
  });

  it('gives what a clause says to the things of the clause before, if it names none', () => {
    const { has, denies } = accountOf([
      'The replica was off for a week',
      'It does not catch up, and there are no slots',
    ]);
    expect(has('standby: down')).toBe(true);
    expect(has('standby: behind')).toBe(true);
    expect(denies('slot')).toBe(true);
  });

  it('takes the brackets of a function for a part of its name', () => {
    expect(accountOf(['On the copy pg_is_in_recovery() returns false']).has(': writable')).toBe(true);
  });

  it('does not take what is denied for told', () => {
    const { has, denies } = accountOf(['The primary is not slow']);
    expect(has('primary: slow')).toBe(false);
    expect(denies('primary: slow')).toBe(true);
  });

  it.each([
    'Fixed. The replica was stuck because of a full disk, it catches up now.',
    'This chapter describes how a standby follows its primary, and why a slot may fill the disk.',
    'The runbook lists how to recreate a slot that does not exist and how to rebuild a standby.',
    'We have been running three replicas for years and the slots never filled the disk.',
    'Our replica of the Mona Lisa hangs in the main hall, the old one was removed.',
    'The support team has a secondary contact, please follow up with the primary contact when they do not respond.',
  ])('has nothing to say of "%s"', (told) => {
    expect(symptomIn(told)).toBeUndefined();
  });

  it('says that a text tells no cause, and what would', () => {
    const said = symptomIn('Something is off with our standby, postgres 16. It is not in sync, no idea why.');
    expect(said?.means).toContain('This text does not say the cause');
    expect(said?.candidates.every(({ check }) => check !== null)).toBe(true);
  });
});

it.each([
  [
    'I ran pg_ctl promote on the standby during a test. How do I make it a standby again?',
    'A standby that was promoted is a primary',
  ],
  [
    'After upgrading the OS on the replica from Debian 11 to 12, queries on text indexes return wrong rows on the replica',
    'A text index has the order of the C library',
  ],
])('%s', (text, means) => {
  expect(symptomIn(text)?.means).toContain(means);
});

it('takes an upgrade of the operating system for none of PostgreSQL', () => {
  const said = symptomIn('After upgrading from Debian 11 to 12 the postgres replica does not start');
  expect(said?.means).not.toContain('pg_upgrade');
});

it('warns of pg_resetwal where the sentence denies something else', () => {
  const said = symptomIn("The replica doesn't start after a power loss, somebody says run pg_resetwal -f on it");
  expect(said?.means).toContain('Do not run pg_resetwal on a standby');
});
