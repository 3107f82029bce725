import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { noRowsOf, table } from './table.ts';

const onStandby = 'on the standby';

export function walReceiver(text: string): Explanation | undefined {
  const rows =
    table(text, 'status', 'sender_host') ??
    table(text, 'status', 'receive_start_lsn') ??
    table(text, 'status', 'flushed_lsn') ??
    table(text, 'status', 'conninfo') ??
    (noRowsOf('pg_stat_wal_receiver').test(text) ? [] : undefined);
  if (rows === undefined) return undefined;
  return shape({
    text: 'pg_stat_wal_receiver',
    means:
      rows.length === 0
        ? 'This is output of pg_stat_wal_receiver without a row: this server receives no WAL. It is a primary, or a standby that cannot connect, whose log says why every few seconds.'
        : 'This is output of pg_stat_wal_receiver.',
    candidates:
      rows.length === 0
        ? ofUpstream(text)
        : rows.flatMap((row) => {
            const status = row.get('status') ?? '';
            const from = row.get('sender_host') ?? '';
            const sender = from === '' ? 'its primary' : from;
            if (status === 'streaming') return [finding(`The standby streams from ${sender}.`)];
            if (status === 'waiting')
              return [
                finding(
                  `The receiver is connected to ${sender} and waits: that server has no more WAL on this timeline. After a promotion the standby follows only with recovery_target_timeline = 'latest'.`,
                  'timeline/behind-primary-switch',
                ),
              ];
            return status === ''
              ? []
              : [finding(`The receiver is not streaming (${status}): the log of the standby says why.`)];
          }),
    where: onStandby,
    command: postmortem,
  });
}

/** Whom a standby without a receiver tries to reach. */
function ofUpstream(text: string): readonly Finding[] {
  const at = text.indexOf('primary_conninfo');
  const host = at === -1 ? undefined : /\bhost=([\w.:-]+)/u.exec(text.slice(at, at + 600))?.[1];
  return host === undefined
    ? []
    : [
        finding(
          `primary_conninfo names ${host}, and there is no connection to it. If another server is the primary now (after a failover), change primary_conninfo to that one and reload (before 13: restart). Otherwise the log says why ${host} refuses.`,
          'streaming/not-connected',
        ),
      ];
}

export function archiver(text: string): Explanation | undefined {
  const rows =
    table(text, 'archived_count', 'failed_count') ??
    table(text, 'failed_count', 'last_failed_wal') ??
    table(text, 'last_archived_wal', 'last_failed_wal');
  if (rows === undefined) return undefined;
  return shape({
    text: 'pg_stat_archiver',
    means: 'This is output of pg_stat_archiver: how the archiving of WAL goes on this server.',
    candidates: rows.flatMap((row) => {
      const segment = row.get('last_failed_wal') ?? '';
      const [failed, archived] = [row.get('last_failed_time') ?? '', row.get('last_archived_time') ?? ''];
      if (Number(row.get('failed_count')) === 0 || (row.get('failed_count') === undefined && segment === ''))
        return [finding('Nothing has failed since the counters were reset.')];
      if (failed !== '' && archived !== '' && failed < archived)
        return [finding(`The last failure (${segment}) is older than the last success: archiving works again.`)];
      if (failed === '' && archived === '' && row.has('last_archived_wal') && row.get('last_archived_wal') !== '')
        return [
          finding(
            `The last failure was ${segment}, the last success ${row.get('last_archived_wal') ?? ''}; their times say which came last.`,
          ),
        ];
      return [
        finding(
          `archive_command fails${segment === '' ? '' : ` for ${segment}`}: the WAL from there on stays in pg_wal until it is archived. The server log says how the command ended.`,
          'primary/archive-failing',
        ),
      ];
    }),
    where: 'on the server itself',
    command: postmortem,
  });
}

