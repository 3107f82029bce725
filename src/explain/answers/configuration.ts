import type { Answer } from '../answer.ts';

/** Settings and the files that they are in. */
export const answersAboutConfiguration: readonly Answer[] = [
  {
    id: 'senders-and-connections',
    of: ['reserved-connections-too-many'],
    says: [
      'max_wal_senders must be less than max_connections',
      'superuser_reserved_connections must be less than max_connections',
      'superuser_reserved_connections (%d) plus max_wal_senders (%d) must be less than max_connections (%d)',
      'max_wal_senders (%d) plus superuser_reserved_connections (%d) must be less than max_connections (%d)',
    ],
    source: 'PostgreSQL, src/backend/postmaster/postmaster.c (the first: before 12)',
    matters: 5,
    means: 'The server does not start: max_connections is too small for what is reserved out of it.',
    causes: [
      {
        cause: 'Before 12, WAL senders (10 by default since 10) take connections.',
        on: 'standby',
        check: 'grep -nE "^ *(max_connections|max_wal_senders|superuser_reserved)" <data directory>/postgresql*.conf',
      },
    ],
    todo: 'Raise max_connections, or lower the other setting, and start the server. A standby needs at least the max_connections and max_wal_senders of its primary.',
  },
  {
    of: ['config-outside-range', 'config-unrecognized-param', 'config-invalid-value'],
    when: /^(?:SET|ALTER (?:SYSTEM|ROLE|USER|DATABASE)|SELECT (?:pg_catalog\.)?set_config)\b/imu,
    matters: 2,
    means:
      'A statement was to set {parameter|a setting}, and the server does not accept that name or value. Nothing was changed, and the configuration has no fault by this.',
    causes: [
      {
        cause: 'The name is misspelled or of another release, or the value is not one that the setting can have.',
        on: 'server',
        check: `psql -c "SELECT name, setting, unit, min_val, max_val, enumvals FROM pg_settings WHERE name = '{parameter|<name>}'"`,
      },
    ],
    todo: 'Correct the statement.',
  },
  {
    of: ['config-invalid-value'],
    when: /for parameter "[\w.]+": ""/u,
    matters: 4,
    means:
      'Setting {parameter} was given an empty value, which this server does not accept. A starting server does not start with it; a running one keeps the old value.',
    causes: [
      {
        cause:
          'A variable of a script, a Compose file or a template was empty, and its value went to the command line of the server (-c, -p) or into a configuration file.',
        on: 'standby',
        check: `env | grep -E "^(PG|POSTGRES)" | cut -d= -f1; grep -rn "{parameter|<setting>}" <data directory>/postgresql*.conf`,
      },
    ],
    todo: 'Give the variable a value where the server is started, or leave the setting out: then its default applies.',
  },
  {
    of: ['config-skipping-missing'],
    kind: 'consequence',
    matters: 3,
    means:
      'A file that the configuration includes (include_if_exists) is not there, and the server goes on without it. If the settings of a standby or of a primary were to be in it, none of them counts.',
    causes: [
      {
        cause: 'The script or the mount that puts the file there did not work, or the path is that of another machine.',
        on: 'server',
        check: `ls -l {file|<file>}; psql -c "SELECT pg_is_in_recovery()" -c "SELECT DISTINCT sourcefile FROM pg_file_settings"`,
      },
    ],
    todo: 'Put the file there and restart, or remove the line if it is not needed. A server is a standby only with standby.signal in its data directory (before 12: recovery.conf).',
  },
  {
    of: ['config-param-removed'],
    when: /primary_conninfo|primary_slot_name/u,
    kind: 'consequence',
    matters: 4,
    means:
      'The configuration of this standby was written again, and {parameter|the setting} is no longer in it. Without primary_conninfo it follows no server.',
    causes: [
      {
        cause:
          'Patroni (or another manager) writes it like this while the cluster has no leader, and again when there is one. If it stays away, the members do not agree on a leader.',
        on: 'standby',
        check: 'patronictl list',
      },
      {
        cause: 'A person or a tool took it out of postgresql.auto.conf (ALTER SYSTEM RESET) or of an included file.',
        on: 'standby',
        check: 'psql -c "SELECT sourcefile, sourceline, name, setting, error FROM pg_file_settings ORDER BY 1, 2"',
      },
    ],
  },
  {
    of: ['recovery-conf-not-supported'],
    means: 'recovery.conf is in the data directory, and releases from 12 on do not start with it.',
    causes: [
      {
        cause: 'A guide for older releases, or an old tool, wrote it.',
        on: 'standby',
        check: 'cat <data directory>/recovery.conf',
        rule: 'standby/recovery-conf-present',
      },
    ],
    todo: 'Move its settings to postgresql.auto.conf, without standby_mode and trigger_file (that was promote_trigger_file until 15, and is gone since 16). Create standby.signal for a standby, or recovery.signal for a point-in-time recovery. Then move recovery.conf aside.',
  },
  {
    of: ['config-unrecognized-param-file', 'config-unrecognized-param'],
    matters: 5,
    kind: 'cause',
    when: /promote_trigger_file|trigger_file/u,
    means:
      'The configuration sets {parameter}, which this release does not know: trigger_file became promote_trigger_file in 12, and that is gone since 16.',
    todo: 'Remove the line. Promote with pg_ctl promote or SELECT pg_promote().',
    causes: [
      {
        cause: 'The configuration comes from an older release.',
        on: 'standby',
        check: 'grep -rn trigger_file <data directory>/postgresql*.conf',
        rule: 'standby/config-file-error',
      },
    ],
  },
  {
    of: ['config-unrecognized-param-file', 'config-unrecognized-param'],
    matters: 5,
    kind: 'cause',
    means:
      'The configuration sets {parameter}, which this server does not know. {settingStory|It is misspelled, of another release, or of an extension that is not loaded.}',
    causes: [
      {
        cause:
          'The file was written for another release (a guide, another node, an upgrade), or another server than expected starts.',
        on: 'standby',
        check: 'postgres --version',
        rule: 'standby/config-file-error',
      },
    ],
    todo: 'Correct, rename or remove the setting in the file and line that the message names, then start again.',
  },
  {
    of: ['config-file-errors', 'config-file-errors-unaffected', 'config-file-errors-none'],
    kind: 'consequence',
    matters: 4,
    means: 'The configuration file {file} has an error; the LOG line before this one names the setting and the line.',
    causes: [
      {
        cause: 'See the lines before.',
        on: 'standby',
        check: 'postgres -C max_connections -D <data directory>',
        rule: 'standby/config-file-error',
      },
    ],
  },
  {
    id: 'config-needs-restart',
    of: ['config-file-errors', 'config-file-errors-unaffected', 'config-file-errors-none'],
    beside: /cannot be changed without restarting the server/u,
    kind: 'consequence',
    matters: 2,
    means:
      'A reload took over what it could. The file itself may be right: the line about a parameter that needs a restart is reported as an error of the file, too.',
  },
  {
    of: ['config-syntax-token', 'config-syntax-eol'],
    matters: 5,
    means:
      'A configuration file cannot be read at the line that the message names: a missing quotation mark, a missing value, or text that is not a setting.',
    causes: [
      {
        cause: 'Values with blanks or special characters must be in single quotes.',
        on: 'standby',
        check: "sed -n '{line}p' {file}",
        rule: 'standby/config-file-error',
      },
    ],
  },
  {
    id: 'setting-not-in-a-session',
    says: ['parameter "%s" cannot be changed now', 'parameter "%s" cannot be set after connection start'],
    source: 'PostgreSQL, src/backend/utils/misc/guc.c, set_config_with_handle',
    matters: 4,
    means:
      'A session or a connection string (options, ALTER ROLE … SET) was to set a parameter that this server takes only from its configuration, or only at the start of a connection.',
    causes: [
      {
        cause:
          'Where it may be set: sighup in postgresql.conf, backend and superuser-backend at the start of a connection. A release may allow more than the one before it (wal_sender_timeout in a connection since 12).',
        on: 'server',
        check:
          'psql -c "SELECT name, context, setting FROM pg_settings WHERE name = \'{parameter|<name>}\'" -c "SHOW server_version"',
      },
    ],
    todo: 'Set it in postgresql.conf (ALTER SYSTEM) and reload, and leave it out of the connection string or of the program that sends it.',
  },
  {
    of: ['config-invalid-value'],
    when: /"(?:TimeZone|log_timezone)"/iu,
    matters: 5,
    means:
      'The server does not know the time zone "{value}": the files of its operating system do not have that name, and the server does not start.',
    causes: [
      {
        cause:
          'Old names (US/Eastern, GB, Asia/Calcutta) are in a separate package from Debian 13 and Ubuntu 24.04 on: tzdata-legacy.',
        on: 'server',
        check: 'ls /usr/share/zoneinfo/{value}; postgres -C timezone -D <data directory>',
      },
      {
        cause: 'tzdata is not installed at all, as in small images.',
        on: 'server',
        check: 'ls /usr/share/zoneinfo | head',
      },
    ],
    todo: 'Write the current name (America/New_York, Europe/London, Asia/Kolkata) for {parameter}, or install tzdata-legacy. On a standby the setting came with the copy: it is also in postgresql.conf of the primary.',
  },
  {
    of: ['config-invalid-value'],
    when: /"lc_(?:messages|monetary|numeric|time)"/iu,
    matters: 5,
    means:
      'The locale "{value}" of {parameter} is not installed on this machine or in this image, and the server does not start with it.',
    causes: [
      {
        cause:
          'initdb wrote the setting on another machine, and it came with the copy or the volume. Small images have C, C.UTF-8 and POSIX only.',
        on: 'server',
        check: 'locale -a; grep -n "^lc_" <data directory>/postgresql*.conf',
      },
    ],
    todo: "Install the locale (Debian: locale-gen; Red Hat: glibc-langpack-…), or set this one to 'C': it decides on messages and formats only, not on how data is stored or sorted.",
  },
];
