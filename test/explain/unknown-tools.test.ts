import { describe, expect, it } from 'vitest';

import { explained } from './explained.ts';

/** Errors that no catalogue has, in the form of each tool's log. */
const logged: Readonly<Record<string, (error: string) => string>> = {
  repmgr: (error) => `[2025-03-04 05:06:07] [ERROR] ${error} repmgr`,
  patroni: (error) =>
    `2025-03-04 05:06:07,123 ERROR: ${error}\n2025-03-04 05:06:08,123 INFO: Lock owner: db1; I am db2`,
  patronictl: (error) => `$ patronictl reinit shop db2\nError: ${error}`,
  barman: (error) => `2025-03-04 05:06:07,123 [77] barman.server ERROR: ${error}`,
  pgbackrest: (error) => `2025-03-04 05:06:07.123 P00  ERROR: [199]: ${error}`,
  pgpool: (error) => `2025-03-04 05:06:07.123: main pid 77: ERROR:  ${error}`,
  pg_auto_failover: (error) => `05:06:07 77 ERROR ${error}\n05:06:07 77 INFO  pg_autoctl goes on`,
  'pg_auto_failover before 1.4': (error) => `05:06:07 ERROR ${error}\n05:06:07 INFO  pg_autoctl goes on`,
};

const about: readonly (readonly [error: string, subject: string])[] = [
  ['the frobnicator did not connect at its peer', 'about a connection'],
  ['frobnicated the slot in vain', 'about a replication slot'],
  ['frobnicator: both timelines frobnicated', 'histories that separated'],
  ['frobnication needs more privileges', 'about a right'],
  ['frobnicator promotion frobnicated', 'starting, stopping or promoting'],
  ['frobnicator got an unknown option', 'what the tool was told'],
];

describe('an error of a tool that is not known', () => {
  for (const [tool, line] of Object.entries(logged))
    it.each(about)(`says what it is about: ${tool}, %s`, async (error, subject) => {
      const [first] = await explained(line(error));
      expect(first?.names[0]).toMatch(/^unknown-of-/u);
      expect(first?.means).toContain('does not know');
      expect(first?.text).toContain(error);
      expect(first?.text).not.toMatch(/05:06:07|ERROR/u);
      expect(first?.candidates[0]?.cause).toContain(subject);
    });

  it('says where more is told where its words tell nothing', async () => {
    const [first] = await explained('[2025-03-04 05:06:07] [ERROR] repmgr frobnicated');
    expect(first?.candidates[0]?.cause).toContain('DETAIL and HINT');
  });
});
