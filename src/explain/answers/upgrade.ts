import type { Answer } from '../answer.ts';

const upgrade =
  /pg_upgrade|Failure, exiting|\*failure\*|upgrade|old cluster|new cluster|source cluster|target cluster/iu;

/** pg_upgrade, as far as people with standbys meet it. */
export const answersAboutUpgrades: readonly Answer[] = [
  {
    id: 'upgrade-standby',
    says: [
      'The source cluster was shut down while in recovery mode. To upgrade, use "rsync" as documented or shut it down as a primary.',
      'The target cluster was shut down while in recovery mode. To upgrade, use "rsync" as documented or shut it down as a primary.',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/controldata.c',
    matters: 5,
    elsewhere: true,
    means: 'pg_upgrade was given the data directory of a standby. A standby is never upgraded by itself.',
    causes: [
      {
        cause:
          'pg_upgrade creates a cluster with a new system identifier: a standby upgraded on its own could not follow anymore.',
      },
    ],
    todo: 'Upgrade the primary. Then make new base backups for the standbys, or follow the rsync steps of the pg_upgrade manual exactly (both servers stopped cleanly at the same checkpoint).',
  },
  {
    of: ['standby-single-user'],
    means:
      'The directory is that of a standby (it has standby.signal), and it was started with postgres --single. Upgrade images and repair scripts do so.',
    causes: [
      {
        cause:
          'An upgrade image or script was run on a standby. A standby is not upgraded by itself: upgrade the primary, then make a new base backup.',
      },
    ],
    todo: 'Leave standby.signal where it is. Removing it makes a separate server of the directory, which can never follow its primary again.',
  },
  {
    id: 'upgrade-not-clean',
    of: ['upgrade-not-clean'],
    says: [
      'The source cluster was not shut down cleanly, state reported as: "%s"',
      'The target cluster was not shut down cleanly, state reported as: "%s"',
      'The source cluster was not shut down cleanly.',
      'The target cluster was not shut down cleanly.',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/controldata.c',
    matters: 5,
    elsewhere: true,
    means:
      'pg_upgrade needs two clusters that were stopped in order, and one was killed or crashed. Nothing was changed.',
    causes: [{ cause: 'It was stopped with -m immediate, killed, or is a copy of a running server.' }],
    todo: 'Start it once with the binaries of its own release, stop it with pg_ctl stop -m fast, and run pg_upgrade again.',
  },
  {
    of: ['upgrade-not-clean'],
    when: /"in (?:archive|crash) recovery"/u,
    elsewhere: true,
    matters: 5,
    means:
      'pg_control of that cluster says that its server is in recovery: it is a standby, or it was stopped hard while it recovered. pg_upgrade takes neither. Nothing was changed.',
    causes: [
      {
        cause: 'It is a standby (standby.signal, recovery.signal): pg_upgrade is run on the primary only.',
        on: 'that host',
        check: 'ls <data directory>/*.signal; pg_controldata -D <data directory> | grep "cluster state"',
      },
    ],
    todo: 'Upgrade the primary, and make its standbys again from it (pg_basebackup, or rsync as the page of pg_upgrade has it).',
  },
  {
    id: 'upgrade-running',
    says: [
      'There seems to be a postmaster servicing the old cluster.',
      'There seems to be a postmaster servicing the new cluster.',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/pg_upgrade.c',
    matters: 5,
    elsewhere: true,
    means: 'pg_upgrade found a postmaster.pid: a server runs on that directory, or a crash left the file.',
    causes: [
      { cause: 'The service manager has started it again.', on: 'primary', check: 'pg_ctl -D <data directory> status' },
    ],
    todo: 'Stop both servers with pg_ctl stop -m fast. Remove postmaster.pid only if pg_ctl status says that no server is running.',
  },
  {
    id: 'upgrade-settings-differ',
    says: [
      'old cluster uses data checksums but the new one does not',
      'old cluster does not use data checksums but the new one does',
      'old and new cluster pg_controldata checksum versions do not match',
      'old and new pg_controldata WAL segment sizes are invalid or do not match',
      'old and new pg_controldata WAL block sizes are invalid or do not match',
      'old and new pg_controldata block sizes are invalid or do not match',
      'old and new pg_controldata alignments are invalid or do not match.',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/controldata.c, check.c, info.c',
    matters: 5,
    elsewhere: true,
    means: 'The new cluster was not made like the old one, and pg_upgrade stops before it changes anything.',
    causes: [
      {
        cause:
          'initdb of the new release was run with other options: since 18 it turns data checksums on (--no-data-checksums for an old cluster without), and the superuser, locale, encoding and --wal-segsize must be the same.',
        on: 'primary',
        check: 'pg_controldata <old data directory> | grep -iE "checksum|segment|block size"',
      },
    ],
    todo: 'Move the new, empty cluster aside and run initdb again with the options of the old one.',
  },
  {
    id: 'upgrade-new-not-empty',
    says: [
      'New cluster database "%s" is not empty: found relation "%s.%s"',
      'New cluster database "%s" is not empty',
      'Only the install user can be defined in the new cluster.',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/check.c, check_new_cluster_is_empty, check_is_install_user',
    matters: 5,
    elsewhere: true,
    means:
      'The new cluster has been used already: pg_upgrade fills an empty one only, as initdb leaves it, and stops before it changes anything.',
    causes: [
      {
        cause:
          'Tables or roles were created there, a dump was restored, an application or an extension was started on it, or an attempt of pg_upgrade got so far.',
        on: 'primary',
        check: 'psql -p <port of the new cluster> -c "\\l" -c "\\du" -c "\\dt"',
      },
      { cause: 'Old and new are exchanged (-d and -b are the old ones, -D and -B the new ones).' },
    ],
    todo: 'Make sure that nothing in the new cluster is needed. Then move its directory aside, run initdb again with the options of the old one, and start nothing on it before pg_upgrade.',
  },
  {
    id: 'upgrade-install-user',
    says: ['database user "%s" is not the install user', 'old and new cluster install users have different values'],
    source: 'PostgreSQL, src/bin/pg_upgrade/check.c, check_is_install_user',
    matters: 5,
    elsewhere: true,
    means:
      'pg_upgrade must log in with the role that initdb made (its OID is 10), with the same name in both clusters. Nothing was changed.',
    causes: [
      {
        cause:
          'Without -U it takes the name of the operating system user; in images and on Macs the role often has another name.',
        on: 'primary',
        check: 'psql -Atc "SELECT rolname FROM pg_roles WHERE oid = 10"',
      },
    ],
    todo: 'Run initdb of the new cluster with -U <that role>, and pg_upgrade with -U <that role>.',
  },
  {
    id: 'upgrade-libraries-missing',
    says: ['Your installation references loadable libraries that are missing from the new installation.'],
    source: 'PostgreSQL, src/bin/pg_upgrade/function.c, check_loadable_libraries',
    matters: 5,
    elsewhere: true,
    means:
      'The old cluster uses libraries (mostly of extensions) that the new release does not have. pg_upgrade stopped before it changed anything.',
    causes: [
      {
        cause:
          'The package of the extension is not installed for the new release: the file loadable_libraries.txt, whose path is at the end of the message, names each library and database.',
        on: 'primary',
        check: 'cat <path>/loadable_libraries.txt; ls "$(<directory of the new programs>/pg_config --pkglibdir)"',
      },
      { cause: 'It must be in shared_preload_libraries of the new cluster: then the file says so.' },
    ],
    todo: 'Install the packages for the new release. If an extension is not needed any more, DROP EXTENSION on the old cluster. Then run pg_upgrade --check.',
  },
  {
    id: 'upgrade-paths',
    says: [
      'check for "%s" failed: %s',
      'check for "%s" failed: not a regular file',
      'check for "%s" failed: incorrect version: found "%s", expected "%s"',
      'could not open version file: %s',
      'could not open version file "%s": %s',
      'Old cluster data and binary directories are from different major versions.',
      'New cluster data and binary directories are from different major versions.',
      'You must identify the directory where the %s.',
    ],
    among: upgrade,
    source: 'PostgreSQL, src/bin/pg_upgrade/exec.c, option.c, server.c',
    matters: 4,
    elsewhere: true,
    means:
      'pg_upgrade does not find a data directory or the programs of that release at a path it was given. Nothing was changed.',
    causes: [
      {
        cause:
          'The path is wrong by one level, or the volume is mounted at another one: the data directory is where PG_VERSION is.',
        on: 'primary',
        check: 'ls -l <old data directory>/PG_VERSION <new data directory>/PG_VERSION',
      },
      { cause: 'Old and new are exchanged (-d and -b are the old ones, -D and -B the new ones).' },
    ],
  },
  {
    id: 'upgrade-libraries',
    says: [
      '%s must be loaded via shared_preload_libraries',
      '%s must be loaded via "shared_preload_libraries"',
      '%s can only be loaded via shared_preload_libraries',
      'extension "%s" must be preloaded',
      'Please preload the %s library via shared_preload_libraries.',
      'could not load library "%s": ERROR: %s must be loaded via shared_preload_libraries',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/function.c; pgaudit, pg_stat_statements, TimescaleDB and others',
    matters: 4,
    means: 'An extension works only when the server loads it at its start, and this server does not.',
    causes: [
      {
        cause:
          'It is missing in shared_preload_libraries of this server (after initdb the new cluster has its own, empty postgresql.conf; a standby has its own, too).',
        on: 'standby',
        check: 'psql -c "SHOW shared_preload_libraries"',
      },
      {
        cause: 'The package of the extension for this release is not installed.',
        on: 'standby',
        check: 'ls "$(pg_config --pkglibdir)"',
      },
    ],
    todo: 'Install it and add it to shared_preload_libraries in the postgresql.conf of this server (for pg_upgrade: of the new cluster), then start again.',
  },
  {
    id: 'upgrade-logical-slots',
    says: [
      'Your installation contains logical replication slots that cannot be upgraded.',
      'expected 0 logical replication slots but found %d',
      'number of logical replication slots (%d) is greater than',
    ],
    source:
      'PostgreSQL, src/bin/pg_upgrade/check.c, check_old_cluster_for_valid_slots, check_new_cluster_logical_replication_slots',
    matters: 5,
    elsewhere: true,
    means:
      'pg_upgrade (from 17 on) takes logical slots along, and these do not allow it: a slot is invalid, a subscriber has not read all WAL yet, or the new cluster has slots or too few places for them. Nothing was changed.',
    causes: [
      {
        cause: 'On the old cluster, started once more: slots that are invalid (wal_status lost) or behind.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, database, active, wal_status, confirmed_flush_lsn, pg_current_wal_lsn() FROM pg_replication_slots WHERE slot_type = \'logical\'"',
      },
    ],
    todo: 'Start the old cluster without its applications, let the subscribers read to the end (confirmed_flush_lsn), stop it cleanly, and run pg_upgrade again. A slot is removed only when its subscriber is given up or will be copied again. On the new cluster: wal_level = logical and enough max_replication_slots.',
  },
  {
    id: 'upgrade-linked',
    says: [
      'you will need to remove the ".old" suffix from %s',
      'Because "link" mode was used, the old cluster cannot be safely started once the new cluster has been started.',
      'Because "%s" mode was used, the old cluster cannot be safely started once the new cluster has been started.',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/controldata.c',
    kind: 'course',
    matters: 3,
    elsewhere: true,
    means:
      'pg_upgrade --link was done: old and new cluster share their data files, and only one of them may ever be started. This is a note, no error.',
    todo: 'Start the new cluster only. Its system identifier is new: every standby must be upgraded with rsync while both are stopped (pg_upgrade manual, step 11), or made again by pg_basebackup.',
  },
  {
    id: 'upgrade-image',
    says: ['Unrecognised version of PostgreSQL database files found, aborting completely'],
    source: 'pgautoupgrade/docker-pgautoupgrade, docker-entrypoint.sh',
    matters: 5,
    elsewhere: true,
    means: 'The upgrade image does not know the release in PG_VERSION of this directory, and changed nothing.',
    causes: [
      {
        cause:
          'The data is of a newer release than the image, or of an older one than it can upgrade; or PGDATA is not the directory that holds PG_VERSION.',
        on: 'client',
        check: 'docker run --rm -v <volume>:/data alpine find /data -name PG_VERSION -maxdepth 3 -exec cat {} +',
      },
    ],
  },
  {
    id: 'upgrade-server-start',
    says: [
      'could not connect to target postmaster started with the command:',
      'could not connect to source postmaster started with the command:',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/server.c, start_postmaster',
    kind: 'cause',
    matters: 5,
    elsewhere: true,
    means:
      'pg_upgrade starts the old and the new server itself, on a port and a socket of its own, and one of them did not start. The reason is in pg_upgrade_server.log.',
    causes: [
      {
        cause:
          'A setting, a library (shared_preload_libraries) or a path that this release or its build does not have.',
        on: 'primary',
        check: 'tail -20 <new data directory>/pg_upgrade_output.d/*/log/pg_upgrade_server.log',
      },
      { cause: 'The old server still runs, or the path of the socket is longer than 107 characters.' },
    ],
    todo: 'As long as "Linking" or "Swapping" has not begun, the old cluster is unchanged and can be started.',
  },
  {
    id: 'upgrade-log',
    says: [
      'Consult the last few lines of "%s" for the probable cause of the failure.',
      'Consult the last few lines of "%s" or "%s" for the probable cause of the failure.',
      'There were problems executing "%s"',
    ],
    source: 'PostgreSQL, src/bin/pg_upgrade/exec.c',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'A step of pg_upgrade failed, and this line only says so: the reason is at the end of the file it names. From 15 on the files are in pg_upgrade_output.d below the new data directory, before in the directory where pg_upgrade was started. In a container they are gone with it unless that directory is a volume.',
    causes: [
      {
        cause: 'Read the end of the file.',
        on: 'primary',
        check: 'tail -20 <new data directory>/pg_upgrade_output.d/*/log/*.log',
      },
    ],
    todo: 'As long as "Linking" or "Swapping" has not begun, the old cluster is unchanged and can be started.',
  },
  {
    id: 'upgrade-current-directory',
    says: ['You must have read and write access in the current directory.'],
    source: 'PostgreSQL, src/bin/pg_upgrade/option.c',
    matters: 5,
    elsewhere: true,
    means:
      'pg_upgrade writes its logs and scripts where it is started, and its user may not write there. Nothing was changed.',
    causes: [
      {
        cause:
          'It was started in a directory of another user (sudo and su stay where they are), or in a read-only container.',
      },
    ],
    todo: 'cd to a directory of the user postgres (cd ~postgres, cd /tmp) and run it again.',
  },
];
