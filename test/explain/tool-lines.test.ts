import { describe, expect, it } from 'vitest';

import { answers } from '../../src/explain/answers.ts';
import { answersOfToolLines, toolLines } from '../../src/explain/tool-lines/table.ts';
import { explained } from './explained.ts';

/** How each tool logs, and what the names of answers about it begin with. */
const tools: Readonly<Record<string, { readonly line: (said: string) => string; readonly names: RegExp }>> = {
  repmgr: { line: (said) => `[2025-03-04 05:06:07] [ERROR] ${said}`, names: /^repmgr/u },
  pg_auto_failover: { line: (said) => `05:06:07 77 ERROR ${said}`, names: /^pg-?a/u },
  patroni: { line: (said) => `2025-03-04 05:06:07,123 ERROR: ${said}\npatroni goes on`, names: /^patroni/u },
  barman: { line: (said) => `2025-03-04 05:06:07,123 [77] barman.server ERROR: ${said}`, names: /^barman/u },
  pgbackrest: { line: (said) => `2025-03-04 05:06:07.123 P00  ERROR: [199]: ${said}`, names: /^pgbackrest/u },
  pgpool: { line: (said) => `2025-03-04 05:06:07.123: main pid 77: ERROR:  ${said}`, names: /^pgpool/u },
  pgbouncer: { line: (said) => `2025-03-04 05:06:07.123 UTC [77] ERROR ${said}`, names: /^pgbouncer/u },
  pacemaker: { line: (said) => `Mar  4 05:06:07 db2 pgsqlms(pgsqld)[77]: ERROR: ${said}`, names: /^paf/u },
  'logical replication': { line: (said) => `ERROR:  ${said}\nLOG:  pglogical apply 5:7`, names: /^pglogical/u },
  pg_probackup: { line: (said) => `ERROR: ${said}\nINFO: pg_probackup`, names: /^probackup/u },
  stolon: {
    line: (said) => `2025-03-04T05:06:07.123+0100\tERROR\tcmd/keeper.go:777\t${said}\t{"db": "e7c1"}`,
    names: /^stolon/u,
  },
  'wal-g': { line: (said) => `ERROR: 2025/03/04 05:06:07.123456 ${said}\nwal-g`, names: /^wal-g/u },
  'cloudnative-pg': { line: (said) => `{"level":"error","msg":"${said}","logging_pod":"shop-1"}`, names: /^cnpg/u },
};

const filled = (format: string): string =>
  format
    .replaceAll(/%X\/%(?:08)?X/gu, '0/3000060')
    .replaceAll('%m', 'Input/output error')
    .replaceAll(/%[dui]/gu, '7')
    .replaceAll('%s', 'shop7');

it('has each answer for some line, each line an answer, and no name twice', () => {
  const used = new Set(toolLines.map(({ answer }) => answer.id));
  expect(answersOfToolLines.filter(({ id }) => !used.has(id))).toEqual([]);
  const ids = [...answersOfToolLines, ...answers.all].flatMap(({ id }) => id ?? []);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place && answersOfToolLines.some((one) => one.id === id));
  expect(twice).toEqual([]);
});

describe('what the sources of the tools print, with values', () => {
  for (const [tool, { line, names }] of Object.entries(tools))
    it(`is known, and as nothing of another program: ${tool}`, async () => {
      const own = toolLines.filter((one) => one.tool === tool);
      expect(own.length).toBeGreaterThan(15);
      const other: string[] = [];
      let known = 0;
      for (const { format } of own) {
        const name = (await explained(line(filled(format))))[0]?.names.at(-1);
        if (name !== undefined && !name.startsWith('unknown-of-')) known += 1;
        // what the message carries, as errno's words, is PostgreSQL's own
        if (name?.startsWith('unknown-of-') === false && !names.test(name) && !carriesAnother(format))
          other.push(`${format}: ${name}`);
      }
      expect({ tool, other }).toEqual({ tool, other: [] });
      expect(known / own.length).toBeGreaterThanOrEqual(0.95);
    }, 120_000);
});

const carriesAnother = (format: string): boolean => /%m/u.test(format);

it('calls nothing ordinary that says that it failed', () => {
  const ordinary = toolLines.filter(({ answer }) => /needs no attention|reports what it does/u.test(answer.means));
  expect(ordinary.length).toBeGreaterThan(300);
  expect(
    ordinary.flatMap(({ format }) =>
      /\b(?:fail(?:ed|s|ure)|could not|can ?not|unable|refused|lost|corrupt\w*|inconsistent|not be (?:consistent|recoverable))\b/iu.test(
        format,
      ) && !goesOn.test(format)
        ? [format]
        : [],
    ),
  ).toEqual([]);
});

const goesOn = /\bcannot alter .* reset\b|\bWe lost the monitor, but still\b|^--delta or --force specified\b/u;

it('puts the error that a message carries before it', async () => {
  for (const text of [
    '2025-03-04 05:06:07,123 [77] barman.postgres ERROR: Error retrieving archive_timeout: server closed the connection unexpectedly',
    '[2025-03-04 05:06:07] [ERROR] unable to connect to node 2\n[2025-03-04 05:06:07] [DETAIL] \nconnection to server at "10.0.0.2", port 5432 failed: FATAL:  password authentication failed for user "repmgr"',
    '05:06:07 77 ERROR Failed to create user "autoctl": FATAL:  the database system is not accepting connections',
  ]) {
    const [first, ...more] = await explained(text);
    expect(first?.kind).toBe('cause');
    expect(first?.names.some((name) => Object.values(tools).some(({ names }) => names.test(name)))).toBe(false);
    expect(more.map(({ kind }) => kind)).toContain('consequence');
  }
});

it('says of a progress line that it is the ordinary course', async () => {
  for (const text of [
    '05:06:07 77 INFO  Initialising a PostgreSQL cluster at "/srv/pg"',
    '[2025-03-04 05:06:07] [NOTICE] starting monitoring of node "db2" (ID: 2)',
    '[2025-03-04 05:06:07] [WARNING] "failover" changed from "automatic" to "manual"',
  ])
    expect((await explained(text)).filter(({ kind }) => kind !== 'course')).toEqual([]);
});

it('knows a message with its DETAIL and HINT behind it on one line', async () => {
  for (const { tool, format } of toolLines.filter((_, place) => place % 97 === 0)) {
    const line = tools[tool]?.line(filled(format));
    if (line === undefined || tool === 'cloudnative-pg' || tool === 'stolon' || carriesAnother(format)) continue;
    const [own, ...around] = line.split('\n');
    const apart = await explained([own, 'DETAIL: there are 3 of 5', ...around].join('\n'));
    const joined = await explained([`${own} DETAIL: there are 3 of 5 HINT: wait`, ...around].join('\n'));
    expect({ format, names: joined.map(({ names }) => names) }).toEqual({
      format,
      names: apart.map(({ names }) => names),
    });
  }
});

it('leaves the words of others alone', async () => {
  for (const text of [
    'We are unable to connect to primary school networks from the new building.',
    'ERROR: unable to start server',
    'INFO: nothing was changed',
    'the service is already running with pid 77 and the exporter, too',
  ])
    expect(
      (await explained(text)).filter(({ names }) => answersOfToolLines.some(({ id }) => id === names.at(-1))),
    ).toEqual([]);
});
