import type { Explanation } from '../explanation.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { bytesBetween, parseLsn } from '../../postgres/lsn.ts';
import type { Lsn } from '../../postgres/lsn.ts';
import { notSynchronous } from './synchronous.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { noRowsOf, table } from './table.ts';

export function controlData(text: string): Explanation | undefined {
  const value = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]+(.+)$`, 'mu').exec(text)?.[1]?.trim();
  const twoClusters = ofTwoClusters(text);
  if (twoClusters !== undefined) return twoClusters;
  const state = value('Database cluster state');
  const start = value('Backup start location');
  if (state === undefined && start === undefined) return undefined;
  const inBackup = start !== undefined && !/^0\/0+$/u.test(start);
  return shape({
    text: state === undefined ? `Backup start location: ${start ?? ''}` : `Database cluster state: ${state}`,
    means: `This is output of pg_controldata${state === undefined ? '' : `: the cluster is "${state}"`}${value("Latest checkpoint's TimeLineID") === undefined ? '' : `, on timeline ${value("Latest checkpoint's TimeLineID") ?? ''}`}.`,
    candidates: [
      ...(inBackup
        ? [
            finding(
              `Backup start location is ${start}: recovery from a base backup has begun and has not reached its end. The directory is not consistent until the WAL up to that end is replayed.`,
            ),
          ]
        : []),
      ...(state === 'in production'
        ? [
            finding(
              'It is or was a primary; if no server runs on it, it has crashed. A standby would be "in archive recovery".',
              'standby/signal-missing',
            ),
          ]
        : []),
      ...(state === 'in archive recovery' || state === 'shut down in recovery'
        ? [finding('It is a standby (or a recovery that has not ended).')]
        : []),
      ...(/wal_level setting:\s+minimal/u.test(text)
        ? [finding('wal_level is minimal: no standby can follow it.', 'primary/wal-level-minimal')]
        : []),
    ],
    command: postmortem,
  });
}

/** pg_controldata of two servers, one below the other. */
function ofTwoClusters(text: string): Explanation | undefined {
  const identifiers = [...text.matchAll(/\b(?:Database )?system identifier:[ \t]+(\d{10,20})\b/giu)].map(
    ([, id = '']) => id,
  );
  const [one = '', other = ''] = identifiers;
  return identifiers.length !== 2 || one === other
    ? undefined
    : shape({
        text: `Database system identifier: ${one}, ${other}`,
        means: 'These are system identifiers of two data directories, and they differ.',
        candidates: [
          finding(
            `Neither is a copy of the other (${one}, ${other}): a standby has the identifier of its primary. One of them was made by initdb (a package, an image or an operator does that on an empty directory), or its primary was made again after the copy.`,
            'timeline/system-identifier-differs',
          ),
        ],
        advice:
          'An identifier cannot be copied or changed. If the two are to replicate: move the directory of the standby aside, and make a base backup of the primary into an empty one.',
        command: postmortem,
      });
}

const isWell = (row: ReadonlyMap<string, string>): boolean =>
  /^t/iu.test(row.get('active') ?? '') && /^(?:reserved|)$/u.test(row.get('wal_status') ?? '');

/** Where the server is, if that was asked, too. */
const currentIn = (text: string): Lsn | undefined =>
  parseLsn(/\bpg_current_(?:wal_lsn|xlog_location) *(?:\| ?|\n *-+\n *)([0-9A-F]+\/[0-9A-F]+)/iu.exec(text)?.[1] ?? '');

export function slots(text: string): Explanation | undefined {
  const rows =
    table(text, 'slot_name', 'active') ??
    table(text, 'slot_name', 'restart_lsn') ??
    table(text, 'slot_name', 'wal_status');
  if (rows === undefined) return undefined;
  return shape({
    text: 'pg_replication_slots',
    means:
      rows.length === 0
        ? 'This is output of pg_replication_slots, and there is no slot.'
        : heldBack(rows).length === 0 &&
            rows.every((row) => isWell(row) && judgedSlot(row, currentIn(text)) === undefined)
          ? 'This is output of pg_replication_slots: the slots are in use, and their WAL is there.'
          : 'This is output of pg_replication_slots.',
    candidates: [...saidOfSlots(rows, currentIn(text)), ...heldBack(rows)],
    command: postmortem,
  });
}

/** What is said of several slots alike is said once. */
function saidOfSlots(rows: readonly ReadonlyMap<string, string>[], current: Lsn | undefined): readonly Finding[] {
  const byWords = new Map<string, { readonly names: string[]; readonly rule: string | null }>();
  for (const row of rows) {
    const [words, rule] = judgedSlot(row, current) ?? [];
    if (words === undefined) continue;
    const names = byWords.get(words)?.names ?? [];
    names.push(row.get('slot_name') ?? '');
    byWords.set(words, { names, rule: rule ?? null });
  }
  return [...byWords].map(([words, { names, rule }]) => {
    const [first = '', ...others] = names.map((name) => `"${name}"`);
    return finding(`Slot ${first}${others.length === 0 ? '' : ` (and ${others.join(', ')})`} ${words}`, rule);
  });
}

/** Vacuum keeps what the oldest of them may still see. */
function heldBack(rows: readonly ReadonlyMap<string, string>[]): readonly Finding[] {
  const held = rows
    .flatMap((row) => {
      const xmin = /^\d+$/u.test(row.get('xmin') ?? '') ? Number(row.get('xmin')) : undefined;
      return xmin === undefined ? [] : [{ name: row.get('slot_name') ?? '', xmin }];
    })
    .toSorted((a, b) => a.xmin - b.xmin);
  const [oldest, next] = held;
  if (oldest === undefined || next === undefined || next.xmin - oldest.xmin < manyTransactions) return [];
  return [
    finding(
      `Slot "${oldest.name}" keeps row versions since transaction ${oldest.xmin}, ${next.xmin - oldest.xmin} before the next slot: vacuum cannot remove what was deleted after that. On its standby, hot_standby_feedback is on and a session is open for long (pg_stat_activity, backend_xmin), or a slot on that standby itself, which nothing uses, has this xmin.`,
      'primary/unbounded-slot-retention',
    ),
  ];
}

const manyTransactions = 100_000;

function judgedSlot(
  row: ReadonlyMap<string, string>,
  current: Lsn | undefined,
): readonly [words: string, rule?: string] | undefined {
  if (row.get('wal_status') === 'lost')
    return [
      'is lost: its WAL was removed (max_slot_wal_keep_size), and it cannot be used again. The standby needs the WAL from an archive, or a new base backup.',
      'slot/lost',
    ];
  if (row.get('wal_status') === 'unreserved')
    return [
      'is about to be lost: it needs more WAL than max_slot_wal_keep_size allows, and the next checkpoint removes what is too much. Connect its standby now, or raise max_slot_wal_keep_size (a reload is enough).',
      'slot/lost',
    ];
  if (row.get('temporary')?.startsWith('t') === true)
    return [
      'is temporary: a base backup or another session that runs now uses it, and it is dropped by itself when that ends.',
    ];
  if (/^f/iu.test(row.get('active') ?? '')) return [ofUnused(row, current)];
  if (row.get('slot_type') === 'physical' && row.get('restart_lsn') === '')
    return ['holds no WAL yet: no standby has ever streamed through it.'];
  const needed = parseLsn(row.get('restart_lsn') ?? '');
  const upTo = current ?? otherPosition(row) ?? parseLsn(row.get('confirmed_flush_lsn') ?? '');
  const kept = upTo === undefined || needed === undefined ? undefined : bytesBetween(needed, upTo);
  if (row.get('wal_status') !== 'extended' && (kept ?? 0n) <= much) return undefined;
  if (!row.has('active'))
    return kept === undefined
      ? undefined
      : [
          `holds ${formatBytes(kept)} of WAL: pg_wal cannot shrink below that. If active is f, nothing is connected through it; if t, its standby is behind (pg_stat_replication tells where).`,
        ];
  const amount = kept === undefined ? 'more WAL than max_wal_size' : `${formatBytes(kept)} of WAL`;
  return [
    row.get('slot_type') === 'logical'
      ? `is in use and holds ${amount}: a long transaction on this server keeps restart_lsn back (pg_stat_activity, xact_start), or its reader confirms nothing: it is slow, or its tables are quiet while others are written (a heartbeat table helps).`
      : `is in use and holds ${amount}: its standby is connected and behind. pg_stat_replication tells whether sending or replaying is slow.`,
  ];
}

function ofUnused(row: ReadonlyMap<string, string>, current: Lsn | undefined): string {
  const from = row.get('restart_lsn') ?? '';
  if (from === '' && row.has('restart_lsn'))
    return 'is not in use and holds no WAL: nothing has ever been connected through it. Its standby needs this name in primary_slot_name.';
  const since = parseLsn(from);
  const kept = current === undefined || since === undefined ? undefined : bytesBetween(since, current);
  return `is not in use: nothing is connected through it, and the server keeps all WAL from ${from === '' ? 'its restart_lsn' : from} onward${kept === undefined ? '' : ` (${formatBytes(kept)} now)`}, until the disk is full. Connect its ${row.get('slot_type') === 'logical' ? 'reader' : 'standby'}, or drop the slot if it is no longer needed.`;
}

/** A column of one's own, beside the slot's. */
const otherPosition = (row: ReadonlyMap<string, string>): Lsn | undefined =>
  [...row].flatMap(([name, value]) => (/current|redo|latest|wal_lsn/u.test(name) ? (parseLsn(value) ?? []) : []))[0];

export function walSenders(text: string): Explanation | undefined {
  const rows =
    table(text, 'state', 'sync_state') ??
    table(text, 'application_name', 'state') ??
    table(text, 'sent_lsn', 'replay_lsn') ??
    table(text, 'client_addr', 'state') ??
    (noRowsOf('pg_stat_replication').test(text) ? [] : undefined);
  if (rows === undefined) return undefined;
  return shape({
    text: 'pg_stat_replication',
    means:
      rows.length === 0
        ? 'This is output of pg_stat_replication without rows: no standby is connected to this server.'
        : `This is output of pg_stat_replication: one row for each connected receiver.${wellAsShown(rows)}`,
    candidates: (rows.length === 0 ? [undefined] : rows).flatMap((row) => {
      if (row === undefined)
        return [
          finding(
            'On a primary, a standby that should be here is not running, is refused, or follows another server: its own log says which. On a standby itself, no row is normal.',
          ),
        ];
      const name = row.get('application_name') ?? row.get('client_addr') ?? '';
      const state = row.get('state') ?? '';
      if (state === 'startup')
        return [finding(`"${name}" is connected and has not begun to stream: on the standby, its log says why.`)];
      if (state === 'backup') return [finding(`"${name}" is a base backup that is running.`)];
      const behind = notReplayed(row);
      if (state === 'catchup')
        return [
          finding(
            `"${name}" is catching up: it is behind and reads older WAL.${
              behind !== undefined && behind > much
                ? ` ${formatBytes(behind)} of what it has received are not replayed: there it waits, not on the network.`
                : ''
            }`,
          ),
        ];
      // what is under way at any moment
      if (behind !== undefined && (behind >= segment || (behind > 0n && (isLate(row) || missesData.test(text)))))
        return [
          finding(
            `"${name}" has not replayed all that was sent (${row.get('replay_lsn') ?? ''} of ${row.get('sent_lsn') ?? ''}): ${formatBytes(behind)} are missing.${
              hasReceivedAll(row)
                ? ' It has received them: replay there is paused (pg_is_wal_replay_paused()), delayed (recovery_min_apply_delay), waits for a query, or is too slow.'
                : ''
            }`,
          ),
        ];
      if (behind === undefined && isLate(row)) return [ofLag(name, row)];
      const asynchronous = row.get('sync_state') === 'async' ? notSynchronous(name, text) : undefined;
      if (asynchronous !== undefined) return [asynchronous];
      return behind === undefined && state === 'streaming' && row.get('sync_state') === 'async'
        ? [
            finding(
              `"${name}" streams. async means that no commit waits for it, because synchronous_standby_names does not name it: that is the default, and no fault.`,
            ),
          ]
        : [];
    }),
    command: postmortem,
  });
}

const hasReceivedAll = (row: ReadonlyMap<string, string>): boolean =>
  (row.get('flush_lsn') ?? '') !== '' && row.get('flush_lsn') === row.get('sent_lsn');

/** Who asks for missing data asks for a difference that is left out otherwise. */
const missesData =
  /\b(?:not|never|no longer)\b[^.\n]{0,40}\b(?:show|appear|arriv|see|visible|there|replicat|updat)\w*|n['’]t (?:show|appear|arrive|see|replicate|update)\w*|\b(?:old|stale|missing|outdated) (?:data|rows?|tables?)\b/iu;

/** What asks for no attention is said where nothing else is. */
function wellAsShown(rows: readonly ReadonlyMap<string, string>[]): string {
  const states = new Set(rows.map((row) => row.get('sync_state')));
  const meant = [
    ...(states.has('async') ? ['async means that no commit waits for it, which is the default'] : []),
    ...(states.has('potential')
      ? ['potential, that it becomes synchronous when one before it in synchronous_standby_names is gone']
      : []),
  ];
  if (!rows.every((row) => row.get('state') === 'streaming')) return '';
  const isAll = rows.every((row) => notReplayed(row) === 0n && !isLate(row));
  return `${isAll ? ' All of them stream and have replayed all that was sent.' : ''}${meant.length === 0 ? '' : ` ${meant.join('; ')}.`}`;
}

function notReplayed(row: ReadonlyMap<string, string>): bigint | undefined {
  const sent = parseLsn(row.get('sent_lsn') ?? row.get('sent_location') ?? '');
  const replayed = parseLsn(row.get('replay_lsn') ?? row.get('replay_location') ?? '');
  return sent === undefined || replayed === undefined ? undefined : bytesBetween(replayed, sent);
}

/** Where the three times part is where the WAL waits. */
function ofLag(name: string, row: ReadonlyMap<string, string>): Finding {
  const isLong = (column: string): boolean => isLate(new Map([['replay_lag', row.get(column) ?? '']]));
  const where = isLong('write_lag')
    ? 'the WAL already arrives late: the network, or a primary that sends more than it takes.'
    : isLong('flush_lag')
      ? 'the WAL arrives in time and is written late: the disk of pg_wal on the standby is slow.'
      : 'the WAL is there and is replayed late: a long query on the standby, a paused or delayed replay, or slow storage.';
  return finding(
    `"${name}" is ${row.get('replay_lag') ?? ''} behind (replay_lag). By its other lags, ${row.has('write_lag') ? where : 'nothing tells where: ask for write_lag and flush_lag, too.'}`,
    'streaming/lag',
  );
}

/** replay_lag of some seconds and more. */
const isLate = (row: ReadonlyMap<string, string>): boolean =>
  /^(?:\d+ days? )?(?!00:00:0[0-4])\d+:\d\d:\d\d/u.test(row.get('replay_lag') ?? '');

/** Of WAL. */
const segment = 16n * 1024n * 1024n;

/** A few segments are in flight on any busy server. */
const much = 256n * 1024n * 1024n;
