/** Parts of paths that PostgreSQL, Debian and the file system's standard define: they tell nothing of whose they are. */
const common = new Set(
  [
    'bin boot data dev etc home lib lib64 local log main media mnt opt proc root run sbin share srv sys tmp usr var volumes',
    'postgresql postgres pgsql pgdata backup backups archive wal cluster clusters conf.d common node containers docker',
    'base global pg_wal pg_xact pg_tblspc pg_commit_ts pg_dynshmem pg_logical pg_multixact pg_notify pg_replslot',
    'pg_serial pg_snapshots pg_stat pg_stat_tmp pg_subtrans pg_twophase archive_status members offsets summaries self',
    'PG_VERSION postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf recovery.conf recovery.done pg_control',
    'standby.signal recovery.signal backup_label backup_label.old backup_manifest backup_manifest.tmp tablespace_map',
    'postmaster.pid postmaster.opts current_logfiles pg_service.conf .pgpass .pg_service.conf .postgresql root.crt root.crl',
    'server.log server.key server.crt postgresql.log pg_ctl.conf start.conf environment systemd system user units mountinfo stat status meminfo',
    'pg_basebackup pg_ctl pg_controldata pg_rewind pg_receivewal pg_verifybackup pg_ctlcluster postgres psql initdb null',
    'data-directory configuration pg_controldata.txt console.txt fstab x86_64-linux-gnu aarch64-linux-gnu ssl private certs shm cgroup fd patroni pgbackrest repmgr barman passwd archive.info backup.info',
  ].flatMap((line) => line.split(' ')),
);

/** Numbers, releases, names of WAL files, and what a name of ours adds to another one. */
const defined =
  /^(?:|\.{1,2}|~|%[a-z](?:\.[a-z\d]+)?|\d+(?:\.\d+)*|[0-9A-F]{8,24}(?:\.[0-9A-F]{8})?(?:\.[a-z]+)?|\.s\.PGSQL\.\d+(?:\.lock)?|\*+|\$\w+|dir-\d+(?:\.[a-z]+)?)$/u;

const endings = /\.(?:conf|log|csv|json|gz|zst|pid|signal|so|history|partial|backup|bak|key|crt|pem|crl|sock|sh|txt)$/u;

export const isCommonPart = (part: string): boolean => common.has(part) || defined.test(part);

/** A path with each part of it that is somebody's own replaced; the ending of a file's name stays. */
export const otherPath = (path: string, tokenOf: (part: string) => string): string =>
  path
    .split('/')
    .map((part) => {
      if (isCommonPart(part)) return part;
      const own = part.replace(endings, '');
      return tokenOf(own) + part.slice(own.length);
    })
    .join('/');

/** Absolute paths in a text: not what follows a name, as in `10.0.0.0/8` or `read/write`, and no URI. */
export const pathsInText = /(?<![\w.)\]%*/-])(?<!:(?=\/\/))\/[^\s'"`,;:()<>|&=[\]{}\\]*[^\s'"`,;:()<>|&=[\]{}\\.]/gu;
