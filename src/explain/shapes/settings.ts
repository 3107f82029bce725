import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { judgedValue } from './setting-value.ts';
import { judgedUpstream } from './upstream-setting.ts';

const targetSet =
  'A recovery target is set: on a standby it makes recovery stop there. Take it out and restart. pg_wal_replay_resume() at a target ends recovery: the standby would become a primary.';

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
  recovery_target: [/./u, targetSet, 'recovery/target-set'],
  recovery_target_time: [/./u, targetSet, 'recovery/target-set'],
  recovery_target_lsn: [/./u, targetSet, 'recovery/target-set'],
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
  /^(?:primary_slot_name|restore_command|archive_command|wal_keep_size|max_replication_slots|max_slot_wal_keep_size|hot_standby_feedback|max_connections|port|recovery_prefetch|max_standby_streaming_delay|max_standby_archive_delay|wal_retrieve_retry_interval|wal_log_hints|wal_sender_timeout|wal_receiver_timeout|shared_preload_libraries)$/u;

/** A word of a setting that PostgreSQL alone has: one of them is enough among sentences. */
const ownNames = /^(?:primary_conninfo|wal_level|max_wal_senders|listen_addresses|hot_standby|standby_mode)$/u;

interface Assigned {
  readonly name: string;
  readonly value: string;
  /** Behind `#`. */
  readonly off: boolean;
}

/** `raw`: the same text, with its secrets. */
export function settings(text: string, raw: string = text): Explanation | undefined {
  const found: Assigned[] = [
    ...text.matchAll(
      /^[ \t]*(?:(#)[ \t]*)?(?:ALTER SYSTEM SET\s+)?([a-z_]+)[ \t]*(?:=|\bTO\b|(?=[ \t]'))[ \t]*(?:'((?:[^'\n]|'')*)(?:'|$)|([^\s#;]+))/gmu,
    ),
  ].map(([, mark = '', name = '', quoted, bare]) => ({ name, value: quoted ?? bare ?? '', off: mark === '#' }));
  // the count of rows is often left out; another column is called "port", too
  const shown = [...text.matchAll(/^ *([a-z_]+) *\n-+\n([^\n]*)(\n\(1 row\))?/gmu)]
    .filter(([, name = '', , one]) => one !== undefined || telling[name] !== undefined)
    .map(([, name = '', value = '']): Assigned => ({ name, value: value.trim(), off: false }));
  if (shown.length > 0) found.splice(0, found.length, ...shown);
  const known = found.filter(
    ({ name }) => name === 'primary_conninfo' || telling[name] !== undefined || plainSettings.test(name),
  );
  const inForce = known.filter(({ off }) => !off);
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length;
  const isShort = text.length < longestQuestion && known.some(({ name }) => ownNames.test(name));
  if (known.length === 0 || (shown.length === 0 && !isShort && inForce.length * 2 < lines)) return undefined;
  const valueOf = (name: string): string | undefined => inForce.findLast((one) => one.name === name)?.value;
  const old = inForce.some(({ name }) => name === 'standby_mode');
  return shape({
    text: known.map(({ name, off }) => (off ? `#${name}` : name)).join(', '),
    means: old
      ? 'These are lines of recovery.conf, which PostgreSQL reads up to release 11. From 12 on they belong in postgresql.conf or postgresql.auto.conf, with an empty file standby.signal beside them; with a recovery.conf the server does not start.'
      : known.length === 1
        ? 'This is a setting of PostgreSQL.'
        : 'These are settings of PostgreSQL.',
    candidates: [
      ...known
        .filter(({ name, off }) => off && !inForce.some((one) => one.name === name))
        .flatMap(({ name }) => withoutEffect(name, old || isBefore10(text))),
      ...inForce.flatMap(({ name, value }) => {
        if (name === 'primary_conninfo')
          return judgedUpstream(value, shown.length > 0 ? '' : raw, {
            port: valueOf('port'),
            listenAddresses: valueOf('listen_addresses'),
          });
        if (old && name === 'standby_mode') return [];
        const refused = judgedValue(name, value);
        if (refused.length > 0) return refused;
        const [pattern, cause, rule] = telling[name] ?? [];
        return pattern?.test(value) === true && cause !== undefined ? [finding(cause, rule ?? null)] : [];
      }),
      // what stops a standby goes before what may be so
    ].toSorted((a, b) => Number(b.cause === targetSet) - Number(a.cause === targetSet)),
    command: postmortem,
  });
}

/** Some twenty lines: a question with what is configured. */
const longestQuestion = 2048;

const isBefore10 = (text: string): boolean =>
  /\bwal_level\s*=\s*'?hot_standby\b|\bwal (?:receiver|sender) process\b|\bpg_xlog\b|\b(?:PostgreSQL|postgres(?:ql)?[-/ ]|pgsql[-/]?|psql \()\s*9\.\d/iu.test(
    text,
  );

/** What a line behind `#` leaves as it is. */
const withoutEffect = (name: string, before10: boolean): readonly Finding[] =>
  name === 'hot_standby' && before10
    ? [
        finding(
          'hot_standby is commented out: before 10 the default is off, and the standby lets no session in. Set it to on and restart the standby.',
          'recovery/hot-standby-off',
        ),
      ]
    : name === 'listen_addresses'
      ? [
          finding(
            'listen_addresses is commented out: the default, localhost, lets in connections from this machine only (a change needs a restart).',
            'network/listen-addresses',
          ),
        ]
      : name === 'primary_conninfo'
        ? [finding('primary_conninfo is commented out and has no effect.', 'conninfo/missing')]
        : [];
