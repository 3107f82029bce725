import { expect, it } from 'vitest';

import { explained } from './explained.ts';

/** Messages of one name that mean different things, by what else is in them. */
it.each<readonly [text: string, means: RegExp]>([
  [
    'LOG:  could not open usermap file "/etc/postgresql/15/main/pg_ident.conf": No such file or directory',
    /The server starts without it/u,
  ],
  [
    'LOG:  could not open file "/etc/postgresql/17/main/pg_ident.conf": No such file or directory',
    /The server starts without it/u,
  ],
  [
    'LOG:  could not open file "/etc/postgresql/17/main/pg_hba.conf": No such file or directory',
    /A starting server does not start/u,
  ],
  // postmaster.c: it ends where it has no Unix socket at all
  ['WARNING:  could not create Unix-domain socket in directory "/run/postgresql"', /TCP alone is not enough/u],
  // xlogrecovery.c, CheckTablespaceDirectory
  ['PANIC:  unexpected directory entry "16385" found in pg_tblspc/', /is a directory and no symbolic link/u],
  ['psql: error: invalid sslmode value: "true"', /^An option of the connection string/u],
  ['DETAIL:  Client IP address resolved to "db2", forward lookup matches.', /nothing is wrong with that/u],
  ['DETAIL:  Client IP address resolved to "db2", forward lookup not checked.', /nothing is wrong with that/u],
  ['DETAIL:  Client IP address resolved to "db2", forward lookup does not match.', /does not lead back/u],
  ['DETAIL:  Could not resolve client IP address to a host name: Unknown host.', /has no name in DNS/u],
])('%s', async (text, means) => {
  const [first] = await explained(text);
  expect(first?.means).toMatch(means);
});

it.each(['matches', 'not checked'])('a refusal whose forward lookup is "%s" is not one of DNS', async (result) => {
  const [first] = await explained(
    [
      '2026-11-30 10:00:00 UTC [1] FATAL:  no pg_hba.conf entry for host "10.0.0.2", user "r", database "app", no encryption',
      `2026-11-30 10:00:00 UTC [1] DETAIL:  Client IP address resolved to "db2", forward lookup ${result}.`,
    ].join('\n'),
  );
  expect(first?.names).toContain('no-hba-database');
  expect(first?.means).not.toMatch(/DNS/u);
});

it('one answer is not given again as another possibility', async () => {
  const [first] = await explained(
    'FATAL:  hot standby is not possible because wal_level was not set to "replica" or higher on the primary server',
  );
  expect(first).toMatchObject({ confidence: 'medium', means: expect.stringMatching(/^wal_level is too low/u) });
  expect(first?.candidates.map(({ cause }) => cause).filter((cause) => cause.startsWith('Or: '))).toEqual([]);
});
