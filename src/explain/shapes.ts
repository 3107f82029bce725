import { parseHbaFile } from '../postgres/hba-file.ts';
import type { HbaRule } from '../postgres/hba-line.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import { maskConninfo } from '../postgres/conninfo-mask.ts';
import type { Explanation, ExplainedCandidate } from './explanation.ts';
import { ownBaseBackup } from './next-commands.ts';

/** What is no message but can be told apart all the same: lines of configuration, output of psql and of programs, a command. */
export function shapesIn(text: string): readonly Explanation[] {
  for (const look of [
    baseBackupCommand,
    controlData,
    slots,
    walSenders,
    directoryListing,
    hbaLines,
    settings,
    containerFile,
  ]) {
    const found = look(text);
    if (found !== undefined) return [found];
  }
  return [];
}

interface Shape {
  readonly text: string;
  readonly means: string;
  readonly candidates?: readonly Pick<ExplainedCandidate, 'cause' | 'rule' | 'check'>[];
  readonly advice?: string;
  readonly where?: string;
  readonly command: string;
}

const shape = ({
  text,
  means,
  candidates = [],
  advice,
  where = 'to look at the servers themselves',
  command,
}: Shape): Explanation => ({
  text: text.replaceAll(/\s+/gu, ' ').trim().slice(0, 200),
  message: null,
  standing: 'cause',
  rule: null,
  means,
  confidence: 'medium',
  candidates: candidates.map((one) => ({ ...one, confidence: 'medium' })),
  steps: [],
  advice: advice ?? null,
  quoted: [],
  next: [{ where, command }],
  count: 1,
  first: null,
  last: null,
  over: false,
});

const finding = (cause: string, rule: string | null = null): Pick<ExplainedCandidate, 'cause' | 'rule' | 'check'> => ({
  cause,
  rule,
  check: null,
});

const postmortem = 'standbylint postmortem -D <data directory>';

function baseBackupCommand(text: string): Explanation | undefined {
  const command = ownBaseBackup(text);
  if (command === undefined) return undefined;
  const has = (pattern: RegExp): boolean => pattern.test(` ${command} `);
  const plain = !has(/ (?:-F ?t|--format[ =]t)/u);
  return shape({
    text: command.replace('standbylint preflight ', ''),
    means: 'This is a command line of pg_basebackup.',
    candidates: [
      ...(has(/ (?:-z|-Z ?[1-9]|--gzip|--compress[ =](?!server-|none|0)) ?/u) && plain
        ? [
            finding(
              '-z and -Z do not go with the plain format: only tar backups are compressed here (15 and later: --compress=server-gzip).',
              'command/options-conflict',
            ),
          ]
        : []),
      ...(has(/ (?:-S|--slot[ =])/u) && has(/ (?:-X ?[fn]|--wal-method[ =][fn])/u)
        ? [finding('-S needs -X stream.', 'command/options-conflict')]
        : []),
      ...(has(/ (?:-C|--create-slot) /u) && !has(/ (?:-S|--slot[ =])/u)
        ? [finding('-C needs a slot name: -S <slot>.', 'command/options-conflict')]
        : []),
      ...(has(/ (?:-X ?n(?:one)?|--wal-method[ =]n)/u)
        ? [finding('-X none leaves out the WAL without which the copy cannot start.', 'command/wal-not-included')]
        : []),
      ...(has(/ (?:-[a-zA-Z]*R|--write-recovery-conf) ?/u)
        ? []
        : [
            finding(
              'Without -R neither standby.signal nor primary_conninfo is written: the copy would start as a primary of its own.',
            ),
          ]),
      ...(has(/ (?:-D|--pgdata[ =])/u) ? [] : [finding('The target directory (-D) is missing.')]),
    ],
    where: 'to check it against the servers, without copying anything',
    command,
  });
}

