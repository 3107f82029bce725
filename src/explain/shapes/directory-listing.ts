import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** `ls -la` of a data directory. */
export function directoryListing(text: string): Explanation | undefined {
  const listing = listings(text).find(({ entries }) => entries.some(({ name }) => ownNames.has(name)));
  if (listing === undefined) return ofParent(text);
  const { entries, path } = listing;
  const has = (name: string): boolean => entries.some((entry) => entry.name === name);
  // what was cut or filtered shows nothing of what it does not have
  const lacks = (name: string): boolean =>
    !has(name) &&
    !listing.filtered &&
    entries.some(
      (entry) => /^(?:postgresql\.auto\.conf|postmaster\.opts)$/u.test(entry.name) || sorted(entry.name) > sorted(name),
    );
  const self = entries.find(({ name }) => name === '.');
  const inside = entries.filter(({ name }) => name !== '..');
  return shape({
    text: 'ls -la of a data directory',
    means: 'This is a listing of a data directory.',
    candidates: [
      ...ofOwners(inside),
      ...(self !== undefined && !/^rwx(?:r-x|---)---$/u.test(self.mode)
        ? [
            finding(
              'The directory is accessible to others: the server accepts only 0700 or 0750.',
              'standby/permissions',
            ),
          ]
        : []),
      ...(has('PG_VERSION') && !has('pg_xlog') && lacks('pg_wal')
        ? [finding('pg_wal is missing.', 'standby/wal-directory-missing')]
        : []),
      ...(has('recovery.conf')
        ? [
            finding(
              'recovery.conf is there: releases from 12 on do not start with it.',
              'standby/recovery-conf-present',
            ),
          ]
        : []),
      ...(has('base') && !has('recovery.conf') && lacks('standby.signal')
        ? [
            finding(
              'standby.signal does not exist: started like this, the server is a primary (12 and later).',
              'standby/signal-missing',
            ),
          ]
        : []),
      ...(has('recovery.signal')
        ? [
            finding(
              'recovery.signal is there: a point-in-time recovery that ends in a promotion; a standby needs standby.signal.',
              'standby/recovery-signal-instead',
            ),
          ]
        : []),
      ...(has('backup_label')
        ? [finding('backup_label exists: the server has not been started on this base backup yet. Leave it in place.')]
        : []),
      ...(has('postmaster.pid')
        ? [finding('postmaster.pid is there: a server runs on it, or was killed.', 'standby/stale-pid-file')]
        : []),
    ],
    command: path === undefined ? postmortem : `standbylint postmortem -D ${path}`,
  });
}

/** Not of the data directory, but of the one that it is in: `/var/lib/postgresql/15`, `/var/lib/pgsql/15`. */
function ofParent(text: string): Explanation | undefined {
  for (const { path = '', entries } of listings(text)) {
    const data = entries.find(({ name, mode, kind }) => kind === 'd' && dataNames.test(name) && mode.startsWith('rwx'));
    if (data === undefined || !(ofPostgres.test(path) || entries.some(({ owner }) => owner === 'postgres'))) continue;
    const whole = `${path === '' ? '' : `${path}/`}${data.name}`;
    const faults = [
      ...(data.owner === 'root'
        ? [
            finding(
              `${whole} belongs to root: the server never runs as root, and does not start on a directory of another user (chown -R postgres: ${whole}, as root).`,
              'standby/wrong-owner',
            ),
          ]
        : []),
      ...(/^rwx(?:r-x|---)---$/u.test(data.mode)
        ? []
        : [
            finding(`${whole} has the mode ${data.mode}: the server accepts only 0700 or 0750.`, 'standby/permissions'),
          ]),
    ];
    if (faults.length > 0)
      return shape({
        text: `ls -l ${path}`.trim(),
        means: 'This is a listing of the directory in which the data directory is.',
        candidates: faults,
        command: path === '' ? postmortem : `standbylint postmortem -D ${whole}`,
      });
  }
  return undefined;
}

const dataNames = /^(?:main|data|pgdata|pg_?data|PGDATA)$/u;
const ofPostgres = /postgres|pgsql/u;

const ownNames: ReadonlySet<string> = new Set([
  'PG_VERSION',
  'base',
  'pg_wal',
  'pg_xlog',
  'standby.signal',
  'postgresql.conf',
  'global',
  'backup_label',
]);

const sorted = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/gu, '');

interface Entry {
  readonly kind: string;
  readonly mode: string;
  readonly owner: string;
  readonly name: string;
}

interface Listing {
  readonly path: string | undefined;
  readonly filtered: boolean;
  readonly entries: readonly Entry[];
}

/** Each with the command before it; of several directories, each has its path above it. */
function listings(text: string): readonly Listing[] {
  const found: { path: string | undefined; filtered: boolean; entries: Entry[] }[] = [];
  let command: { path: string | undefined; filtered: boolean } = { path: undefined, filtered: false };
  let last = -1;
  text.split('\n').forEach((line, index) => {
    const asked =
      /\b(?:ls|ll)\b((?:\s+-\S+)*)(?:\s+["']?(\/[^\s"']*[^\s"'/]))?[^|\n]*(\|\s*(?:head|tail|grep|egrep|awk|more|less)\b)?/u.exec(
        line,
      );
    const above = /^(\/\S*[^\s:/]):$/u.exec(line.trim())?.[1];
    if (above !== undefined) command = { path: above, filtered: command.filtered };
    const [, kind = '', mode, owner = '', name = ''] =
      /^([-dl])([rwxsStT-]{9})[.+@]? +\d+ +(\S+) +\S+ .*? (\S+)(?: -> .*)?$/u.exec(line) ?? [];
    if (mode !== undefined) {
      if (index > last + 1 || found.length === 0) found.push({ ...command, entries: [] });
      found.at(-1)?.entries.push({ kind, mode, owner, name });
      last = index;
    } else if (asked !== null) command = { path: asked[2], filtered: asked[3] !== undefined };
  });
  return found;
}

function ofOwners(inside: readonly Entry[]): readonly Finding[] {
  const owners = new Set(inside.map(({ owner }) => owner));
  if (owners.size === 1 && owners.has('root'))
    return [
      finding(
        'It belongs to root: the server never runs as root, and does not start on a directory of another user.',
        'standby/wrong-owner',
      ),
    ];
  return owners.size > 1
    ? [
        finding(
          `Its files belong to different users: ${ofOthers(inside)}. All must belong to the user of the server.`,
          'standby/wrong-owner',
        ),
      ]
    : [];
}

/** Which are not those of the user that has the most. */
function ofOthers(entries: readonly Entry[]): string {
  const owners = [...new Set(entries.map(({ owner }) => owner))];
  const [, ...others] = owners
    .map((owner) => ({ owner, own: entries.filter((entry) => entry.owner === owner) }))
    .toSorted((one, other) => other.own.length - one.own.length);
  return others
    .map(({ owner, own }) => {
      const names = own.slice(0, 3).map(({ name }) => name);
      return `${names.join(', ')}${own.length > names.length ? ` and ${own.length - names.length} more` : ''} ${own.length === 1 ? 'belongs' : 'belong'} to ${owner}`;
    })
    .join(', ');
}
