import { describe, expect, test } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import { complete, releases } from '../lab/releases.ts';
import { scenarios } from './all.ts';
import { fixBeforeCopy, fixStandby } from './fixing.ts';
import { postmortemScenarios } from './postmortem-all.ts';
import { turn } from '../lab/turn.ts';

/** The faults of rows of the matrix that `--fix` alone fixes: rule, and what is special, where a rule has several rows. */
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

const ofStandbys: readonly string[] = [
  'standby/signal-missing: never started',
  'standby/signal-missing: removed from a standby that is down',
  'standby/signal-misnamed: standby.signal.txt',
  'standby/signal-misnamed: Standby.signal',
  'standby/recovery-signal-instead',
  'standby/both-signals',
  'standby/recovery-conf-present: of a release before 12, with all that it says',
  'standby/config-file-error: a file that is included and not there',
  'standby/config-file-error: a name that is none in postgresql.auto.conf',
  'standby/config-file-error: a value that is none',
  'standby/config-file-error: while the server runs',
  'standby/permissions: 0755',
  'standby/permissions: of a server that was started with options of its own',
  'standby/incomplete-backup: an empty directory is lost',
  'standby/version-mismatch: PG_VERSION of another release',
  'standby/stale-pid-file: its number belongs to another program',
  'standby/wal-directory-missing: it is gone',
  'standby/wal-directory-missing: a link that leads nowhere',
  'standby/not-a-data-directory: PG_VERSION is gone',
  "standby/path-missing: the primary's certificate",
  'standby/path-missing: a key that others may read',
  'standby/path-missing: a directory for Unix sockets, as after a restart of the machine',
  'standby/path-missing: the directory of its logs',
  'standby/path-missing: pg_hba.conf under /etc',
  'standby/path-missing: the data directory of another host',
  'standby/cannot-listen: the address of the primary',
  'standby/cannot-listen: the port of the primary on one machine',
  'standby/locale-missing',
  'standby/not-running: stopped',
  'standby/not-running: what its last start complained of is over',
  'conninfo/unknown-keyword: hots',
  'conninfo/unknown-keyword: of a server that is down',
  'conninfo/overridden: an old value in postgresql.auto.conf',
  'conninfo/not-applied',
  'recovery/settings-lower-than-primary: a standby that does not start',
  'recovery/settings-lower-than-primary: raised on the primary: a running standby stops',
  'recovery/settings-lower-than-primary: raised on the primary: a running standby pauses',
  'recovery/target-set: replay stands at a restore point',
  'recovery/target-set: it shuts the server down',
  'recovery/target-set: a target and recovery_target_action = promote left over in postgresql.auto.conf',
  'recovery/restore-command-fails: there is no such program',
  'recovery/restore-command-fails: a program that may not be executed',
  'recovery/hot-standby-off',
  'recovery/replay-paused: by pg_wal_replay_pause',
  'streaming/replay-stuck: a transaction on the standby holds a lock',
  'streaming/conflicts: transactions that held a lock',
  'slot/missing',
  'slot/in-use: somebody else streams through it',
  'slot/invalid-name: a server that does not start with it',
  'slot/is-logical',
  'slot/lost: the archive has its WAL',
  'network/listen-addresses',
  'hba/no-replication-entry: the entry was removed',
  'hba/rejected',
  'hba/shadowed',
  'hba/not-reloaded',
  'hba/invalid-line',
  'hba/method-needs-other-password',
  'role/missing: dropped, and the standby sees only that its password is refused',
  'role/no-password',
  'role/no-login',
  'role/no-replication',
  'role/password-expired',
  'tls/client-key-permissions',
  'client/passfile-ignored: its group may read it',
  'primary/wal-senders-exhausted',
  'primary/no-wal-senders',
  'primary/pending-restart: its files allow WAL senders, and it was not restarted',
  'primary/config-file-error',
  'primary/synchronous-commit-blocked',
  'conninfo/no-password: in no file of the user that runs the server',
  'client/passfile-no-match: the database of a replication connection is replication',
];

const titleOf = ({ rule, name }: { readonly rule: string; readonly name?: string }): string =>
  name === undefined ? rule : `${rule}: ${name}`;

/** One release each: the rows go round the releases by turns, as those of the matrix do. */
function releaseFor(index: number, { from = 0, to = Infinity }: { readonly from?: number; readonly to?: number }) {
  const fitting = releases.filter(({ major }) => complete.includes(major) && major >= from && major <= to);
  return fitting[(index + (turn === 'whole' ? 0 : turn)) % fitting.length];
}

/** A run plays a third of them, and three turns in a row all; STANDBYLINT_MATRIX=whole plays them at once. */
const isPlayed = (index: number): boolean => turn === 'whole' || (index + turn) % 3 === 0;

interface Fault {
  readonly rule: string;
  readonly name?: string;
  readonly from?: number;
  readonly to?: number;
  readonly notHere?: string | undefined;
}

function play<Row extends Fault>(
  titles: readonly string[],
  rows: readonly Row[],
  playOn: (row: Row, release: Release) => Promise<void>,
): void {
  for (const [index, title] of titles.entries()) {
    const row = rows.find((one) => titleOf(one) === title);
    // a row that needs root is not there for others
    const release = row === undefined || row.notHere !== undefined ? undefined : releaseFor(index, row);
    const name = `${title} (PostgreSQL ${release?.major ?? '-'})`;
    test.skipIf(release === undefined || !isPlayed(index))(name, { timeout: 150_000 }, async () => {
      if (row !== undefined && release !== undefined) await playOn(row, release);
    });
  }
}

describe('preflight --fix alone', () => play(beforeCopy, scenarios, fixBeforeCopy));
describe('postmortem --fix alone', () => play(ofStandbys, postmortemScenarios, fixStandby));

test('these are rows of the matrix, and a run plays at least 30 different faults', () => {
  const played = [beforeCopy, ofStandbys].flatMap((titles) => titles.filter((_title, index) => isPlayed(index)));
  expect(played.length).toBeGreaterThanOrEqual(30);
  for (const titles of [beforeCopy, ofStandbys]) expect(new Set(titles).size).toBe(titles.length);
  const missing = (titles: readonly string[], rows: readonly Fault[]) =>
    titles.filter((title) => rows.every((row) => titleOf(row) !== title));
  // some rows are there for root alone
  if (process.getuid?.() === 0)
    expect([missing(beforeCopy, scenarios), missing(ofStandbys, postmortemScenarios)]).toEqual([[], []]);
});
