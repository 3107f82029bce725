import type { Answer } from '../answer.ts';

const ofPostgres =
  /postgres|postmaster|pgsql|\bpg_|pgdata|pgbackrest|patroni|barman|repmgr|archive_command|restore_command/iu;
const ofWal = /\b[0-9A-F]{24}\b|\b[0-9A-F]{8}\.history|pg_wal|pg_xlog|wal(?!2json)|archive/u;

/** What the shell, ssh, the service manager and the kernel say. */
export const answersAboutSystem: readonly Answer[] = [
  {
    id: 'command-not-found',
    says: [
      'pg_basebackup: command not found',
      'pg_ctl: command not found',
      'pg_rewind: command not found',
      'pg_ctlcluster: command not found',
      'initdb: command not found',
      'pg_basebackup: not found',
      'pg_receivewal: command not found',
      'psql: command not found',
    ],
    matters: 5,
    means: 'The program is not in the PATH of this user. Packages put it into a directory of its release.',
    causes: [
      {
        cause:
          'Debian: /usr/lib/postgresql/<release>/bin; Red Hat: /usr/pgsql-<release>/bin; or the package is not installed.',
        on: 'standby',
        check: 'ls /usr/lib/postgresql/*/bin /usr/pgsql-*/bin',
      },
    ],
  },
  {
    id: 'python-errno-2',
    among: ofPostgres,
    says: [
      "FileNotFoundError: [Errno 2] No such file or directory: '%s'",
      "[Errno 2] No such file or directory: '%s'",
      '[Errno 2] No such file or directory',
    ],
    source: 'Python, OSError; Ansible, module_utils/basic.py, run_command',
    standing: 'consequence',
    matters: 3,
    means: 'A Python program (Ansible, Patroni, Barman) did not find a file, or a command that it was to run.',
    causes: [
      {
        cause:
          'The command is not in the PATH of the user that runs it: PostgreSQL programs are often in a directory of their own (/usr/pgsql-16/bin, /usr/lib/postgresql/16/bin, or a software collection). Give the whole path.',
        on: 'standby',
        check:
          'ls /usr/pgsql-*/bin/pg_basebackup /usr/lib/postgresql/*/bin/pg_basebackup; sudo -u postgres sh -c "command -v pg_basebackup"',
      },
      { cause: 'The file in the message does not exist on that machine, or a directory is not mounted.' },
    ],
  },
  {
    id: 'program-not-found',
    among: ofPostgres,
    says: [
      'bash: %s: command not found',
      'bash: line %d: %s: command not found',
      'bash: %s: No such file or directory',
      'sh: %d: %s: not found',
      'sh: %s: command not found',
      'sh: %s: not found',
      'sh: %s: No such file or directory',
      'sh: line %d: %s: No such file or directory',
      'sudo: %s: command not found',
      "'%s' is not recognized as an internal or external command",
      "env: '%s': No such file or directory",
      'exec: "%s": executable file not found in $PATH',
    ],
    matters: 5,
    means:
      'The shell found no program {value}: it is not installed here, its name is misspelled, or it is not in the PATH.',
    causes: [
      {
        cause:
          'Commands of the server (archive_command, restore_command) and of ssh run with a short PATH: write the whole path of the program.',
        on: 'standby',
        check: "sudo -u postgres sh -c 'command -v {value}; echo $PATH'",
      },
      { cause: 'The setting for the directory of the programs is wrong (pg_bindir, bin_dir, repmgr_bindir).' },
    ],
  },
  {
    id: 'no-such-file',
    among: ofPostgres,
    says: ['No such file or directory'],
    standing: 'consequence',
    matters: 2,
    means: 'A program did not find {file|a file or directory}.',
    causes: [
      {
        cause: 'The path is wrong on this machine, or the directory is not mounted.',
        on: 'standby',
        check: 'namei -l {file}',
      },
    ],
  },
  {
    id: 'listed-missing',
    among: ofPostgres,
    says: [
      "ls: cannot access '%s': No such file or directory",
      'ls: cannot access %s: No such file or directory',
      'ls: %s: No such file or directory',
    ],
    standing: 'consequence',
    matters: 2,
    means:
      'A script (or a person) looked for {value|a file or directory} that does not exist. Where a base backup follows and completes, that is normal: pg_basebackup makes the directory.',
  },
  {
    id: 'copy-missing',
    among: ofWal,
    says: [
      "cp: cannot stat '%s': No such file or directory",
      'cp: cannot stat ‘%s’: No such file or directory',
      'cp: %s: No such file or directory',
      'scp: %s: No such file or directory',
    ],
    standing: 'consequence',
    matters: 2,
    means:
      'restore_command looked for a file that is not in the archive. At the end of the archived WAL and for a .history file of a next timeline that is normal.',
    causes: [
      {
        cause: 'If recovery does not go on after it: the segment is missing in the archive, or the path is wrong.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>',
      },
    ],
  },
  {
    id: 'copy-denied',
    among: ofWal,
    says: [
      "cp: cannot create regular file '%s': Permission denied",
      'cp: cannot create regular file ‘%s’: Permission denied',
      "cp: cannot create regular file '%s': No such file or directory",
      "cp: cannot open '%s' for reading: Permission denied",
      'rsync: [%s] %s failed: Permission denied (13)',
    ],
    matters: 5,
    means: 'The archive or restore command cannot write or read there: it runs as the user of the server.',
    causes: [
      {
        cause: 'The directory does not exist, belongs to another user, or is not mounted.',
        on: 'primary',
        check: 'sudo -u postgres ls -ld "$(dirname {value})"',
      },
    ],
    todo: 'Create the directory and give it to postgres; the server tries again by itself.',
  },
  {
    id: 'copy-full',
    among: ofWal,
    says: [
      "cp: error writing '%s': No space left on device",
      "cp: failed to extend '%s': No space left on device",
      'cp: error writing %s: No space left on device',
    ],
    matters: 5,
    means: 'The archive is full. The server keeps its WAL until archiving works again, so that pg_wal grows.',
    todo: 'Make room in the archive (remove backups and WAL with the tool that made them), not in pg_wal.',
    causes: [{ cause: 'Old WAL is never removed from the archive.', on: 'primary', check: 'df -h' }],
  },
  {
    id: 'forbidden-by-security-module',
    among: ofPostgres,
    says: [
      'avc: denied { %s } for pid=%d comm="%s"',
      'apparmor="DENIED" operation="%s" profile="%s"',
      'SELinux is preventing %s from',
    ],
    source: 'Linux, security/selinux/avc.c, security/apparmor/audit.c; setroubleshoot',
    matters: 5,
    means:
      'SELinux or AppArmor forbade PostgreSQL an access that the ordinary permissions allow. For PostgreSQL that looks like "Permission denied".',
    causes: [
      {
        cause:
          'Files of the data directory have no right label, after a copy or restore or in a directory of your own (SELinux).',
        on: 'standby',
        check: 'ls -ldZ <data directory> <data directory>/postgresql.conf; getenforce',
      },
      { cause: 'A port, a socket or a program of archive_command that the policy does not know.' },
    ],
    todo: 'SELinux, a directory of your own: semanage fcontext -a -t postgresql_db_t "<data directory>(/.*)?", then restorecon -R <data directory>. Another port: semanage port -a -t postgresql_port_t -p tcp <port>. AppArmor: allow the path in the profile that the line names.',
  },
  {
    id: 'host-key',
    among: ofPostgres,
    says: ['Host key verification failed', 'Permission denied (publickey', 'Permission denied, please try again'],
    matters: 4,
    means:
      'ssh (of an archive or restore command, Barman, pgBackRest or repmgr) cannot log in: the commands run as the user of the server, without a terminal.',
    causes: [
      {
        cause: 'The key or known_hosts entry of that user is missing.',
        on: 'primary',
        check: 'sudo -u postgres ssh -o BatchMode=yes <host> true',
      },
    ],
  },
  {
    id: 'password-prompt',
    says: ['Password:', 'Password for user %s:'],
    standing: 'consequence',
    matters: 4,
    means:
      'The program asks for a password and waits. In a script, a service or a container, there is no one to answer.',
    causes: [
      {
        cause: 'No password file entry matches (database column: replication or *), and PGPASSWORD is not set.',
        on: 'client',
        check: 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass',
      },
    ],
    todo: 'Put the password into ~/.pgpass of the user that runs the program (mode 0600), and add -w so that it never asks.',
  },
  {
    id: 'service-timeout',
    among: ofPostgres,
    says: [
      '%s.service: start operation timed out. Terminating.',
      '%s.service: Start operation timed out. Terminating.',
      'start-pre operation timed out. Terminating.',
      "%s.service: Failed with result 'timeout'.",
      'Active: failed (Result: timeout)',
    ],
    source: 'systemd, src/core/service.c',
    standing: 'cause',
    matters: 5,
    means:
      'systemd waited for the server to say that it has started, lost patience, and stopped it. The server itself may have been well: it was still recovering.',
    causes: [
      {
        cause:
          'Recovery takes longer than the start timeout (90 s by default): a crash, or a base backup with much WAL.',
        on: 'standby',
        check: 'systemctl show -p TimeoutStartUSec "postgresql*"; journalctl -u "postgresql*" -n 50 --no-pager',
        rule: 'network/server-starting',
      },
      {
        cause:
          'The standby cannot become consistent: it waits for WAL that does not come. Then its log says so, and more time does not help.',
        on: 'standby',
        check: 'ps aux | grep "[s]tartup.*\\(recovering\\|waiting\\)"',
        rule: 'streaming/not-connected',
      },
    ],
    todo: 'systemctl edit the unit: [Service], TimeoutStartSec=infinity. Then systemctl start it again, and watch its log.',
  },
  {
    id: 'service-failed',
    among: ofPostgres,
    says: [
      'Job for %s.service failed because the control process exited with error code',
      'Failed to start PostgreSQL',
      'Failed with result %s',
      'Main process exited, code=exited, status=%s',
      'The PostgreSQL server failed to start. Please check the log output',
      'Error: /usr/lib/postgresql/%s/bin/pg_ctl %s exited with status %d',
      'Process exited with status %d',
    ],
    standing: 'consequence',
    matters: 4,
    means: 'The service manager only says that the server did not start. The reason is in the log of the server.',
    causes: [
      { cause: 'Show its last lines.', on: 'standby', check: 'journalctl -u "postgresql*" -n 50 --no-pager' },
      {
        cause: 'With logging_collector they are in a file.',
        on: 'standby',
        check: 'tail -50 "$(ls -t /var/log/postgresql/* /var/lib/pgsql/*/data/log/* 2>/dev/null | head -1)"',
      },
    ],
  },
  {
    id: 'container-exited',
    among: ofPostgres,
    says: ['Back-off restarting failed container', 'CrashLoopBackOff', '%s exited with code %d'],
    standing: 'consequence',
    matters: 2,
    means: 'The container ended and is started again. Its own log has the reason.',
    causes: [
      { cause: 'Show the log of the run before.', on: 'client', check: 'docker logs --tail 50 <container>' },
      { cause: 'In Kubernetes:', on: 'client', check: 'kubectl logs <pod> --previous --tail=50' },
    ],
  },
  {
    id: 'volume-in-use',
    says: ['Multi-Attach error for volume "%s"', 'Multi-Attach error for volume'],
    source: 'Kubernetes, pkg/controller/volume/attachdetach/reconciler',
    matters: 5,
    elsewhere: true,
    means:
      'Kubernetes does not give the volume to this pod: another node still has it. Two servers on one data directory would destroy it, so that is right.',
    causes: [
      {
        cause: 'The pod was moved, and its old node is down or has not released the volume yet.',
        on: 'client',
        check: 'kubectl get pods -o wide; kubectl get volumeattachments',
      },
      { cause: 'Two pods claim the same volume: each server needs its own (a StatefulSet with volumeClaimTemplates).' },
    ],
    todo: 'Wait until the old pod has ended. If its node is really off, delete the old pod (--force) or taint the node out-of-service; never while the old server may still run.',
  },
  {
    id: 'probe-kills',
    says: [
      'Container %s failed liveness probe, will be restarted',
      'Container %s failed startup probe, will be restarted',
      'Liveness probe failed: %s',
      'Startup probe failed: %s',
    ],
    among: ofPostgres,
    source: 'Kubernetes, pkg/kubelet/kuberuntime, prober',
    matters: 5,
    elsewhere: true,
    means:
      'Kubernetes asks the server whether it accepts connections, gets no, and restarts the container. A standby that is still replaying WAL never gets ready this way.',
    causes: [
      {
        cause: 'Recovery takes longer than the probe allows: each restart begins it again.',
        on: 'client',
        check:
          'kubectl logs <pod> --previous --tail=30; kubectl get pod <pod> -o yaml | grep -A8 -E "livenessProbe|startupProbe"',
      },
      { cause: 'The server cannot start, or waits for WAL that does not come: its log says why.' },
    ],
    todo: 'Give it a startupProbe with a high failureThreshold (or raise initialDelaySeconds of the liveness probe), and read the log of the server.',
  },
  {
    id: 'pod-initializing',
    says: [
      'is waiting to start: PodInitializing',
      'is waiting to start: ContainerCreating',
      'is waiting to start: trying and failing to pull image',
    ],
    source: 'Kubernetes, pkg/registry/core/pod/strategy.go, LogLocation',
    standing: 'consequence',
    matters: 3,
    means:
      'The container of the server has not started yet, so it has no log: an init container, which makes the copy, or the mounting of the volume comes first.',
    causes: [
      {
        cause:
          'The init container fails or hangs: its own log says why (a base backup that cannot log in, a volume that it may not write).',
        on: 'client',
        check: 'kubectl logs <pod> --all-containers --prefix --tail=30',
      },
      {
        cause: 'The volume cannot be bound or mounted, or the image cannot be pulled.',
        on: 'client',
        check: 'kubectl describe pod <pod> | tail -20',
      },
    ],
  },
  {
    id: 'oom-killed',
    says: [
      'Out of memory: Killed process %d (postgres)',
      'Out of memory: Kill process %d (postgres)',
      'OOMKilled',
      'Memory cgroup out of memory: Killed process %d (postgres)',
    ],
    source: 'Linux, mm/oom_kill.c',
    matters: 5,
    means: 'The kernel ended a PostgreSQL process because memory ran out.',
    todo: 'Lower shared_buffers, work_mem or max_connections, raise the limit of the container, or set vm.overcommit_memory = 2 on the machine.',
  },
];
