import { describe, expect, it } from 'vitest';

import { meanings } from '../../src/diagnosis/first-cause.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { knows, recognise, wordsOf } from '../../src/rules/recognise.ts';

const messages = await messageCatalogue();
const rulesOf = (line: string): readonly string[] => recognise(line, catalogue, messages).map(({ rule }) => rule.id);

describe('recognise', () => {
  it.each([
    [
      'FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "replicator", no encryption',
      'hba/no-replication-entry',
    ],
    [
      'pg_basebackup: error: connection to server at "db1" (10.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "replicator"',
      'role/wrong-password',
    ],
    [
      '2026-11-21 20:00:02.000 UTC [18] replicator@[unknown] ERROR:  replication slot "standby1" does not exist',
      'slot/missing',
    ],
    ['pg_basebackup: error: directory "/var/lib/postgresql/data" exists but is not empty', 'target/not-empty'],
    ['FATAL:  must be superuser or replication role to start walsender', 'role/no-replication'],
    ['pg_basebackup: error: --create-slot needs a slot to be specified using --slot', 'command/options-conflict'],
    // as a letter quotes it
    ['“only tar mode   backups can be compressed”', 'command/options-conflict'],
  ])('%s', (line, rule) => {
    expect(rulesOf(line)[0]).toBe(rule);
  });

  it.each(['', 'LOG:  checkpoint complete: wrote 3 buffers', 'FATAL:  role "postgres" is not permitted', 'SELECT 1;'])(
    'knows nothing of "%s"',
    (line) => {
      expect(rulesOf(line)).toEqual([]);
    },
  );

  it('meets messages in the form that lines are brought to', () => {
    const said = catalogue.flatMap((rule: AnyRule) => wordsOf(rule, messages));
    expect(said.filter((part) => /[“”„«»‘’]|\s\s|[^\S ]/u.test(part))).toEqual([]);
  });

  it('names a message of PostgreSQL by its name in the catalogue, and has no words of its own for it', () => {
    const speaking = [...catalogue, ...meanings].map((one: Pick<AnyRule, 'messages' | 'says'>) => one);
    const named = speaking.flatMap(({ messages: ids = [] }) => ids);
    expect(named.filter((id) => messages.entry(id) === undefined)).toEqual([]);
    const twice = speaking
      .flatMap(({ says = [] }) => says)
      .flatMap((words) =>
        messages.messages
          .filter(({ entry: { format } }) => knows([words], format))
          .map(({ entry }) => `"${words}" is ${entry.id}`),
      );
    expect(twice).toEqual([]);
  });

  it('ends on a line that is made to be slow', () => {
    const startedAt = performance.now();
    recognise('replication slot "'.repeat(5_000), catalogue, messages);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
