import type { Explanation } from '../explanation.ts';
import { membersOfFormats } from './patroni-formats.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { mayBeExcerpt, table } from './table.ts';

type Row = ReadonlyMap<string, string>;

/** patronictl list (patroni/utils.py, print_output; the states are those of patroni/postgresql/misc.py). */
export function patroniMembers(text: string): Explanation | undefined {
  const whole = membersOfFormats(text);
  const rows = (whole ?? table(text, 'Member', 'Role', 'State'))
    // patronictl topology draws a tree
    ?.map((row) => new Map([...row, ['Member', (row.get('Member') ?? '').replace(/^\+ /u, '')]]))
    .filter((row) => row.get('Member') !== '');
  if (rows === undefined) return undefined;
  const leader = rows.find((row) => /^(?:standby )?leader$/iu.test(row.get('Role') ?? ''));
  const noneLeads = leader === undefined && (whole !== undefined || !mayBeExcerpt(text, rows));
  const judged = rows.flatMap((row) => ofMember(row, leader, rows));
  const isWell =
    judged.length === 0 &&
    leader !== undefined &&
    rows.length > 1 &&
    rows.every(
      (row) =>
        /^(?:running|streaming)$/u.test(row.get('State') ?? '') &&
        row.get('TL') === leader.get('TL') &&
        (row === leader || /^0$/u.test(lagOf(row))),
    );
  return shape({
    text: 'patronictl list',
    means: `This is the list of the members of a Patroni cluster${leader === undefined ? (noneLeads ? '; none of them leads' : '') : `; ${leader.get('Member') ?? ''} leads`}.${isWell ? ' All of them run, on one timeline and without lag.' : ''}`,
    candidates: [
      ...(noneLeads
        ? [
            finding(
              'There is no leader, so no member accepts writes. Either none that is up has enough of the WAL, or Patroni cannot reach its DCS: the Patroni log of each member says which.',
            ),
          ]
        : []),
      ...judged,
    ],
    where: 'on the member that is not well',
    command: postmortem,
  });
}

const lagOf = (row: Row): string => row.get('Lag in MB') ?? row.get('Replay Lag') ?? row.get('Lag') ?? '';

function ofMember(row: Row, leader: Row | undefined, rows: readonly Row[]): readonly Finding[] {
  const name = row.get('Member') ?? '';
  const state = row.get('State') ?? '';
  const lag = lagOf(row);
  const [own, leading] = [Number(row.get('TL')), Number(leader?.get('TL'))];
  if (state === 'creating replica')
    return [
      finding(
        `${name} is being copied from the leader, which takes as long as its size asks for: pg_stat_progress_basebackup on the leader shows how far it is. If it begins again and again, the copy fails: pg_basebackup says why, in the log of the patroni service on ${name}.`,
      ),
    ];
  if (/^(?:start failed|stopped|crashed|initdb failed|stopping)/u.test(state))
    return [
      finding(
        `The PostgreSQL server of ${name} is not running (${state}): its own log, not the Patroni log, says why.`,
        'standby/not-running',
      ),
    ];
  if (row === leader)
    return state === 'in archive recovery'
      ? [
          finding(
            `${name} leads a standby cluster and does not stream: it replays WAL from the archive. That is as it should be where the standby cluster has only an archive as its source. If it is to stream (standby_cluster.host), its PostgreSQL log says why it cannot.`,
          ),
        ]
      : [];
  if (/^(?:starting|restarting|in archive recovery)/u.test(state))
    return [
      finding(
        `${name} is in recovery and does not stream from the leader (${state}): it waits for WAL or replays it. Its PostgreSQL log says which.`,
        'streaming/not-connected',
      ),
    ];
  if (own < leading)
    return [
      finding(
        `${name} is on timeline ${own} and the leader is on ${leading}: it has not followed the last promotion, and may have diverged.`,
        'timeline/behind-primary-switch',
      ),
    ];
  if (own > leading && leading > 0)
    return [
      finding(
        `${name} is on timeline ${own}, and the leader on ${leading}: it was a primary itself, or follows another one, and its history is not that of the leader. patronictl reinit <cluster> ${name} makes it again from the leader; see first what it has that the leader does not.${
          /(?:^|,)\s*(?:localhost|127\.0\.0\.1)/u.test(row.get('Host') ?? '')
            ? ` Its address is ${row.get('Host') ?? ''}: the first part leads each node to itself, so it may follow itself. connect_address must be one address that all members reach.`
            : ''
        }`,
        'timeline/diverged',
      ),
    ];
  // older releases leave an unknown lag out
  if (lag === 'unknown' || (lag === '' && rows.some((other) => other !== leader && /^\d/u.test(lagOf(other)))))
    return [finding(`The lag of ${name} is unknown: it does not stream from the leader.`, 'streaming/not-connected')];
  return Number(lag) > 100 ? [finding(`${name} is ${lag} MB behind the leader.`)] : [];
}

