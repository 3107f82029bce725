import { expect, it } from 'vitest';

import { linesOf } from '../../src/derived/hba-entry-lines.ts';
import { parseHbaText } from '../rules/hba-text.ts';

it.each([
  ['one line', { line: 97, endLine: 97 }, [97]],
  ['three lines', { line: 97, endLine: 99 }, [97, 98, 99]],
  ['one whose end is not known', { line: 97, endLine: 0 }, [97]],
])('an entry of %s', (_, entry, lines) => expect(linesOf(entry)).toEqual(lines));

it('backslashes continue it', () => {
  const text = '# nothing\nhost replication \\\n repl \\\n all md5\nhost all all all md5\n';
  expect(parseHbaText('/data/pg_hba.conf', text).map(linesOf)).toEqual([[2, 3, 4], [5]]);
});
