import { describe, expect, it } from 'vitest';

import { answers } from '../../src/explain/answers.ts';
import { standsBeside } from '../../src/explain/weighing/conditions.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';

/** Words that conditions look for, as somebody might call a slot, a role or a database. */
const names = [
  'idle',
  'catalog',
  'wal_level',
  'conflicted',
  'backup',
  'pgbackrest',
  'barman-wal-archive',
  'psql',
  'pg_basebackup',
  'COPY',
  'WAL stream',
  'snapshot',
  'logical',
  'Permission denied',
];

const ofNames = /\b(slot|user|role|database) "%s"/u;
const around = { tools: new Set<never>(), paste: '' };

describe('what something is called does not choose the answer', () => {
  it('in every message that names a slot, a role or a database', async () => {
    const { formats } = await messageCatalogue();
    const named = formats.filter(({ format }) => ofNames.test(format));
    expect(named.length).toBeGreaterThan(40);
    const changed = named.flatMap(({ format, entry }) => {
      const said = (name: string): string => format.replace(ofNames, `$1 "${name}"`);
      const plain = answers.of(entry(), said('abc'), around);
      return names.filter((name) => answers.of(entry(), said(name), around) !== plain).map((name) => said(name));
    });
    expect(changed).toEqual([]);
  });
});

describe('what stands beside a message', () => {
  const missing = /Role "(?<role>[^"]*)" does not exist/u;

  it.each([
    ['its own role', 'for user "a"', 'DETAIL:  Role "a" does not exist.', true],
    ['another role', 'for user "a"', 'DETAIL:  Role "b" does not exist.', false],
    ['one of several', 'for user "a"', 'Role "b" does not exist. Role "a" does not exist.', true],
    ['nothing', 'for user "a"', '', false],
  ])('%s', (_, context, paste, stands) => {
    expect(standsBeside(missing, context, paste)).toBe(stands);
  });

  it('needs no name where the condition has none', () => {
    expect(standsBeside(/pgpass/u, 'for user "a"', 'the line is in .pgpass')).toBe(true);
  });
});
