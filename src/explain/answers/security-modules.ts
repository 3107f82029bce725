import type { Answer } from '../answer.ts';

/** The line names a program, a label or a profile of PostgreSQL's. */
const ofServer =
  /\bcomm="(?:postgres|postmaster|pg_|psql|initdb|pgbackrest|barman|patroni|repmgr|pgbouncer|pgpool)|\bpostgresql_\w*t\b|\bprofile="[^"]*(?:postgres|pgsql|docker-default)|SELinux is preventing \S*(?:postgres|postmaster|pg_|pgsql|pgbackrest|psql)/u;

/** What SELinux and AppArmor write about an access that they forbade. */
export const answersAboutSecurityModules: readonly Answer[] = [
  {
    id: 'forbidden-by-security-module',
    of: ['security-module'],
    among: ofServer,
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
    of: [
      'permission-open-file',
      'guc-could-not-access-dir',
      'guc-config-file-access',
      'config-could-not-open',
      'hba-could-not-open',
      'could-not-open-log-file',
      'lock-file-create',
      'create-file-xlog',
      'read-file',
      'os-eacces',
    ],
    when: /Permission denied/u,
    // by hand, a server is not confined
    beside:
      /^\W*(?:getenforce\W+)?Enforcing\b|\bgetenforce\b\W+Enforcing|\bSELinux\b[^.\n]{0,30}\benforcing\b|\bsetenforce 0\b|\b(?:RHEL|Red ?Hat|CentOS|Rocky|Alma ?Linux|Fedora|Oracle Linux)\b(?=[^]*\b(?:by hand|manually|pg_ctl)\b[^.\n]{0,40}\b(?:works?|starts?|fine)\b)/imu,
    matters: 5,
    means:
      'SELinux confines a server that systemd starts: it may use only files with a label of PostgreSQL, whatever their owner and mode. Started by hand it is not confined, and then the same files can be read.',
    causes: [
      {
        cause:
          'The directory is one of your own, or was moved there (mv keeps the old label): its label is not postgresql_db_t.',
        on: 'server',
        check: 'getenforce; ls -ldZ {file}; ausearch -m avc -c postgres -c postmaster -ts today | tail -3',
      },
      {
        cause: 'The ordinary permissions: the owner, or a parent directory that is closed to the user of the server.',
        on: 'server',
        check: 'namei -l {file}; id postgres',
        rule: 'standby/wrong-owner',
      },
    ],
    todo: 'As root: semanage fcontext -a -t postgresql_db_t "{file|<data directory>}(/.*)?", then restorecon -Rv {file|<data directory>}, and start the service again. SELinux need not be turned off for it.',
  },
  {
    id: 'port-forbidden-by-selinux',
    of: ['security-module'],
    when: /\{ name_bind \}|name_bind access on/u,
    matters: 5,
    means:
      'SELinux does not let PostgreSQL listen on this port: only 5432 and 9898 have the label postgresql_port_t from the start. For PostgreSQL that looks like "Permission denied" when it binds its address.',
    causes: [
      {
        cause: 'The port of this server (port =, src= in the line) is not among those of the label.',
        on: 'server',
        check:
          'semanage port -l | grep postgresql; ausearch -m avc -c postgres -ts today | grep -o "src=[0-9]*" | sort -u',
      },
    ],
    todo: 'As root: semanage port -a -t postgresql_port_t -p tcp <port>, then start the server again. Or use port 5432.',
  },
  {
    id: 'connection-forbidden-by-selinux',
    of: ['security-module'],
    when: /\{ name_connect \}|name_connect access on/u,
    matters: 5,
    means:
      'SELinux does not let this program connect to the port that the line names (dest=). For PostgreSQL that looks like "Permission denied" when it connects, though network and firewall are open.',
    causes: [
      {
        cause:
          'The WAL receiver or a command of the server goes to a port without the label postgresql_port_t (a primary on another port, a pooler, ssh of archive_command).',
        on: 'server',
        check: 'semanage port -l | grep -E "postgresql|ssh_port"; getsebool -a | grep -E "postgresql|rsync"',
      },
    ],
    todo: 'A primary on another port, as root: semanage port -a -t postgresql_port_t -p tcp <port>. For ssh or rsync in archive_command: setsebool -P postgresql_can_rsync on.',
  },
  {
    id: 'logged-by-selinux',
    of: ['security-module'],
    when: /permissive=1/u,
    beside: /permissive=1/u,
    kind: 'course',
    matters: 2,
    means:
      'SELinux is permissive (permissive=1), for the machine or for this domain: it wrote down what it would forbid, and forbade nothing.',
    todo: 'If something fails nevertheless, SELinux is not the reason. Before enforcing it: give the files and ports their labels (restorecon, semanage).',
  },
  {
    id: 'apparmor-denied',
    of: ['security-module'],
    when: /apparmor="DENIED"/u,
    matters: 5,
    means:
      'AppArmor forbade PostgreSQL an access that the ordinary permissions allow; operation, profile and name in the line say which. For PostgreSQL that looks like "Permission denied".',
    causes: [
      {
        cause: 'A path (a data directory, a tablespace, an archive, a certificate) that the profile does not list.',
        on: 'server',
        check:
          'aa-status | head -30; dmesg -T | grep "apparmor=\\"DENIED\\"" | grep -o "profile=.*" | sort | uniq -c | tail',
      },
      { cause: 'In a container: the profile of the engine (docker-default) forbids it, as mounting or ptrace.' },
    ],
    todo: 'Allow the path in the local part of that profile (/etc/apparmor.d/local/<profile>), and apparmor_parser -r /etc/apparmor.d/<profile>.',
  },
];