export function inRecovery(text: string): Explanation | undefined {
  const value = recoveryIn(text);
  // what is asked is the lag, which says it
  if (value === undefined || (value.startsWith('f') && lagOfQuery(text) !== undefined)) return undefined;
  const recovers = value.startsWith('t');
  return shape({
    text: `pg_is_in_recovery: ${value}`,
    means: recovers
      ? 'This server is in recovery: it is a standby (or still recovers), and accepts no writes.'
      : 'This server is not in recovery: it is a primary.',
    candidates: recovers
      ? []
      : [
          finding(
            'If it should be a standby: it was started without standby.signal, or was promoted. It cannot follow its primary any more: pg_rewind or a new base backup.',
            'standby/already-primary',
          ),
        ],
    where: recovers ? onStandby : 'if it should be a standby',
    command: postmortem,
  });
}

/** Replay is paused by hand, at a recovery target, or because a setting is lower than the primary's. */
export function replayPaused(text: string): Explanation | undefined {
  const [row] =
    table(text, 'pg_is_wal_replay_paused') ??
    table(text, 'pg_get_wal_replay_pause_state') ??
    table(text, 'pg_is_xlog_replay_paused') ??
    [];
  const value =
    row?.get('pg_is_wal_replay_paused') ??
    row?.get('pg_get_wal_replay_pause_state') ??
    row?.get('pg_is_xlog_replay_paused') ??
    /^ *(?:pg_is_wal_replay_paused|pg_is_xlog_replay_paused|pg_get_wal_replay_pause_state) *\n-+\n *(t|f|paused|pause requested|not paused)\b/mu.exec(
      text,
    )?.[1];
  if (value === undefined) return undefined;
  const paused = value === 't' || value === 'paused' || value === 'pause requested';
  return shape({
    text: `replay paused: ${value}`,
    means: paused
      ? 'Replay on this standby is paused: it receives WAL and does not apply it, so that it falls behind.'
      : 'Replay on this standby is not paused.',
    candidates: paused
      ? [
          finding(
            'Replay is paused: by pg_wal_replay_pause(), or at a recovery target. SELECT pg_wal_replay_resume() on the standby continues it; where a recovery_target_… is set, it ends recovery and makes the server a primary.',
          ),
          finding(
            'A setting (max_connections and the like) is lower than on the primary, 14 and later: its log has "hot standby is not possible". Raise it and restart the standby.',
            'recovery/settings-lower-than-primary',
          ),
          finding('A recovery target was reached, with recovery_target_action = pause: a standby should have none.'),
        ]
      : [],
    where: onStandby,
    command: postmortem,
  });
}

const recoveryIn = (text: string): string | undefined =>
  table(text, 'pg_is_in_recovery')?.[0]?.get('pg_is_in_recovery') ?? oneColumn(text);

/** psql draws no bar where there is one column. */
const oneColumn = (text: string): string | undefined =>
  /^\|? *pg_is_in_recovery *\|?\n[-+]+\n\|? *([tf])\b/mu.exec(text)?.[1] ?? undefined;

/** Debian's pg_lsclusters (postgresql-common, pg_lsclusters). */
export function debianClusters(text: string): Explanation | undefined {
  const rows = [
    ...text.matchAll(/^(\d+(?:\.\d+)?) +(\S+) +(\d+) +((?:online|down)\S*) +(\S+) +(\/\S+)(?: +(\S+))?/gmu),
  ];
  if (rows.length === 0) return undefined;
  const [, , , , , , directory] = rows.find(([, , , , status = '']) => status.startsWith('down')) ?? rows[0] ?? [];
  return shape({
    text: 'pg_lsclusters',
    means: 'This is output of pg_lsclusters: the clusters that the Debian packages know on this machine.',
    candidates: [
      ...otherPort(
        rows.map(([, , , port = '']) => port),
        text,
      ),
      ...rows.flatMap(([, version = '', name = '', port = '', status = '', owner = '', path = '', log = '']) => {
        const cluster = `${version}/${name}`;
        if (owner === '<unknown>')
          return [finding(`The data directory of ${cluster} does not exist or cannot be read.`)];
        if (status.includes('binaries_missing'))
          return [finding(`${cluster}: the programs of release ${version} are not installed.`)];
        if (owner === 'root')
          return [
            finding(
              `The data directory of ${cluster} belongs to root, and no server starts on it: chown -R postgres: ${path}, as root.`,
              'standby/wrong-owner',
            ),
          ];
        if (status.startsWith('down'))
          return [finding(`${cluster} is not running${log === '' ? '' : `: ${log} says why`}.`, 'standby/not-running')];
        return [finding(`${cluster} runs on port ${port}${status.includes('recovery') ? ' as a standby' : ''}.`)];
      }),
    ],
    where: 'for one that should run',
    command: directory === undefined ? postmortem : `standbylint postmortem -D ${directory}`,
  });
}

