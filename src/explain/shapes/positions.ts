import { formatBytes } from '../../postgres/bytes.ts';
import { bytesBetween, parseLsn } from '../../postgres/lsn.ts';
import type { Lsn } from '../../postgres/lsn.ts';
import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** What the functions of both servers answered, in a sentence, a table or behind an equals sign. */
export function positions(text: string): Explanation | undefined {
  const written = positionOf(text, 'pg_current_(?:wal_lsn|wal_insert_lsn|wal_flush_lsn|xlog_location)');
  const received = positionOf(text, 'pg_last_(?:wal_receive_lsn|xlog_receive_location)');
  const replayed = positionOf(text, 'pg_last_(?:wal_replay_lsn|xlog_replay_location)');
  const told = [
    ...(received === undefined || replayed === undefined ? [] : ofReplay(received, replayed)),
    ...(written === undefined || received === undefined ? [] : ofReceiving(written, received)),
  ];
  if (told.length === 0) return undefined;
  return shape({
    text: 'positions of the WAL',
    means: 'These are positions of the WAL: what was written, received and replayed.',
    candidates: told,
    where: 'on the standby',
    command: 'standbylint postmortem -D <data directory>',
  });
}

const blanks = String.raw`[ \t]{0,40}`;
const between = `(?:\\(\\))?["'\\x60]?(?:${blanks}(?:=|:|\\||->|is|gives|says|returns|shows|at)${blanks}|[ \\t]{1,40}|${blanks}\\|?${blanks}\\n[-+ ]{1,200}\\n${blanks}\\|?${blanks})["'\\x60]?`;

function positionOf(text: string, name: string): Lsn | undefined {
  const found = [...text.matchAll(new RegExp(`\\b${name}${between}([0-9A-F]{1,8}/[0-9A-F]{1,8})\\b`, 'giu'))];
  // asked several times, or of several servers, they are no pair
  return found.length === 1 ? parseLsn((found[0]?.[1] ?? '').toUpperCase()) : undefined;
}

function ofReplay(received: Lsn, replayed: Lsn): readonly Finding[] {
  const left = bytesBetween(replayed, received);
  return left > much
    ? [
        finding(
          `${formatBytes(left)} are received and not replayed: replay is the slow part, or is held up (a query on the standby, a pause, recovery_min_apply_delay, slow storage).`,
          'streaming/lag',
        ),
      ]
    : [];
}

function ofReceiving(written: Lsn, received: Lsn): readonly Finding[] {
  const left = bytesBetween(received, written);
  return left > much
    ? [
        finding(
          `${formatBytes(left)} were written on the primary and are not received: the standby does not stream, or the network or its disk is slower than the primary writes. If the position does not move, it does not stream: its log says why.`,
          'streaming/not-connected',
        ),
      ]
    : [];
}

/** Some segments are under way on any busy server. */
const much = 256n * 1024n * 1024n;
