import { ofPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

/** What a machine does not give a server, and how a server ends for it. */
export const answersAboutLimits: readonly Answer[] = [
  {
    of: ['os-emfile', 'file-descriptors'],
    matters: 4,
    means:
      'The process may not open any more files or connections: the limit that it was started with is reached. New connections and queries fail; the data is not harmed.',
    causes: [
      {
        cause: 'The limit of the service or container is low.',
        on: 'standby',
        check:
          'grep "open files" /proc/"$(head -1 <data directory>/postmaster.pid)"/limits; systemctl show -p LimitNOFILE postgresql',
      },
      {
        cause: 'max_files_per_process or max_connections is high for that limit.',
        on: 'standby',
        check: 'postgres -C max_files_per_process -D <data directory>; postgres -C max_connections -D <data directory>',
      },
    ],
    todo: 'Raise it for the service (systemctl edit: LimitNOFILE=65536; docker run --ulimit nofile=65536), and restart the server. ulimit in a shell does not change a running service.',
  },
  {
    of: ['out-of-memory-server'],
    matters: 4,
    means:
      'The operating system refused the server memory. That statement or process failed and the others go on; DETAIL names the size and the purpose.',
    causes: [
      {
        cause: 'Many sessions with a large work_mem, or one huge value or query.',
        on: 'primary',
        check: 'psql -c "SHOW work_mem" -c "SHOW max_connections" -c "SELECT count(*) FROM pg_stat_activity"',
      },
      {
        cause:
          'The container or machine has too little memory, or overcommit is strict (vm.overcommit_memory = 2) and CommitLimit is reached.',
        on: 'primary',
        check: 'free -m; grep -i commit /proc/meminfo; sysctl vm.overcommit_memory',
      },
    ],
    todo: 'Lower work_mem, maintenance_work_mem or the number of connections, or give it more memory. A size near 1 GB (1073741823) is a limit of one value and no lack of memory.',
  },
  {
    of: ['terminating-postmaster-exit'],
    matters: 4,
    means:
      'The main process of the server (postmaster) is gone, and its sessions end themselves. It did not stop in an orderly way: it was killed or crashed.',
    causes: [
      {
        cause: 'The kernel killed it for lack of memory, or a person or script used kill -9.',
        on: 'primary',
        check: 'dmesg -T | grep -iE "oom|killed process" | tail; journalctl -u "postgresql*" -n 50 --no-pager',
      },
      {
        cause: 'The container was removed, or its memory limit was reached.',
        on: 'primary',
        check: "docker inspect --format '{{.State.OOMKilled}} {{.State.ExitCode}}' <container>",
      },
    ],
    todo: 'Start it again the usual way: it recovers by itself. Do not remove postmaster.pid while any postgres process of that directory is left.',
  },
  {
    of: ['issuing-sigkill'],
    matters: 4,
    means:
      'Some processes of the server did not end within five seconds of an immediate shutdown or crash, so the server kills them. They usually hang in reading or writing.',
    causes: [
      {
        cause: 'The storage does not answer (a network file system, a failing disk).',
        on: 'standby',
        check: 'ps -eo pid,stat,wchan:32,args | grep "[p]ostgres" | awk \'$2 ~ /D/\'; dmesg -T | tail -20',
      },
    ],
    todo: 'Bring the storage back before you start the server again.',
  },
  {
    of: ['checkpoint-request-failed'],
    matters: 4,
    means:
      'A checkpoint that was asked for (a base backup and CHECKPOINT do) did not succeed. It is the server that failed, not the program that asked: its log of this second says what could not be written.',
    causes: [
      { cause: 'A full disk.', on: 'primary', check: 'df -h <data directory>' },
      {
        cause:
          'A file that cannot be written or synced: an I/O error, another owner, a file system that became read-only.',
        on: 'primary',
        check: 'dmesg -T | grep -iE "i/o error|read-only|ext4|xfs" | tail; findmnt -T <data directory>',
      },
    ],
    todo: 'Repair that first: until a checkpoint succeeds, pg_wal grows and a restart takes longer.',
  },
  {
    of: ['os-eio'],
    matters: 5,
    means:
      'The storage reported an error for a read or a write: the disk, its controller, the network file system or the file system itself. PostgreSQL only reports it.',
    causes: [
      {
        cause: 'A failing disk or a volume that was cut off.',
        on: 'standby',
        check: 'dmesg -T | grep -iE "i/o error|blk_update|nvme|ext4|xfs|nfs" | tail -20',
      },
    ],
    todo: 'Do not repair anything on this storage. A standby: replace the storage and make a new base backup. A primary: fail over to a standby, or copy what can be read to other storage first.',
  },
  {
    of: ['inconsistent-page-found'],
    matters: 4,
    means:
      'wal_consistency_checking is on, and replay has made another page than the primary had: the standby ends. Without that developer setting, this is not checked.',
    causes: [
      {
        cause: 'This copy was not consistent from the start, or its storage is damaged.',
        on: 'standby',
        check: 'ls <data directory>/backup_label*; dmesg -T | grep -i "i/o error" | tail',
      },
      {
        cause: 'A fault in replay that a later minor release has fixed, or of an extension with its own WAL records.',
        on: 'primary',
        check: 'psql -c "SHOW wal_consistency_checking" -c "SELECT version()"',
      },
    ],
    todo: 'Install the latest minor release, and make a new base backup of this standby. Turning the setting off only hides it.',
  },
  {
    of: ['pausing-at-end'],
    matters: 4,
    means:
      'Recovery reached its target (recovery_target_time, _lsn, _name, _xid or immediate) and waits, as recovery_target_action = pause says. It accepts read-only sessions and replays nothing more.',
    causes: [
      {
        cause: 'That is what was wanted: look at the data now.',
        on: 'standby',
        check: 'psql -c "SELECT pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp()"',
      },
      {
        cause: 'On a standby: a target was left in the configuration.',
        on: 'standby',
        check: 'grep -n recovery_target <data directory>/postgresql*.conf',
        rule: 'recovery/target-set',
      },
    ],
    todo: 'To end recovery here (the server becomes a primary of a new timeline): SELECT pg_wal_replay_resume(); To go on to a later point, change the target and restart. A standby: remove the target and restart.',
  },
  {
    of: ['pgctl-promote-signal', 'pgctl-promote-signal-old'],
    when: /No such process/u,
    matters: 5,
    means:
      'No process has the number in postmaster.pid: the server is not running any more, and the file is left over from it.',
    causes: [
      {
        cause: 'The server crashed, was killed, or the machine or container was restarted.',
        on: 'standby',
        check: 'head -1 <data directory>/postmaster.pid; ps -o pid,args -C postgres',
        rule: 'standby/stale-pid-file',
      },
      {
        cause: 'The server runs in another container, and this one sees its files and not its processes.',
        on: 'standby',
        check: 'docker ps',
      },
    ],
    todo: 'Start it: pg_ctl -D <data directory> start. The server replaces a file that is left over. Then promote again, if that is still wanted.',
  },
  {
    of: ['server-did-not-promote', 'pgctl-not-promoted'],
    matters: 4,
    means:
      'The promotion was requested, and this side stopped waiting for it. It may still happen: a server replays all WAL that it has before it becomes a primary.',
    causes: [
      {
        cause: 'Much WAL is left to replay, or restore_command goes on bringing some.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
      { cause: 'Replay is paused.', on: 'standby', check: 'psql -c "SELECT pg_is_wal_replay_paused()"' },
    ],
    todo: 'Do not promote another server meanwhile: there would be two primaries. Paused: SELECT pg_wal_replay_resume(); Otherwise wait and watch its log for "database system is ready to accept connections".',
  },
  {
    of: ['config-outside-range'],
    matters: 4,
    means:
      'A setting has a number outside its range, which the message names. A start fails with it; at a reload the server keeps all its old settings.',
    causes: [
      {
        cause:
          'The unit was forgotten or is a wrong one (kB, MB, GB; ms, s, min, h, d), or the value is of another release.',
        on: 'standby',
        check:
          'psql -c "SELECT sourcefile, sourceline, name, setting, error FROM pg_file_settings WHERE error IS NOT NULL"; grep -rn "{parameter|<setting>}" <data directory>/postgresql*.conf',
      },
    ],
    todo: 'Correct the value in the file and line that the log names, then reload or start. ALTER SYSTEM RESET takes it out of postgresql.auto.conf while the server runs.',
  },
  {
    of: ['history-syntax-error', 'history-invalid-data'],
    matters: 4,
    means:
      'A .history file of a timeline is not one: it is empty, cut off, edited by hand, or an error page that restore_command saved as if it were the file. Recovery cannot choose a timeline with it.',
    causes: [
      {
        cause:
          'It came from the archive: restore_command ends with status 0 although it got an error page or an empty file.',
        on: 'standby',
        check: 'head -5 <data directory>/pg_wal/*.history; postgres -C restore_command -D <data directory>',
      },
    ],
    todo: 'Move the damaged file aside and copy it again from pg_wal of the primary, byte for byte. In restore_command, let a failed download end with a status other than 0 (curl --fail).',
  },
  {
    of: ['slot-file-unsupported-version'],
    matters: 5,
    means:
      'A file in pg_replslot is of another major release than the server: slots were copied there from another data directory. The server does not start with it.',
    causes: [
      {
        cause: 'Files of two releases were mixed, by a copy or by hand. pg_basebackup and pg_rewind copy no slots.',
        on: 'standby',
        check: 'ls -l <data directory>/pg_replslot; cat <data directory>/PG_VERSION',
      },
    ],
    todo: 'Make sure that the rest of the directory is not mixed as well (a new base backup is safest). To go on: with the server stopped, move the directory of that slot out of pg_replslot, start, and create the slot again if a standby needs it.',
  },
  {
    of: ['slot-sync-standby-slot-inactive'],
    matters: 4,
    means:
      'synchronized_standby_slots names the slot of a standby that is not connected. Logical replication waits for it, so that no subscriber gets ahead of that standby: all subscribers stop meanwhile.',
    causes: [
      {
        cause: 'That standby is down, or connects through another slot.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots WHERE slot_type = \'physical\'" -c "SHOW synchronized_standby_slots"',
      },
    ],
    todo: 'Start the standby. If it is gone for good or for long: take its slot out of synchronized_standby_slots and reload.',
  },
  {
    id: 'program-crashed',
    of: ['program-crashed'],
    says: [
      'Segmentation fault (core dumped)',
      'Segmentation fault',
      'segfault at %s ip %s sp %s error %d in %s',
      'Bus error (core dumped)',
      'Illegal instruction (core dumped)',
      'Aborted (core dumped)',
    ],
    among: ofPostgres,
    source: 'the shell, and the kernel (arch/x86/mm/fault.c), of a program that crashed',
    matters: 4,
    means:
      'A program crashed: a fault in it or in a library that it loads, not in your configuration. What it had not finished is not usable.',
    causes: [
      {
        cause:
          'A fault of this release of the program or of an extension: the newest minor release may contain the fix.',
        on: 'standby',
        check: 'dmesg -T | grep -iE "segfault|trap|general protection" | tail; coredumpctl list 2>/dev/null | tail -3',
      },
      {
        cause: 'It loads a library of another release (libpq, OpenSSL, an extension built for another major release).',
        on: 'standby',
        check: 'ldd "$(command -v <program>)"',
      },
      {
        cause:
          'Illegal instruction: the binary is for a newer processor. Bus error: a disk or shared memory (/dev/shm) is full or damaged.',
        on: 'standby',
        check: 'df -h / /dev/shm; grep -m1 "model name" /proc/cpuinfo',
      },
    ],
    todo: 'Install the newest minor release of the program and its libraries, and run the command again.',
  },
  {
    of: ['program-crashed'],
    beside: /initdb|selecting default (?:max_connections|shared_buffers)|creating configuration files/u,
    matters: 5,
    means:
      'A server process that initdb started was killed while it used its memory: with "Bus error" the memory was promised and then not there.',
    causes: [
      {
        cause:
          'The node has huge pages, and this container has no limit for them: huge_pages = try takes them, and the first use fails.',
        on: 'server',
        check: 'grep -i hugepages /proc/meminfo; cat /sys/fs/cgroup/hugetlb.*.max 2>/dev/null',
      },
      { cause: '/dev/shm or the disk is full.', on: 'server', check: 'df -h / /dev/shm' },
      {
        cause: 'Illegal instruction or Segmentation fault: the image is for another processor.',
        on: 'server',
        check: 'uname -m',
      },
    ],
    todo: 'Give the container hugepages-2Mi in resources.limits, take the huge pages off the node (vm.nr_hugepages = 0), or initialize with huge_pages = off (from 16: initdb -c huge_pages=off).',
  },
];