/** repmgr cluster show (repmgr-action-cluster.c, do_cluster_show). */
export function repmgrNodes(text: string): Explanation | undefined {
  const rows =
    table(text, 'Name', 'Role', 'Status', 'Upstream')?.filter((row) => (row.get('Name') ?? '') !== '') ??
    headless(text);
  if (rows === undefined) return undefined;
  return shape({
    text: 'repmgr cluster show',
    means: 'This is the list of the nodes that repmgr knows, as seen from the node where it was run.',
    candidates: rows.flatMap((row) => withNameOfReceiver(ofNode(row, rows), row, text)),
    where: 'on the node that is not well',
    command: postmortem,
  });
}

/** Its rows, where the head was not pasted with them. */
function headless(text: string): readonly Row[] | undefined {
  const rows = text.split('\n').filter((line) => ofOneNode.test(line));
  if (rows.length === 0) return undefined;
  return rows.map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    // the last is the connection string
    const names = ['ID', 'Name', 'Role', 'Status', 'Upstream', 'Location', 'Priority', 'Timeline'];
    return new Map(cells.slice(0, -1).map((cell, index) => [names[index] ?? '', cell]));
  });
}

const ofOneNode =
  /^\s*\d+\s*\|\s*\S+\s*\|\s*(?:primary|standby|witness)\s*\|\s*(?:[*!?-]\s*)?(?:running|failed|unreachable|inactive)\b[^|]*\|.*\|.*\b(?:host|dbname|user)=/u;

/** The table repmgr.nodes (repmgr--5.0.sql). */
export function repmgrRecords(text: string): Explanation | undefined {
  const rows = table(text, 'node_id', 'node_name', 'type', 'active');
  if (rows === undefined) return undefined;
  const primaries = rows.filter((row) => row.get('type') === 'primary' && row.get('active') === 't');
  return shape({
    text: 'repmgr.nodes',
    means: `This is the table of nodes that repmgr keeps${primaries.length === 1 ? `; ${primaries[0]?.get('node_name') ?? ''} is its primary` : ''}. It says what was registered, not what runs.`,
    candidates: [
      ...(primaries.length === 1 || (primaries.length === 0 && mayBeExcerpt(text, rows))
        ? []
        : [finding(`${primaries.length} active primaries are registered: there must be one.`)]),
      ...rows
        .filter((row) => row.get('active') === 'f')
        .map((row) =>
          finding(
            `${row.get('node_name') ?? ''} is marked inactive: it failed or was unregistered. When it is back: repmgr node rejoin (with --force-rewind if it has diverged), or a new clone, then standby register --force.`,
          ),
        ),
    ],
    where: 'to see what runs',
    command: 'repmgr -f /etc/repmgr.conf cluster show',
  });
}

