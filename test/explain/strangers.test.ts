import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { isAnswer } from '../../src/explain/explanation.ts';
import { explained } from './explained.ts';

/** What the log of every server has that applications and strangers use. */
const noise = [
  `@ [901] scan@postgres FATAL:  password authentication failed for user "scan"
@ [901] scan@postgres DETAIL:  Role "scan" does not exist.`,
  '@ [902] [unknown]@[unknown] FATAL:  unsupported frontend protocol 0.0: server supports 3.0 to 3.0',
  `@ [903] web@shop ERROR:  permission denied for table invoices
@ [903] web@shop STATEMENT:  SELECT * FROM invoices`,
];

const folder = fileURLToPath(new URL('../../fixtures/messages/', import.meta.url));
const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Z]+(?= \[)/gmu;

const logs = readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .flatMap((file) =>
    readFileSync(`${folder}${file}`, 'utf8')
      .split(/^#### /mu)
      .slice(1),
  )
  .map((part) => ({
    name: /^\S+/u.exec(part)?.[0] ?? '',
    text: `${part.slice(part.indexOf('\n') + 1).trimEnd()}\n`,
  }))
  // of a session themselves
  .filter(({ text }) => text.search(time) === 0 && !/ \w+@\w+ (?:FATAL|ERROR|LOG):/u.test(text));

it('what applications and strangers meet does not hide what happened to the server', async () => {
  expect(logs.length).toBeGreaterThan(100);
  const topOf = async (text: string): Promise<string | undefined> => (await explained(text)).find(isAnswer)?.means;
  const hidden: string[] = [];
  for (const { name, text } of logs) {
    const alone = (await explained(text)).find(isAnswer);
    if (alone === undefined || alone.over || alone.kind === 'course') continue;
    const times = text.match(time) ?? [''];
    for (const one of noise) {
      const before = `${one.replaceAll('@ ', `${times[0]} `)}\n${text}`;
      const after = `${text}${one.replaceAll('@ ', `${times.at(-1)} `)}\n`;
      if ((await topOf(before)) !== alone.means) hidden.push(`${name}: before`);
      if ((await topOf(after)) !== alone.means) hidden.push(`${name}: after`);
    }
  }
  expect(hidden).toEqual([]);
}, 120_000);
