import { describe, expect, test } from 'vitest';

import type { Release } from '../../src/demo/releases.ts';
import { releases } from '../lab/releases.ts';
import { scenarios } from './all.ts';
import { fixBeforeCopy, fixStandby } from './fixing.ts';
import { postmortemScenarios } from './postmortem-all.ts';
import { turn } from './turn.ts';

/** The faults of rows of the matrix that `--fix` alone mends: rule, and what is special, where a rule has several rows. */
const beforeCopy: readonly string[] = [
  'target/dangling-link',
  'target/permissions',
  'target/not-writable',
  'client/passfile-ignored',
  'client/passfile-no-match: the database of a replication connection is replication',
  'client/no-password',
  'network/listen-addresses',
  'tls/not-offered',
  'tls/client-key-permissions',
  'hba/no-replication-entry: all in the database column does not cover replication',
  'hba/no-replication-entry: the file ends without a line feed, and the role has only an md5 hash',
  'hba/no-replication-entry: a name that must be quoted',
  'hba/rejected',
  'hba/shadowed',
  'hba/not-reloaded',
  'hba/invalid-line: the entry itself lacks its mask',
  'hba/invalid-line: a typing error elsewhere keeps the entry from being used',
  'hba/method-needs-other-password',
  'role/missing',
  'role/missing: only in another case',
  'role/no-login',
  'role/no-replication',
  'role/no-password',
  'role/password-expired',
  'role/connection-limit: WAL senders count up to 13',
  'primary/wal-level-minimal',
  'primary/no-wal-senders',
  'primary/wal-senders-exhausted: -X stream needs two',
  'primary/pending-restart: the file is right and the server was not restarted',
  'primary/config-file-error',
  'primary/config-file-error: a line that does not parse',
  'primary/no-free-slot',
  'primary/synchronous-commit-blocked',
  'slot/missing',
];

const ofStandbys: readonly string[] = [];

const titleOf = ({ rule, name }: { readonly rule: string; readonly name?: string }): string =>
  name === undefined ? rule : `${rule}: ${name}`;

/** One release each: the rows go round the releases by turns, as those of the matrix do. */
function releaseFor(index: number, { from = 0, to = Infinity }: { readonly from?: number; readonly to?: number }) {
  const fitting = releases.filter(({ major }) => major >= from && major <= to);
  return fitting[(index + (turn === 'whole' ? 0 : turn)) % fitting.length];
}

function play<
  Row extends { readonly rule: string; readonly name?: string; readonly from?: number; readonly to?: number },
>(titles: readonly string[], rows: readonly Row[], playOn: (row: Row, release: Release) => Promise<void>): void {
  for (const [index, title] of titles.entries()) {
    const row = rows.find((one) => titleOf(one) === title);
    if (row === undefined) throw new Error(`the matrix has no row ${title}`);
    const release = releaseFor(index, row);
    test.skipIf(release === undefined)(
      `${title} (PostgreSQL ${release?.major ?? '-'})`,
      { timeout: 150_000 },
      async () => {
        if (release !== undefined) await playOn(row, release);
      },
    );
  }
}

describe('preflight --fix alone', () => play(beforeCopy, scenarios, fixBeforeCopy));
describe('postmortem --fix alone', () => play(ofStandbys, postmortemScenarios, fixStandby));

test('these are at least 30 different faults', () => {
  const all = [...beforeCopy.map((title) => `preflight ${title}`), ...ofStandbys.map((title) => `postmortem ${title}`)];
  expect(new Set(all).size).toBe(all.length);
  expect(new Set([...beforeCopy, ...ofStandbys].map((title) => title.split(':')[0])).size).toBeGreaterThanOrEqual(30);
});
