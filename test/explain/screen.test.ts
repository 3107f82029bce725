import { describe, expect, it } from 'vitest';

import { answers } from '../../src/explain/answers.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { explanationsText } from '../../src/report/explanation-text.ts';
import { shapesIn } from '../../src/explain/shapes.ts';
import { explained } from './explained.ts';

const [rows, columns] = [24, 80];

/** The format with values as they occur. */
const rendered = (format: string): string =>
  format
    .replace(/^%s: /u, '')
    .replaceAll(/%X\/%(?:08)?X/gu, '0/3000148')
    .replaceAll(/%m/gu, 'Permission denied')
    .replaceAll(/%s/gu, 'node_7')
    .replaceAll(/%[-0-9.]*(?:ll|l|z)?[duxXc]/gu, '7')
    .replaceAll('%%', '%');

/** A command longer than the screen is wide takes several rows. */
const rowsOf = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);

describe('one message takes one screen', () => {
  it('of 24 rows and 80 columns', async () => {
    const { messages } = await messageCatalogue();
    const texts = [
      ...messages
        .filter(({ entry }) => entry.part === undefined && !entry.generic)
        .map(({ entry }) => `${entry.severity ?? 'ERROR'}:  ${rendered(entry.format)}`),
      ...answers.withWords.map(({ says }) => rendered(says)),
    ];
    const long = new Map<string, string>();
    for (const text of texts) {
      const [first] = await explained(text);
      if (first === undefined) continue;
      const lines = explanationsText([first], columns);
      if (rowsOf(lines) > rows) long.set(first.means, `${String(rowsOf(lines))}: ${lines.join('\n')}`);
    }
    expect(texts.length).toBeGreaterThan(1000);
    expect([...long.values()]).toEqual([]);
  }, 120_000);
});

describe('several parts of a setup take one screen', () => {
  const parts = [
    'wal_level = minimal\nmax_wal_senders = 0\nhot_standby = off\nfsync = off\nfull_page_writes = off',
    'Filesystem      Size  Used Avail Use% Mounted on\n/dev/vdb        80G   80G     0 100% /srv/pg\n/dev/vdc        9G   9G     0 100% /srv/log',
    'LISTEN 0 244 127.0.0.1:5432 0.0.0.0:* users:(("postgres",pid=31,fd=6))',
    'host all mirror 10.0.0.0/24 md5\nhost replication mirror 10.0.0.0/99 md5',
    'drwxr-xr-x 19 root     root      4096 Jan  1 10:00 .\n-rw-------  1 postgres postgres     3 Jan  1 10:00 PG_VERSION\ndrwx------  3 postgres postgres  4096 Jan  1 10:00 pg_wal\ndrwx------  3 postgres postgres  4096 Jan  1 10:00 base',
    ' slot_name | active | wal_status\n-----------+--------+------------\n s1        | f      | lost\n s2        | f      | extended\n(2 rows)',
  ];

  it('of 40 rows, with what shows a fault', () => {
    const lines = explanationsText(shapesIn(parts.join('\n\n')), columns);
    expect(rowsOf(lines)).toBeLessThanOrEqual(40);
    expect(lines.join('\n')).toContain('is lost');
    expect(lines.join('\n')).toContain('100 % full');
  });
});

describe('two lines of one message', () => {
  it('are told once', async () => {
    const pasted = [
      'Both are in one compose file.',
      '',
      'copy_1  | 2031-05-06 07:08:09.100 UTC [61] FATAL:  could not connect to the primary server: connection to server at "localhost" (127.0.0.1), port 5434 failed: Connection refused',
      'copy_1  | \t\tIs the server running on that host and accepting TCP/IP connections?',
      '',
      'postgresql.auto.conf:',
      "primary_conninfo = 'user=copier host=localhost port=5434'",
    ].join('\n');
    const text = explanationsText(await explained(pasted), 80).join('\n');
    expect(text).toContain('looks for its primary on its own machine');
    expect(text).not.toContain('another cause');
  });
});
