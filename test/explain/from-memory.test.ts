import { expect, it } from 'vitest';

import { answers } from '../../src/explain/answers.ts';
import { knownPhrases } from '../../src/explain/phrases/known.ts';
import { tokensOf } from '../../src/explain/phrases/phrase-words.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { explained } from './explained.ts';

const messages = await messageCatalogue();
const known = knownPhrases(messages, answers);

/** Those that a standby's owner meets, with words enough to be told by. */
const weighty = messages.formats
  .map(({ format, entry }) => ({ format, entry: entry() }))
  .filter(({ entry }) => entry.matters === 5 && entry.part === undefined && !entry.generic)
  .map(({ format, entry }) => ({
    name: entry.variantOf ?? entry.id,
    words: tokensOf(format).filter((word) => word !== '*' && word.length > 2),
  }))
  .filter(({ words }) => words.length >= 6);

/** As people tell it: the end before the beginning, a word left out, a letter lost. */
const retellings: readonly (readonly [how: string, told: (words: readonly string[]) => readonly string[]])[] = [
  ['the end before the beginning', (words) => [...words.slice(3), 'where', ...words.slice(0, 3)]],
  ['with other words between', (words) => words.flatMap((word, index) => (index % 3 === 1 ? ['the', word] : [word]))],
  [
    'a letter of the longest word lost',
    (words) => {
      const longest = words.toSorted((a, b) => b.length - a.length)[0] ?? '';
      return words.map((word) => (word === longest ? `${word.slice(0, 4)}${word.slice(5)}` : word));
    },
  ],
];

it.each(retellings)('a message is found by its words: %s', (_, told) => {
  expect(weighty.length).toBeGreaterThan(80);
  const missed = weighty.filter(({ name, words }) => {
    const found = known.rememberedIn(`The standby says that ${told(words).join(' ')}`).slice(0, 4);
    return !found.some(({ of: { entry, answer } }) =>
      [entry?.variantOf, entry?.id, ...(answer?.of ?? [])].includes(name),
    );
  });
  expect(missed.length / weighty.length, missed.map(({ name }) => name).join(', ')).toBeLessThan(0.1);
});

it.each([
  [
    'requested-wal-removed',
    'The log of the standby says something like "the WAL segment I ask for was already removed".',
  ],
  [
    'system-identifier-differs',
    'It was about a database system identifier that is different between primary and standby.',
  ],
  [
    'timeline-not-in-history',
    'After the failover the standby said that its timeline was not in the history of the server, what should I do?',
  ],
  [
    'requested-wal-removed',
    'Everything is fine on the primary. The standby keeps saying that the WAL segment it asks for was already removed.',
  ],
  ['auth-password-failed', 'FATAL: pasword authentification failed for user replicator'],
  [
    'walreceiver-timeout',
    'The walreceiver was terminated because of a timeout (no copy of the line, I do not have it).',
  ],
  ['slot-does-not-exist', "The standby keeps saying that replication slot node_b doesn't exist"],
])('%s', async (message, text) => {
  const [first] = await explained(text);
  expect(first?.names).toContain(message);
  expect(first?.confidence).not.toBe('high');
});

it('takes the name at the end for the role', async () => {
  const [first] = await explained('FATAL: pasword authentification failed for user copy_user');
  expect(first?.means).toContain('role copy_user');
});

it.each([
  'The system identifier of the database is the same on the primary and the standby.',
  'How do I connect the standby to the primary server?',
  'No password authentication is needed for the replication user on the standby.',
  'Is it normal that a replication slot is active for a PID on the primary?',
  'I have read that the WAL segment was already removed where max_slot_wal_keep_size is exceeded.',
  'In the course they showed a standby whose requested WAL segment had already been removed.',
  'Suppose the requested starting point is ahead of the WAL flush position of the server. What happens?',
  'It is documented that WAL generated with wal_level=minimal cannot continue recovering.',
  'In two years the WAL segment that the standby requests could already be removed.',
  'The check passes: no pg_hba.conf entry is missing for the replication connection from that host.',
  "Our monitoring shows that the standby's recovery conflict count is 0 and no statement was canceled.",
  'The number of replication slots is enough, all are in use by standbys.',
  'The old standby had a replication slot that did not exist on the new primary. We created it. All is well.',
  "The standby streams and the replication slot is active for the standby's PID.",
  'We removed the WAL segment that the standby had requested, it had already been replayed.',
  'The tablespace directory exists on the standby and is not empty, as needed.',
  '2024-05-02 09:10:11,400 INFO: pg_rewind exit code=0 on the standby',
])('remembers nothing: %s', async (text) => {
  expect((await explained(text)).filter(({ kind }) => kind !== 'course')).toEqual([]);
});

it('a line of the server that is quoted in a sentence is not remembered as another one', async () => {
  const lines = ['0F1', '0F2'].map((n) => `LOG: restored log file "0000000500000A1200000${n}" from archive`);
  const found = await explained(
    `My standby is 300 GB behind, the log repeats:\n${lines.join('\n')}\nwhy is it not streaming?`,
  );
  expect(found.flatMap(({ names }) => names)).not.toContain('could-not-restore-file');
});