/** primary_conninfo in the same text asks for a port that no cluster of this list has. */
function otherPort(ports: readonly string[], text: string): readonly Finding[] {
  const asked = /\bprimary_conninfo\b[^\n]*?\bport=(\d+)/u.exec(text)?.[1];
  return asked === undefined || ports.includes(asked)
    ? []
    : [
        finding(
          `primary_conninfo asks for port ${asked}, and no cluster in this list has it (${ports.join(', ')}): if these are the clusters of the primary, name its port.`,
          'network/connection-refused',
        ),
      ];
}

/** What a query of one's own gives for the lag: a time, in one column. */
export function lagOfQuery(text: string): Explanation | undefined {
  const [, name, value] =
    /^\|? *(\w*(?:lag|delay|behind)\w*) *\|?\n[-+]+\n\|? *((?:\d+ days? )?\d+:\d\d:\d\d\S*|\d+(?:\.\d+)?|) *\|?\n(?:[-+]+\n)?\(1 row\)/imu.exec(
      text,
    ) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return shape({
    text: `${name}: ${value === '' ? 'null' : value}`,
    means:
      value === ''
        ? 'This is a measure of replication lag without a value: nothing was replayed since the server started, or the server is not a standby.'
        : `This is a measure of replication lag: ${value}.`,
    candidates: withoutMeaning(text) ?? [
      finding(
        'If it is now() - pg_last_xact_replay_timestamp(), it also grows while the primary has nothing to commit, and on a server that was promoted, where it means nothing (pg_is_in_recovery is f): compare positions, not times.',
      ),
      finding(
        'The standby receives and does not replay: a long query there, a paused replay, recovery_min_apply_delay, slow storage.',
      ),
      finding(
        'The standby does not receive: it is not connected, or the network is too slow.',
        'streaming/not-connected',
      ),
    ],
    where: 'on the primary, to see where each standby is',
    command:
      'psql -c "SELECT application_name, state, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn)) AS not_sent, pg_size_pretty(pg_wal_lsn_diff(sent_lsn, replay_lsn)) AS not_replayed FROM pg_stat_replication"',
  });
}

/** What stands beside a measure of the lag may show that there is none. */
function withoutMeaning(text: string): readonly Finding[] | undefined {
  if (recoveryIn(text)?.startsWith('f') === true)
    return [
      finding(
        'pg_is_in_recovery is f: this server is a primary, and has no lag. pg_last_xact_replay_timestamp() is empty there, or left over from when it was a standby; its age only grows.',
      ),
    ];
  const received = positionOf(text, 'receive');
  return received !== undefined && received === positionOf(text, 'replay')
    ? [
        finding(
          `All that was received is replayed (both are at ${received}): there is no lag on this side. The age of the last transaction grows while the primary has nothing to commit.`,
        ),
        finding(
          'Unless the standby no longer receives: pg_stat_wal_receiver must have a row with status streaming.',
          'streaming/not-connected',
        ),
      ]
    : undefined;
}

const positionOf = (text: string, what: 'receive' | 'replay'): string | undefined =>
  new RegExp(
    `^\\|? *pg_last_(?:wal_${what}_lsn|xlog_${what}_location) *\\|?\\n[-+]+\\n\\|? *([0-9A-F]+/[0-9A-F]+)`,
    'imu',
  ).exec(text)?.[1];