function controlData(text: string): Explanation | undefined {
  const value = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]+(.+)$`, 'mu').exec(text)?.[1]?.trim();
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

/** psql's table: its head and rows. */
function table(text: string, ...columns: readonly string[]): readonly ReadonlyMap<string, string>[] | undefined {
  const lines = text.split('\n');
  const expanded = columns.every((name) => new RegExp(`^${name} +\\| ?`, 'mu').test(text));
  if (expanded)
    return [
      new Map([...text.matchAll(/^(\w+) +\| ?(.*)$/gmu)].map(([, name = '', value = '']) => [name, value.trim()])),
    ];
  const at = lines.findIndex((line) =>
    columns.every((name) => new RegExp(`(?:^|\\|)\\s*${name}\\s*(?:\\||$)`, 'u').test(line)),
  );
  if (at === -1) return undefined;
  const names = (lines[at] ?? '').split('|').map((name) => name.trim());
  return lines
    .slice(at + 1)
    .filter((line) => line.includes('|') && !/^[-+\s]+$/u.test(line))
    .map((line) => new Map(line.split('|').map((cell, index) => [names[index] ?? '', cell.trim()])));
}

function slots(text: string): Explanation | undefined {
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
        : 'This is output of pg_replication_slots.',
    candidates: rows.flatMap((row) => {
      const name = row.get('slot_name') ?? '';
      if (row.get('wal_status') === 'lost')
        return [
          finding(
            `Slot "${name}" is lost: its WAL was removed (max_slot_wal_keep_size), and it cannot be used again. The standby needs the WAL from an archive, or a new base backup.`,
            'slot/lost',
          ),
        ];
      if (/^f/u.test(row.get('active') ?? ''))
        return [
          finding(
            `Slot "${name}" is not in use: nothing is connected through it, and the server keeps all WAL from ${row.get('restart_lsn') ?? 'its restart_lsn'} on, until the disk is full. Connect its standby, or drop the slot when nobody needs it any more.`,
          ),
        ];
      if (row.get('slot_type') === 'physical' && row.get('restart_lsn') === '')
        return [finding(`Slot "${name}" holds no WAL yet: no standby has ever streamed through it.`)];
      return [];
    }),
    command: postmortem,
  });
}

function walSenders(text: string): Explanation | undefined {
  const rows =
    table(text, 'state', 'sync_state') ??
    table(text, 'application_name', 'state') ??
    table(text, 'sent_lsn', 'replay_lsn') ??
    table(text, 'client_addr', 'state');
  if (rows === undefined) return undefined;
  return shape({
    text: 'pg_stat_replication',
    means:
      rows.length === 0
        ? 'This is output of pg_stat_replication without rows: no standby is connected to this server.'
        : 'This is output of pg_stat_replication: one row for each connected receiver.',
    candidates: rows.flatMap((row) => {
      const name = row.get('application_name') ?? row.get('client_addr') ?? '';
      const state = row.get('state') ?? '';
      if (state === 'startup')
        return [finding(`"${name}" is connected and has not begun to stream: on the standby, its log says why.`)];
      if (state === 'catchup') return [finding(`"${name}" is catching up: it is behind and reads older WAL.`)];
      if (state === 'backup') return [finding(`"${name}" is a base backup that is running.`)];
      if (
        row.get('sent_lsn') !== undefined &&
        row.get('replay_lsn') !== undefined &&
        row.get('sent_lsn') !== row.get('replay_lsn')
      )
        return [
          finding(
            `"${name}" has not replayed all that was sent (${row.get('replay_lsn') ?? ''} of ${row.get('sent_lsn') ?? ''}).`,
          ),
        ];
      return [];
    }),
    command: postmortem,
  });
}

function directoryListing(text: string): Explanation | undefined {
  const entries = [...text.matchAll(/^([-dl])([rwxsStT-]{9})[.+@]? +\d+ +(\S+) +(\S+) .*? (\S+)(?: -> .*)?$/gmu)].map(
    ([, kind = '', mode = '', owner = '', , name = '']) => ({ kind, mode, owner, name }),
  );
  if (entries.length === 0) return undefined;
  const has = (name: string): boolean => entries.some((entry) => entry.name === name);
  if (
    !['PG_VERSION', 'base', 'pg_wal', 'pg_xlog', 'standby.signal', 'postgresql.conf', 'global', 'backup_label'].some(
      has,
    )
  )
    return undefined;
  const self = entries.find(({ name }) => name === '.');
  return shape({
    text: 'ls -la of a data directory',
    means: 'This is a listing of a data directory.',
    candidates: [
      ...(has('PG_VERSION') && !has('pg_wal') && !has('pg_xlog')
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
      ...(has('base') && !has('standby.signal') && !has('recovery.conf')
        ? [
            finding(
              'standby.signal is not there: started like this, the server is a primary of its own (12 and later).',
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
        ? [finding('backup_label is there: the server has not been started on this copy yet. Leave it in place.')]
        : []),
      ...(has('postmaster.pid')
        ? [finding('postmaster.pid is there: a server runs on it, or was killed.', 'standby/stale-pid-file')]
        : []),
      ...(self !== undefined && !/^rwx(?:r-x|---)---$/u.test(self.mode)
        ? [
            finding(
              'The directory is accessible to others: the server accepts only 0700 or 0750.',
              'standby/permissions',
            ),
          ]
        : []),
      ...(new Set(entries.filter(({ name }) => name !== '..').map(({ owner }) => owner)).size > 1
        ? [
            finding(
              'Its files belong to different users: all must belong to the user of the server.',
              'standby/wrong-owner',
            ),
          ]
        : []),
    ],
    command: postmortem,
  });
}

function hbaLines(text: string): Explanation | undefined {
  const own = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(?:local|host(?:ssl|nossl|gssenc|nogssenc)?)\s+\S+\s+\S+/u.test(line));
  const words = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length;
  if (own.length === 0 || own.length * 2 < words) return undefined;
  const lines = parseHbaFile({ file: 'pg_hba.conf', text: own.join('\n'), serverVersion: 18 }).lines;
  const rules = lines.filter((line): line is HbaRule => line.kind === 'rule');
  const forReplication = rules.filter(({ databases }) => databases.some((token) => token.text === 'replication'));
  // a sentence may begin with "host", too
  if (
    rules.length === 0 &&
    !/\b(?:trust|md5|scram-sha-256|peer|ident|reject|cert|password|replication|all)\b/u.test(text)
  )
    return undefined;
  return shape({
    text: own[0] ?? '',
    means:
      own.length === 1
        ? 'This is a line of pg_hba.conf.'
        : 'These are lines of pg_hba.conf; the first that matches a connection decides.',
    candidates: [
      ...lines.flatMap((line) =>
        line.kind === 'broken'
          ? [
              finding(
                `The server cannot read "${line.text}": ${line.error}. It keeps its old rules, and does not start with such a file.`,
                'hba/invalid-line',
              ),
            ]
          : [],
      ),
      ...(rules.length > 0 && forReplication.length === 0
        ? [
            finding(
              'It lets no replication connection in: "all" does not include the keyword replication in the database column.',
              'hba/no-replication-entry',
            ),
          ]
        : []),
      ...forReplication.flatMap((line) => judgedHba(line)),
    ],
    advice: 'After a change: SELECT pg_reload_conf(); then look at pg_hba_file_rules for errors.',
    where: 'to see whether it lets a standby in',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  });
}

function judgedHba({
  text,
  method,
  type,
  users,
  address,
}: HbaRule): readonly Pick<ExplainedCandidate, 'cause' | 'rule' | 'check'>[] {
  const who = users.map((token) => token.text).join(',');
  if (method === 'reject') return [finding(`"${text}" refuses replication connections of ${who}.`, 'hba/rejected')];
  if (type !== 'local' && method === 'peer')
    return [finding(`"${text}": peer works on local sockets only.`, 'hba/invalid-line')];
  if (method === 'ident')
    return [
      finding(
        `"${text}" asks an ident server on the client, which hardly ever runs: use scram-sha-256.`,
        'hba/shadowed',
      ),
    ];
  if (method === 'trust' && type !== 'local')
    return [
      finding(
        `"${text}" lets ${who} replicate without a password, ${address.kind === 'all' ? 'from everywhere' : 'from these addresses'}: use scram-sha-256.`,
      ),
    ];
  return [
    finding(
      `"${text}" lets ${who === 'all' ? 'every role with REPLICATION' : who} in for replication${type === 'hostssl' ? ', encrypted only' : ''}, if no earlier line matches.`,
    ),
  ];
}

const telling: Readonly<Record<string, readonly [RegExp, string, string | null]>> = {
  wal_level: [
    /^minimal$/u,
    'wal_level = minimal: no base backup and no standby are possible. Use replica (restart).',
    'primary/wal-level-minimal',
  ],
  max_wal_senders: [
    /^0$/u,
    'max_wal_senders = 0: no replication connection is let in. Set it together with wal_level = replica (restart).',
    'primary/no-wal-senders',
  ],
  listen_addresses: [
    /^(?:localhost|127\.0\.0\.1|)$/u,
    'listen_addresses lets in connections from this machine only (a change needs a restart).',
    'network/listen-addresses',
  ],
  hot_standby: [
    /^(?:off|false|no|0)$/u,
    'hot_standby = off: the standby replays and lets no session in.',
    'recovery/hot-standby-off',
  ],
  archive_mode: [
    /^(?:on|always)$/u,
    'archive_mode is on: archive_command must succeed, or pg_wal grows without end.',
    null,
  ],
  standby_mode: [/./u, 'standby_mode is gone since 12: create standby.signal instead.', 'standby/config-file-error'],
  trigger_file: [
    /./u,
    'trigger_file became promote_trigger_file in 12, which is gone since 16.',
    'standby/config-file-error',
  ],
  promote_trigger_file: [
    /./u,
    'promote_trigger_file is gone since 16: use pg_ctl promote or pg_promote().',
    'standby/config-file-error',
  ],
  wal_keep_segments: [/./u, 'wal_keep_segments is wal_keep_size since 13.', 'standby/config-file-error'],
  recovery_target: [
    /./u,
    'A recovery target is set: on a standby it makes recovery stop there.',
    'recovery/target-set',
  ],
  recovery_target_time: [
    /./u,
    'A recovery target is set: on a standby it makes recovery stop there.',
    'recovery/target-set',
  ],
  recovery_target_lsn: [
    /./u,
    'A recovery target is set: on a standby it makes recovery stop there.',
    'recovery/target-set',
  ],
  recovery_target_timeline: [
    /^(?!latest$)/u,
    "recovery_target_timeline is not 'latest': the standby does not follow a promoted primary.",
    'timeline/behind-primary-switch',
  ],
  recovery_min_apply_delay: [/[1-9]/u, 'recovery_min_apply_delay: the standby is behind on purpose.', null],
  fsync: [/^(?:off|false|no|0)$/u, 'fsync = off: a crash destroys the data.', null],
  full_page_writes: [/^(?:off|false|no|0)$/u, 'full_page_writes = off: base backups from a standby fail.', null],
  synchronous_standby_names: [
    /./u,
    'Commits wait for the named standbys: without one of them connected, they hang.',
    'primary/synchronous-commit-blocked',
  ],
};

const plainSettings =
  /^(?:primary_slot_name|restore_command|archive_command|wal_keep_size|max_replication_slots|max_slot_wal_keep_size|hot_standby_feedback|max_connections|port|wal_log_hints|wal_sender_timeout|wal_receiver_timeout|shared_preload_libraries)$/u;

function settings(text: string): Explanation | undefined {
  const found = [
    ...text.matchAll(/^\s*(?:ALTER SYSTEM SET\s+)?([a-z_]+)\s*(?:=|\bTO\b)\s*(?:'((?:[^']|'')*)'|([^\s#;]+))/gmu),
  ].map(([, name = '', quoted, bare]) => ({ name, value: quoted ?? bare ?? '' }));
  const known = found.filter(
    ({ name }) => name === 'primary_conninfo' || telling[name] !== undefined || plainSettings.test(name),
  );
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length;
  if (known.length === 0 || known.length * 2 < lines) return undefined;
  return shape({
    text: known.map(({ name }) => name).join(', '),
    means: known.length === 1 ? 'This is a setting of PostgreSQL.' : 'These are settings of PostgreSQL.',
    candidates: known.flatMap(({ name, value }) => {
      if (name === 'primary_conninfo') return judgedConninfo(value);
      const [pattern, cause, rule] = telling[name] ?? [];
      return pattern?.test(value) === true && cause !== undefined ? [finding(cause, rule ?? null)] : [];
    }),
    command: postmortem,
  });
}

function judgedConninfo(value: string): readonly Pick<ExplainedCandidate, 'cause' | 'rule' | 'check'>[] {
  const text = value.replaceAll("''", "'");
  const parsed = parseConninfo(text);
  if (!parsed.ok)
    return [finding(`primary_conninfo is not a valid connection string: ${maskConninfo(text)}`, 'conninfo/malformed')];
  const { host, hostaddr, user, passfile } = parsed.value.values;
  return [
    ...(host === undefined && hostaddr === undefined
      ? [finding('primary_conninfo names no host: the standby would look for its primary on a local socket.')]
      : []),
    ...(user === undefined
      ? [finding('primary_conninfo names no user: the operating system user of the server is taken.')]
      : []),
    ...(parsed.value.values.password === undefined && passfile === undefined
      ? [
          finding(
            'It has no password and no passfile: if the primary asks for one, it comes from ~/.pgpass of the user of the server (database column: replication or *).',
            'conninfo/no-password',
          ),
        ]
      : []),
  ];
}

function containerFile(text: string): Explanation | undefined {
  const image = /^\s*(?:image:|FROM)\s*["']?(\S*(?:postgres|bitnami\/postgresql|spilo)\S*?)["']?\s*$/imu.exec(
    text,
  )?.[1];
  if (image === undefined) return undefined;
  return shape({
    text: `image ${image}`,
    means: 'This is part of a compose file or Dockerfile for PostgreSQL.',
    candidates: [
      finding(
        'The image runs initdb on an empty data directory at its first start. For a standby, pg_basebackup must fill the volume before (an entrypoint or init container of its own); otherwise the two have different system identifiers.',
      ),
      ...(/POSTGRES_(?:USER|PASSWORD|DB)|initdb\.d/u.test(text)
        ? [
            finding(
              'POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and /docker-entrypoint-initdb.d apply only while the data directory is empty.',
            ),
          ]
        : []),
      ...(/:(?:latest)?$|^[^:]*$/u.test(image)
        ? [
            finding(
              'Without a fixed release (postgres:16) an update may bring a release that does not start on the old data.',
            ),
          ]
        : []),
      ...(/:\/var\/lib\/postgresql\/data/u.test(text)
        ? [finding('From release 18 on the volume belongs at /var/lib/postgresql.')]
        : []),
    ],
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  });
}
