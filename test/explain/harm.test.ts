import { describe, expect, it } from 'vitest';

import { explanations, explanationsAsText } from '../../src/cli/explain.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';

const told = async (text: string) =>
  explanations({ kind: 'text', text }, await messageCatalogue(), new AbortController().signal);

/** What somebody may be about to do, and what has to be said of it first. */
const deeds: readonly (readonly [deed: string, says: string])[] = [
  ['run pg_resetwal on the primary, the standby is fine', 'promote the standby'],
  ['run pg_resetxlog -f', 'Do not run pg_resetwal yet'],
  ['delete the old files in pg_wal', 'Never delete files from pg_wal'],
  ['remove backup_label', 'backup_label stays'],
];
const plans = ['Should I', 'Is it ok to', 'Can we', 'Can I simply'];

/** What a text of this kind has beside it, of which explain knows the cause. */
const logs = [
  '',
  'PANIC:  could not locate a valid checkpoint record',
  '2031-02-03 04:05:06 UTC [9] FATAL:  could not write to file "pg_wal/xlogtemp.9": No space left on device',
  'FATAL:  could not locate required checkpoint record\nHINT:  If you are not restoring from a backup, try removing the file "/srv/pg/backup_label".',
];

describe('what somebody is about to do to data', () => {
  const cases = plans.flatMap((plan) =>
    deeds.flatMap(([deed, says]) => logs.map((log) => [`${plan} ${deed}?`, log, says] as const)),
  );
  it.each(cases)('%s beside "%s"', async (asked, log, says) => {
    for (const text of [`${asked}\n\n${log}\n`, `${log}\n\n${asked}\n`]) {
      const [first, ...more] = await told(text);
      expect(first?.means).toContain(says);
      // what the log says is told as well
      if (log !== '') expect(more.some(({ message }) => message !== null)).toBe(true);
    }
  });

  it.each([
    'The replica is corrupted and does not start. Should I run pg_resetwal there?',
    'Our standby crashed and PANICs at start. Can I use pg_resetwal?',
  ])('is never to promote a standby that is broken itself: %s', async (asked) => {
    const [first] = await told(asked);
    expect(first?.means).toContain('made again by a base backup');
    expect(JSON.stringify(first)).not.toContain('pg_promote');
  });

  it('is never to promote a standby that there is not', async () => {
    const [first] = await told('The primary does not start. There is no standby. Can we use pg_resetwal?');
    expect(first?.means).toContain('Do not run pg_resetwal yet');
    expect(JSON.stringify(first)).not.toContain('pg_promote');
  });

  it.each([
    'The master crashed:\nPANIC:  could not locate a valid checkpoint record\nWe have a replica, it is up. A forum says pg_resetwal -f. Is there an alternative?',
    'PANIC:  could not locate a valid checkpoint record\nThe primary does not start, the replica runs. I read about pg_resetwal. What would you do?',
  ])('may be thought of in several sentences: %s', async (text) => {
    const [first] = await told(text);
    expect(first?.means).toContain('promote the standby');
  });

  it.each([
    "I ran pg_resetwal on the primary last week.\nFATAL:  requested timeline 3 is not a child of this server's history",
    'We will not run pg_resetwal.\nPANIC:  could not locate a valid checkpoint record',
    'PANIC:  could not locate a valid checkpoint record',
    'HINT:  If you are not restoring from a backup, try removing the file "/srv/pg/backup_label".',
  ])('is not what was done, is refused or a program prints: %s', async (text) => {
    const all = await told(text);
    expect(all.filter(({ means }) => /Do not run pg_resetwal|backup_label stays/u.test(means))).toEqual([]);
  });
});

describe('the heading of what a text is answered with', () => {
  it.each([
    ['How do I add a standby to a running primary?', 'Step by step:'],
    ['How do I rotate the password of the replication user without breaking the replicas?', 'Step by step:'],
    ['Is it safe to delete old files in pg_wal?', 'In detail:'],
    ['Can I stream from a PostgreSQL 13 primary to a PostgreSQL 15 standby?', 'In detail:'],
    ['Our standby falls behind the primary more and more.', 'Why, most likely first:'],
  ])('%s', async (asked, heading) => {
    const text = explanationsAsText(await told(asked));
    expect(text).toContain(`  ${heading}\n`);
    if (heading !== 'Why, most likely first:') expect(text).not.toContain('most likely first');
  });
});
