import type { Answer } from '../answer.ts';

const list = 'pg_lsclusters';

/** What Debian's and Ubuntu's tools for clusters (postgresql-common) say: pg_ctlcluster, pg_createcluster, pg_lsclusters and the wrapper of psql. */
export const answersAboutDebianClusters: readonly Answer[] = [
  {
    id: 'debian-owners-differ',
    says: [
      'Config owner (%s:%d) and data owner (%s:%d) do not match, and config owner is not root',
      'Config owner (%s:%d) and data owner (%s:%d) do not match',
    ],
    source: 'postgresql-common, PgCommon.pm, validate_cluster_owner',
    matters: 5,
    means:
      "The data directory and /etc/postgresql/<release>/<cluster>/postgresql.conf belong to different users, so Debian's pg_ctlcluster does not start the server.",
    causes: [
      {
        cause:
          'The data directory was copied or created as root or another user (pg_basebackup with sudo, cp, rsync, a restore). The second name in the message is its owner now.',
        on: 'standby',
        check: 'ls -ld /var/lib/postgresql/*/* /etc/postgresql/*/*',
        rule: 'standby/wrong-owner',
      },
      {
        cause: 'The number of the user postgres has changed (another container image, a restored machine).',
        on: 'standby',
        check: 'id postgres; ls -lnd /var/lib/postgresql/*/*',
      },
    ],
    todo: 'As root, give the data directory to the user postgres: chown -R postgres:postgres <data directory>. Then start it again, and run pg_basebackup as postgres the next time.',
  },
  {
    id: 'debian-data-not-accessible',
    says: [
      'Invalid data directory for cluster %s %s',
      'Error: Invalid data directory',
      '%s is not accessible or does not exist',
      '%s is not accessible; please fix the directory permissions (%s should be world readable)',
    ],
    among: /\bcluster\b|postgresql|\bpg_/iu,
    source: 'postgresql-common, PgCommon.pm, cluster_info',
    matters: 5,
    means:
      "data_directory in /etc/postgresql/<release>/<cluster>/postgresql.conf names a directory that is missing or that this user may not look into, so Debian's tools cannot work with the cluster.",
    causes: [
      {
        cause: 'The directory was moved or renamed, or its disk is not mounted.',
        on: 'standby',
        check: 'grep -n data_directory /etc/postgresql/*/*/postgresql.conf; findmnt -T /var/lib/postgresql',
      },
      {
        cause: 'The setting is missing: the file was replaced by one from another machine, where it is set elsewhere.',
        on: 'standby',
        check: list,
      },
      { cause: 'The command was typed as a user who may not enter the directory: run it as root or postgres.' },
    ],
    todo: 'Set data_directory to where the data is (or mount it there), then look at the list: pg_lsclusters.',
  },
  {
    id: 'debian-no-such-cluster',
    says: [
      "specified cluster '%s' does not exist",
      'specified cluster does not exist',
      'Cluster %d %s does not exist',
      'Invalid version %s specified in PGCLUSTER',
      'Invalid version %s specified with --cluster',
    ],
    among: /\bpg_|cluster/iu,
    source: 'postgresql-common, pg_ctlcluster, pg_wrapper',
    matters: 5,
    means:
      "Debian's tools know a cluster by /etc/postgresql/<release>/<name>/postgresql.conf. There is none for the release and name that were given.",
    causes: [
      { cause: 'Another release or name was meant: the list has both.', on: 'standby', check: list },
      {
        cause:
          'The data directory was made by pg_basebackup or restored alone. The files in /etc are not in it: pg_createcluster makes them for a directory that exists.',
        on: 'standby',
        check: 'ls /etc/postgresql/*/ /var/lib/postgresql/*/',
      },
    ],
    todo: 'For a data directory without its files in /etc: pg_createcluster -d <data directory> <release> <name> registers it; the data stays as it is, and postgresql.conf, pg_hba.conf and pg_ident.conf, which must be in it, move to /etc. Then: pg_ctlcluster <release> <name> start.',
  },
  {
    id: 'debian-conf-missing',
    says: ['move_conffile: required configuration file %s does not exist'],
    source: 'postgresql-common, pg_createcluster',
    matters: 5,
    means:
      'pg_createcluster found a data directory at that place and tried to register it, but it has no configuration file in it: that of a Debian cluster is in /etc/postgresql.',
    causes: [
      {
        cause: 'The directory is a copy of a Debian cluster: postgresql.conf stayed in /etc of the primary.',
        on: 'standby',
        check: 'ls -la <data directory>; ls /etc/postgresql/*/*',
      },
      {
        cause: 'The directory is left over from an earlier attempt, and an empty one was expected.',
        on: 'standby',
        check: 'ls -la <data directory>',
      },
    ],
    todo: 'To keep the data: copy postgresql.conf, pg_hba.conf and pg_ident.conf from /etc/postgresql of the primary into the directory, then run pg_createcluster again. An unwanted directory: move it aside first.',
  },
  {
    id: 'debian-cluster-exists',
    says: [
      'cluster configuration already exists',
      'target cluster %s already exists',
      '%s contains a version %s cluster, but %s was requested',
    ],
    among: /\bpg_|cluster/iu,
    source: 'postgresql-common, pg_createcluster, pg_upgradecluster',
    matters: 4,
    means: 'A cluster of that name is registered already, or the directory holds data of another release.',
    causes: [
      {
        cause: 'Installing the package postgresql creates the cluster "main" by itself, on the first free port.',
        on: 'standby',
        check: list,
      },
    ],
    todo: 'Use another name or port, or go on with the one that is there. A standby in its place: stop it, move its data directory aside, and run pg_basebackup into the empty place as postgres.',
  },
  {
    id: 'debian-port-taken',
    says: ['Port conflict: another instance is already running on %s with port %s'],
    source: 'postgresql-common, pg_ctlcluster, start',
    matters: 5,
    means: 'Another server already uses this port on this machine, so pg_ctlcluster does not start the cluster.',
    causes: [
      {
        cause: 'Two clusters have the same port: the configuration came from the primary, or from another cluster.',
        on: 'standby',
        check: list,
        rule: 'standby/cannot-listen',
      },
      {
        cause: 'A server was started on the same directory by pg_ctl, outside of pg_ctlcluster.',
        on: 'standby',
        check: 'ps -o pid,args -C postgres | grep -- -D',
      },
    ],
    todo: 'Give one of them another port (port in /etc/postgresql/<release>/<cluster>/postgresql.conf), then start it.',
  },
  {
    id: 'debian-other-user',
    says: [
      'You must run this program as the cluster owner (%s) or root',
      'cluster is running from systemd, can only restart it as root',
    ],
    source: 'postgresql-common, pg_ctlcluster',
    matters: 4,
    means: 'pg_ctlcluster was called as a user who may not start or stop this cluster.',
    causes: [
      {
        cause: 'It needs the owner of the data directory or root; under systemd a restart needs root.',
        on: 'standby',
        check: list,
      },
    ],
    todo: 'sudo systemctl restart postgresql@<release>-<cluster>, or sudo pg_ctlcluster <release> <cluster> <action>.',
  },
  {
    id: 'debian-cluster-disabled',
    says: ['Cluster is disabled'],
    among: /\bpg_|cluster/iu,
    source: 'postgresql-common, pg_ctlcluster',
    matters: 5,
    means: 'start.conf of this cluster says "disabled", so pg_ctlcluster and systemd do not start it.',
    causes: [
      {
        cause: 'A person or a manager (Patroni, Pacemaker) turned it off, so that only the manager starts the server.',
        on: 'standby',
        check: 'cat /etc/postgresql/*/*/start.conf',
      },
    ],
    todo: 'If no manager runs this server: write auto (or manual) into /etc/postgresql/<release>/<cluster>/start.conf, then start it.',
  },
  {
    id: 'debian-stale-pid',
    says: ['Removed stale pid file.', 'Cluster is already running.'],
    among: /\bpg_|cluster|postgres/iu,
    source: 'postgresql-common, pg_ctlcluster',
    kind: 'course',
    matters: 2,
    means: 'pg_ctlcluster tidied up after a server that had not been stopped properly, or found one that runs already.',
  },
  {
    id: 'debian-no-data',
    says: ['No PostgreSQL clusters exist; see "man pg_createcluster"'],
    source: 'postgresql-common, debian/init.d-functions',
    matters: 5,
    means:
      "Debian's tools find no cluster that they can start: none is configured in /etc/postgresql, or the data directory that its postgresql.conf names is not there.",
    causes: [
      {
        cause:
          'data_directory leads to another place than the data: after a copy, a move, or because a volume is not mounted.',
        on: 'standby',
        check: 'pg_lsclusters; grep -n data_directory /etc/postgresql/*/*/postgresql.conf',
      },
      {
        cause: 'The copy of the primary failed and was removed.',
        on: 'standby',
        check: 'ls -la /var/lib/postgresql/*/*',
      },
    ],
    todo: 'Correct data_directory, or make the base backup first. pg_createcluster makes a new, empty cluster: a standby needs a copy of its primary in its place.',
  },
  {
    id: 'debian-locale',
    says: [
      'The locale requested by the environment is invalid',
      'could not create default cluster. Please create it manually',
    ],
    source: 'postgresql-common, pg_createcluster; debian/postgresql-N.postinst',
    matters: 4,
    means:
      'The package was installed, and pg_createcluster made no cluster: the locale in the environment (LANG, LC_ALL) is not on this machine.',
    causes: [
      {
        cause: 'ssh passes on the locale of your own machine (SendEnv), or the image has none but C and C.UTF-8.',
        on: 'server',
        check: 'locale; locale -a',
      },
    ],
    todo: 'Generate the locale (dpkg-reconfigure locales, or locale-gen), or leave the default out: pg_createcluster --locale=C.UTF-8 <release> main. For a standby no cluster is needed before the base backup, and the locales of its primary must exist.',
  },
];