function ofNode(row: Row, rows: readonly Row[]): readonly Finding[] {
  const name = row.get('Name') ?? '';
  const status = row.get('Status') ?? '';
  const role = row.get('Role') ?? '';
  const primaries = rows.filter(actsAsPrimary);
  if (/failed|unreachable/u.test(status))
    return [
      finding(
        role === 'primary' && primaries.length > 0
          ? `${name} is the former primary and cannot be reached. When it is back, it must not be started as a primary: repmgr node rejoin (with --force-rewind if it has diverged) makes it a standby.`
          : `${name} cannot be reached: its server is down, or its conninfo does not work from this node.`,
      ),
    ];
  if (/running as/u.test(status) && reachesItself(row))
    return [
      finding(
        `The connection string of ${name} has no host (or localhost), so every node reaches itself with it, and "${status.replace(/^! /u, '')}" describes the node where this was run. Give it an address that all nodes reach (conninfo in repmgr.conf on ${name}), and there: repmgr -f /etc/repmgr.conf ${role === 'primary' ? 'primary' : 'standby'} register --force.`,
      ),
    ];
  if (primaries.length > 1 && actsAsPrimary(row)) return primaries[0] === row ? [twoPrimaries(primaries)] : [];
  if (/running as primary/u.test(status))
    return [
      finding(
        `${name} is registered as a standby and runs as a primary: it was promoted outside of repmgr, or was started without standby.signal.`,
        'standby/already-primary',
      ),
    ];
  if (/running as standby/u.test(status))
    return [
      finding(`${name} is registered as the primary and runs as a standby: run repmgr … register --force there.`),
    ];
  const [own, leading] = [Number(row.get('Timeline')), Number(primaries[0]?.get('Timeline'))];
  const isAttached = !/^[?!]/u.test(row.get('Upstream') ?? '');
  if (role === 'witness')
    return isAttached
      ? []
      : [
          finding(
            `${name} is a witness, which does not stream at all; it still has ${(row.get('Upstream') ?? '').replace(/^[?!]\s*/u, '')} as its primary, and that one cannot be reached. Its repmgrd changes that after a failover. If it stays so, on ${name}: repmgr -f /etc/repmgr.conf witness register -h <primary> --force.`,
          ),
        ];
  if (role === 'standby' && own < leading)
    return [
      finding(
        isAttached
          ? `${name} shows timeline ${own} and the primary ${leading}. It is attached, and repmgr shows the timeline of its last restartpoint: after a promotion that is normal for some minutes. If it stays, its PostgreSQL log says why it does not follow.`
          : `${name} is on timeline ${own} and the primary is on ${leading}: it does not stream, has not followed the last promotion, and may have diverged. repmgr node rejoin with --force-rewind, or a new clone, brings it back.`,
        isAttached ? null : 'timeline/behind-primary-switch',
      ),
    ];
  const upstream = rows.find((other) => other.get('Name') === row.get('Upstream'));
  if (
    role === 'standby' &&
    isAttached &&
    upstream !== undefined &&
    /failed|unreachable/u.test(upstream.get('Status') ?? '')
  )
    return primaries[0] === undefined || primaries[0] === upstream
      ? []
      : [
          finding(
            `${name} is registered as following ${upstream.get('Name') ?? ''}, which cannot be reached, while ${primaries[0].get('Name') ?? ''} is the primary: it receives nothing new. On ${name}: repmgr -f /etc/repmgr.conf standby follow (or, if its history has diverged, node rejoin --force-rewind).`,
            'streaming/not-connected',
          ),
        ];
  return isAttached
    ? []
    : [
        finding(
          `${name} runs and is not attached to its upstream: it does not stream. Its PostgreSQL log says why.`,
          'streaming/not-connected',
        ),
      ];
}

/** repmgr knows a standby by its application_name in pg_stat_replication (dbutils.c, is_downstream_node_attached). */
function withNameOfReceiver(found: readonly Finding[], row: Row, text: string): readonly Finding[] {
  const name = row.get('Name') ?? '';
  if (row.get('Role') !== 'standby' || !/^[?!]/u.test(row.get('Upstream') ?? '')) return found;
  const streams = /\bstreaming\b/u.test(text.replaceAll(/^.*\|.*(?:standby|primary).*$/gmu, ''));
  const names = [...text.matchAll(/^application_name +\| ?(\S+)/gmu)].map(([, one = '']) => one);
  const listed =
    names.length > 0
      ? names
      : (table(text, 'application_name', 'state') ?? []).map((one) => one.get('application_name') ?? '');
  if (!streams || listed.length === 0 || listed.includes(name)) return found;
  return [
    finding(
      `${name} does stream if it is the receiver that pg_stat_replication shows as "${listed.join('", "')}": repmgr looks for application_name = ${name} and does not find it. Set application_name=${name} in primary_conninfo of ${name} (node_name in repmgr.conf and in the conninfo must be the same), then restart it or, from 13 on, reload.`,
    ),
  ];
}

const reachesItself = (row: Row): boolean => {
  const conninfo = row.get('Connection string') ?? '';
  return /\b(?:user|dbname)=/u.test(conninfo) && !/\bhost(?:addr)?=(?!'?(?:localhost|127\.|\/))/u.test(conninfo);
};

const actsAsPrimary = (row: Row): boolean => {
  const status = row.get('Status') ?? '';
  return (
    /running as primary/u.test(status) || (row.get('Role') === 'primary' && /running(?! as standby)/u.test(status))
  );
};

/** Whatever repmgr's table of nodes says of them. */
function twoPrimaries(primaries: readonly Row[]): Finding {
  const named = primaries.map((row) => {
    const timeline = row.get('Timeline') ?? '';
    return `${row.get('Name') ?? ''}${timeline === '' ? '' : ` (timeline ${timeline})`}`;
  });
  return finding(
    `${primaries.length} nodes run as primaries: ${named.join(' and ')}. Often the former primary was simply started again. Keep clients from it before the histories differ further, stop it, and make it a standby: repmgr node rejoin (with --force-rewind).`,
    'standby/already-primary',
  );
}
