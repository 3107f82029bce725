import type { Answer } from '../answer.ts';

/** Why a server does not start or stay up. */
export const answersAboutStart: readonly Answer[] = [
  {
    of: ['pgctl-not-in-time'],
    kind: 'consequence',
    means:
      'pg_ctl stopped waiting. That does not stop the server: it may still be recovering, or be a standby that does not accept queries yet.',
    causes: [
      {
        cause: 'The log of the server says what it is doing or waiting for.',
        on: 'standby',
        check: 'tail -50 "$(ls -t <data directory>/log/* /var/log/postgresql/* 2>/dev/null | head -1)"',
        rule: 'network/server-starting',
      },
      {
        cause: 'Recovery replays a lot of WAL.',
        on: 'standby',
        check: 'ps aux | grep "[s]tartup.*recovering"',
      },
    ],
    todo: 'If it only needs time, wait longer: pg_ctl -t 600 (or PGCTLTIMEOUT, TimeoutStartSec of the service).',
  },
  {
    of: ['server-process-exit-code'],
    when: /server process \(PID/u,
    kind: 'consequence',
    matters: 5,
    means:
      'A session ended with an error exit. The server treats that like a crash: it ends all sessions, starts recovery, and accepts connections again afterwards.',
    causes: [
      {
        cause:
          'An extension or library ended the process, or it was ended from outside (kill -QUIT, a memory limit of the container). Lines of this PID before it say what it was doing.',
        on: 'primary',
        check: 'dmesg -T | tail -20',
      },
      { cause: 'Exit code 2 right after a crash of another process is its consequence.' },
    ],
  },
  {
    of: ['lock-file-exists', 'preexisting-shmem', 'preexisting-shmem-win'],
    means:
      'A server is running on this data directory or socket already, or a lock file of a killed server is left over.',
    causes: [
      {
        cause: 'The server is running. Two servers on one directory would destroy it.',
        on: 'standby',
        check: 'ps -ef | grep "[p]ostgres.*-D"',
        rule: 'standby/stale-pid-file',
      },
      {
        cause:
          'postmaster.pid came with a copy or a volume from another machine, or its process id now belongs to another program.',
        on: 'standby',
        check: 'head -1 {file}',
      },
      { cause: 'A container and the host, or two containers, share the volume.' },
    ],
    todo: 'Move the file aside only when no process of PostgreSQL uses this directory, in any container or on any host.',
  },
  {
    id: 'run-as-root',
    of: ['root-not-permitted', 'pgctl-root', 'rewind-root'],
    says: ['pg_ctl: cannot be run as root', 'initdb: cannot be run as root'],
    source: 'src/bin/pg_ctl/pg_ctl.c, src/bin/initdb/initdb.c',
    matters: 5,
    means: 'The server and its tools refuse to run as root.',
    todo: 'Run the command as the user of the server: sudo -u postgres … (in a container: gosu postgres … or su postgres -c …).',
  },
  {
    of: ['io-uring-setup'],
    matters: 5,
    kind: 'cause',
    means: 'io_method is io_uring, and the kernel, a container or a limit of this server does not allow it.',
    causes: [
      {
        cause:
          '"Operation not permitted": io_uring is turned off in the kernel, or the seccomp profile of a container blocks it (that of Docker does).',
        on: 'standby',
        check: 'sysctl kernel.io_uring_disabled',
      },
      {
        cause: '"Cannot allocate memory": the limit of locked memory is too low for max_connections.',
        on: 'standby',
        check: 'ulimit -l',
      },
      { cause: '"Too many open files": the limit of open files is too low.', on: 'standby', check: 'ulimit -n' },
    ],
    todo: 'Set io_method = worker, which needs none of this, and start the server; or allow io_uring, or raise the limit (LimitMEMLOCK, LimitNOFILE of the service).',
  },
  {
    of: ['shmem-map-failed', 'os-enomem', 'shmem-create-failed'],
    matters: 5,
    kind: 'cause',
    means: 'The operating system did not give the server the memory or processes that it asked for.',
    causes: [
      {
        cause:
          'shared_buffers (or huge_pages = on) is larger than this machine or container has; a copied configuration of a bigger primary.',
        on: 'standby',
        check: 'free -m; postgres -C shared_buffers -D <data directory>',
      },
      { cause: 'A limit of the container, systemd unit or user is reached.', on: 'standby', check: 'ulimit -a' },
    ],
  },
  {
    of: ['could-not-fork', 'could-not-fork-process'],
    matters: 5,
    kind: 'cause',
    means: 'The operating system did not let the server start another process. Those that run go on.',
    causes: [
      {
        cause: 'The limit of processes of the user, unit or container is reached (often by many connections).',
        on: 'server',
        check:
          'ulimit -u; systemctl show -p TasksMax postgresql; cat /sys/fs/cgroup/pids.max 2>/dev/null; ps -e --no-headers | wc -l',
      },
      { cause: 'Memory is short.', on: 'server', check: 'free -m; grep -i commit /proc/meminfo' },
    ],
    todo: 'Raise that limit (TasksMax, docker run --pids-limit), or use fewer connections (a pooler).',
  },
  {
    of: ['server-process-signal'],
    when: /signal 9\b/u,
    beside: /\b(?:kill|pkill|killall) (?:-9|-KILL|-SIGKILL|-s (?:9|KILL))\b/u,
    kind: 'cause',
    matters: 5,
    means:
      'A server process was killed with signal 9, and this text has the kill command that does so. All sessions end then, and the server recovers.',
    causes: [
      { cause: 'kill -9 was used on a process of the server.' },
      {
        cause: 'Memory ran out, at the same time.',
        on: 'server',
        check: 'dmesg -T | grep -iE "out of memory|oom-kill"',
      },
    ],
    todo: 'To end one session: SELECT pg_terminate_backend(<pid>); Never kill -9.',
  },
  {
    of: ['server-process-signal'],
    when: /signal 9\b/u,
    kind: 'cause',
    matters: 5,
    means:
      'A server process was killed with signal 9: nearly always by the out-of-memory killer of the kernel (or of the container), sometimes by kill -9. All sessions end, and the server recovers.',
    causes: [
      { cause: 'Memory ran out.', on: 'standby', check: 'dmesg -T | grep -iE "out of memory|oom-kill"' },
      { cause: 'The process was killed with kill -9.' },
    ],
    todo: 'Lower work_mem, max_connections or shared_buffers, give the machine or container more memory, or set vm.overcommit_memory = 2.',
  },
  {
    of: ['server-process-signal'],
    when: /signal 7\b/u,
    kind: 'cause',
    matters: 4,
    means:
      'A server process ended with signal 7 (bus error): memory that it had been promised could not be given to it when it was used. All sessions end, and the server recovers.',
    causes: [
      {
        cause:
          'Huge pages: the node has them, and the container may not use them. Set huge_pages = off, or give the pod hugepages-2Mi.',
        on: 'primary',
        check: 'grep -i hugepages /proc/meminfo; postgres -C huge_pages -D <data directory>',
      },
      {
        cause:
          '/dev/shm of the container is too small (64 MB with Docker): docker run --shm-size, or an emptyDir of medium Memory.',
        on: 'primary',
        check: 'df -h /dev/shm',
      },
      {
        cause: 'The file system of the data directory is full, or its disk fails.',
        on: 'primary',
        check: 'df -h <data directory>; dmesg -T | tail',
      },
    ],
  },
  {
    of: ['server-process-signal', 'server-process-exception'],
    when: /\bstartup process \(PID \d+\) was terminated by (?:signal (?:4|6|7|11)\b|exception)/u,
    kind: 'cause',
    matters: 3,
    means:
      'The process that replays WAL crashed, so this server cannot start or go on. A PANIC or TRAP line right before it, if there is one, says why; otherwise the program itself failed.',
    causes: [
      {
        cause:
          'A bug that a later minor release has fixed, or an extension or library of another build than on the primary (signal 11).',
        on: 'standby',
        check: 'postgres --version; postgres -C shared_preload_libraries -D <data directory>',
      },
      { cause: 'The data directory or the WAL is damaged, and replay fails at this record.' },
      {
        cause: 'Signal 7: the file system or /dev/shm is full, or the disk fails.',
        on: 'standby',
        check: 'df -h; dmesg -T | tail',
      },
    ],
    todo: 'Install the latest minor release and the same extensions as on the primary, and start the server again. If it stops at the same position, make a new base backup (a standby).',
  },
  {
    of: [
      'server-process-signal',
      'server-process-exception',
      'terminating-crash',
      'all-processes-terminated',
      'terminating-other-processes',
    ],
    kind: 'consequence',
    matters: 4,
    means:
      'A server process crashed; the server ends all sessions and recovers. The lines before it name the process and what it was doing.',
    causes: [
      {
        cause: 'Signal 9: memory ran out, and the kernel or the container killed the process.',
        on: 'primary',
        check: 'dmesg -T | grep -iE "out of memory|oom"',
      },
      {
        cause:
          'Nothing crashed: up to 13, sessions report the same after an immediate shutdown (pg_ctl stop -m immediate).',
        until: 13,
      },
      {
        cause: 'Signal 11 or 6: a bug or a faulty extension or library. Signal 7: the disk or /dev/shm is full.',
        on: 'primary',
        check: 'postgres --version; dmesg -T | tail',
      },
    ],
  },
  {
    of: [
      'server-process-exit-code',
      'aborting-startup',
      'shutting-down-startup-failure',
      'pgctl-could-not-start',
      'abnormal-shutdown',
    ],
    says: ['could not start server Examine the log output', 'could not start server'],
    id: 'start-failed',
    kind: 'consequence',
    matters: 4,
    saysNotWhy: true,
    means:
      'The server did not start, or stopped. This line only says so: the reason is the FATAL or PANIC line before it, in the log of the server.',
    causes: [
      {
        cause: 'Read the last lines of the log.',
        on: 'standby',
        check: 'tail -50 "$(ls -t <data directory>/log/* /var/log/postgresql/* 2>/dev/null | head -1)"',
        rule: 'standby/not-running',
      },
      {
        cause: 'With systemd or in a container, it is elsewhere.',
        on: 'standby',
        check: 'journalctl -u "postgresql*" -n 50 --no-pager',
      },
    ],
  },
  {
    of: ['pgctl-no-pid-file', 'pgctl-no-server', 'pgctl-is-running'],
    means: 'No server is running on that data directory (postmaster.pid does not exist there).',
    causes: [
      {
        cause: 'It stopped or never started: its log says why.',
        on: 'standby',
        check: 'ps -ef | grep "[p]ostgres.*-D"',
        rule: 'standby/not-running',
      },
      { cause: 'The command was given another directory than the one of the running server.' },
    ],
  },
  {
    of: ['pgctl-cannot-promote'],
    means: 'The server is not a standby, so it cannot be promoted.',
    causes: [
      {
        cause:
          'It was started without standby.signal (before 12: without recovery.conf), or it has been promoted already.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()"',
        rule: 'standby/already-primary',
      },
    ],
  },
  {
    id: 'initdb-locale-name',
    says: ['invalid locale name "%s"'],
    among: /initdb|postgres|patroni/iu,
    source: 'PostgreSQL, src/bin/initdb/initdb.c, check_locale_name',
    matters: 5,
    means: 'initdb was told to use a locale that this machine or image does not have.',
    causes: [
      {
        cause: 'The locale was never generated here, or its name is spelled differently (en_US.utf8).',
        on: 'standby',
        check: 'locale -a',
      },
    ],
    todo: 'Generate it (Debian: localedef -i en_US -f UTF-8 en_US.UTF-8; Red Hat: the package glibc-langpack-en), or name one that "locale -a" lists. A standby needs the same locales as its primary.',
  },
  {
    id: 'initdb-failed',
    says: ['database system initialization failed'],
    source: 'PostgreSQL, src/bin/pg_ctl/pg_ctl.c, do_init',
    kind: 'consequence',
    matters: 3,
    means: 'pg_ctl ran initdb, and initdb failed. What it printed just before is the reason.',
    causes: [
      {
        cause:
          'The directory is not empty, does not belong to this user, or the locale does not exist on this machine.',
        on: 'standby',
        check: 'ls -lad <data directory>; locale -a',
      },
    ],
    todo: 'For a standby, initdb is the wrong step: its data directory comes from a base backup.',
  },
  {
    of: ['lock-file-empty', 'lock-file-bogus'],
    matters: 5,
    means:
      'Lock file {file} has no process id in it: another start is under way at this moment, or a crash or a full disk left it so.',
    causes: [
      {
        cause: 'Find out whether a server runs on this directory or port.',
        on: 'standby',
        check: 'pgrep -af "postgres|postmaster"; ls -l {file}',
      },
    ],
    todo: 'Only if none runs: mv {file} {file}.stale, then start it. With unix_socket_directories in the data directory, a copy brings the lock file along.',
  },
];
