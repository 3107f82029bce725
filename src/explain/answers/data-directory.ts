import type { Answer } from '../answer.ts';

/** What stands in a text about the volume of a server. */
const mounted = /\bpg_?data\b|postgres|pgsql|bitnami/iu;

/** The data directory: its mode, owner and release, and what is missing in it. */
export const answersAboutDataDirectories: readonly Answer[] = [
  {
    of: ['pgbb-dir-not-empty', 'bb-target-dir-not-empty'],
    when: /directory "[^"]*(?:t(?:a)?bl(?:e)?_?sp(?:a)?c|tbs|\/ts[_\d])[^"]*" exists but is not empty/iu,
    matters: 5,
    means:
      'The directory {directory}, which seems to be that of a tablespace, is not empty, and the program does not write into it. Nothing was changed there.',
    causes: [
      {
        cause:
          'pg_basebackup writes a tablespace to the same path as on the source. On the same machine that is the directory of the source itself: it must be mapped to another one.',
        on: 'primary',
        check: 'psql -c "\\db"',
        rule: 'target/not-empty',
      },
      {
        cause:
          'An attempt before this one left it filled: pg_basebackup does not empty the directories of tablespaces.',
        on: 'standby',
        check: 'ls -la {directory}',
      },
    ],
    todo: 'Give -T {directory}=<new directory> (--tablespace-mapping) if another server uses it. If nothing does, and nothing in it is needed, move what is in it aside and run the command again.',
  },
  {
    id: 'chown-denied',
    says: [
      "chown: changing ownership of '%s': Permission denied",
      "chmod: changing permissions of '%s': Permission denied",
      "chown: cannot read directory '%s': Permission denied",
      'chown: %s: Permission denied',
    ],
    among: mounted,
    source: 'Linux, chown(2), path_resolution(7); docker-library/postgres, docker-entrypoint.sh',
    matters: 5,
    means:
      'The container may not even look into {value|the directory}, which is mounted from the host or a volume. Where root only lacks the right to change an owner, the system says "Operation not permitted" instead.',
    causes: [
      {
        cause: 'SELinux (Fedora, RHEL and their relatives): the directory of the host has no label for containers.',
        on: 'host',
        check: 'getenforce; ls -ldnZ <mounted directory>; ausearch -m avc -ts recent | tail -5',
      },
      {
        cause:
          'NFS with root_squash, or rootless Docker or Podman: root in the container is another user for the files.',
        on: 'host',
        check: 'findmnt -T <mounted directory>; namei -l <mounted directory>',
      },
    ],
    todo: 'With SELinux, mount it with :Z (-v <directory>:<path>:Z). Otherwise use a named volume, or run the container as the user id that owns the directory.',
  },
  {
    id: 'mount-not-writable',
    says: [
      "mkdir: cannot create directory '%s': Permission denied",
      "mkdir: can't create directory '%s': Permission denied",
      "touch: cannot touch '%s': Permission denied",
      "error stat'ing file '%s': Permission denied: OCI runtime permission denied error",
    ],
    among: mounted,
    source: 'coreutils; sclorg/postgresql-container, run-postgresql; bitnami/containers; Podman',
    matters: 5,
    means:
      'The user of the container may not write (or enter) {value|the directory}, which is mounted from the host or a volume.',
    causes: [
      {
        cause:
          'It belongs to another user id than that of the image: 999 or 70 in the official images, 26 in those of Red Hat and CloudNativePG, 1001 in those of Bitnami.',
        on: 'host',
        check: 'ls -ldn <mounted directory>; docker inspect <container> --format "{{.Config.User}}"',
      },
      {
        cause:
          'Rootless Podman or Docker: the user himself may not enter the directory, or has that right from a group, which is not passed on (--group-add keep-groups).',
        on: 'host',
        check: 'namei -l <mounted directory>; id',
      },
      {
        cause: 'SELinux: the directory has no label for containers. Mount it with :Z.',
        on: 'host',
        check: 'getenforce; ls -ldnZ <mounted directory>',
      },
    ],
    todo: 'Give it to the user id of the image (chown -R <uid>:<gid>; rootless: podman unshare chown, or :U; Kubernetes: fsGroup in the securityContext, or an init container that changes the owner), or use a named volume.',
  },
  {
    id: 'chmod-refused',
    says: [
      'could not change permissions of directory "%s": %m',
      "chown: changing ownership of '%s': Operation not permitted",
      "chmod: changing permissions of '%s': Operation not permitted",
      "changing permissions of '%s': Operation not permitted",
      "changing ownership of '%s': Operation not permitted",
      'chown: %s: Operation not permitted',
      'chmod: %s: Operation not permitted',
      'could not set permissions of file "%s": %m',
    ],
    source: 'PostgreSQL, src/bin/initdb/initdb.c, create_data_directory; docker-library/postgres, docker-entrypoint.sh',
    matters: 5,
    means:
      'The program may not change owner or mode of {directory|the data directory}: it does not belong to the user that runs it.',
    causes: [
      {
        cause: 'The mounted host directory or volume belongs to another user id than the postgres user in the image.',
        on: 'host',
        check: 'ls -ldn <mounted directory>; docker run --rm <image> id postgres',
      },
      {
        cause:
          'The container runs without the right to do so: cap_drop: ALL, or rootless with user ids that are not mapped. Run it as the owner of the volume (user:, --user), and the image does not try.',
        on: 'host',
        check: 'docker inspect <container> --format "{{.Config.User}} {{.HostConfig.CapDrop}}"',
      },
      {
        cause: 'The file system does not support it: a Windows or SMB share, NFS with root_squash, a FUSE mount.',
        on: 'host',
        check: 'findmnt -T <mounted directory>',
      },
    ],
    todo: 'Give the directory to the user id of the image (chown -R <uid>:<gid>), run the container with --user <uid>:<gid> of its owner, or use a named volume.',
  },
  {
    of: ['version-incompatible'],
    when: /CATALOG_VERSION_NO|PG_CONTROL_VERSION|USE_FLOAT\d_BYVAL|XLOG_SEG_SIZE|INDEX_MAX_KEYS|TOAST_MAX_CHUNK_SIZE|LOBLKSIZE|BLCKSZ|RELSEG_SIZE|MAXALIGN|NAMEDATALEN|byte ordering|floating-point/iu,
    means:
      'The server program was built in another way than the one that made the data directory: the DETAIL names the difference (a beta or development build, another block size, another architecture).',
    causes: [
      {
        cause: 'A beta, a fork or a build with other options is started on the directory, or the other way round.',
        on: 'standby',
        check: 'postgres --version; pg_controldata -D <data directory> | head -20',
        rule: 'standby/version-mismatch',
      },
      { cause: 'The files were copied from a machine with another architecture.' },
    ],
    todo: 'Start the build that made the directory, and move the data with dump and restore. Do not run initdb on it.',
  },
  {
    of: ['version-incompatible'],
    // another major release has this DETAIL, and older DETAILs name what was built otherwise
    when: /^(?!.*initialized (?:by|with|without) )database files are incompatible with server(?!.*initialized (?:by|with|without) )/su,
    steps: false,
    means:
      'The data directory was made by a server that this one is not compatible with. Its DETAIL, in the next line of the log, says in what: the release, the architecture or how it was built.',
    causes: [
      {
        cause: 'DETAIL names a PostgreSQL version: another major release.',
        on: 'standby',
        check: 'cat <data directory>/PG_VERSION; postgres --version',
        rule: 'standby/version-mismatch',
      },
      {
        cause:
          'DETAIL names PG_CONTROL_VERSION, a byte order, a float format or a block size: another architecture, or another build (another distribution, a fork).',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -iE "version|block size|alignment|float"; uname -m',
      },
    ],
    todo: 'Streaming replication needs the same major release, the same architecture and the same build options on both. Between others: logical replication, or dump and restore.',
  },
  {
    of: ['version-incompatible'],
    says: ['The data directory was initialized by PostgreSQL version %s, which is not compatible with this version %s'],
    means: 'The data directory was made by another major release than the one that is started on it.',
    causes: [
      {
        cause: 'The image or package was upgraded ("latest" moved on): the data was not.',
        on: 'standby',
        check: 'cat <data directory>/PG_VERSION; postgres --version',
        rule: 'standby/version-mismatch',
      },
      { cause: 'A standby has another release than its primary, or the PATH finds another one.' },
    ],
    todo: 'Start the release named in PG_VERSION. To change the release: pg_upgrade or dump and restore on the primary, then new base backups.',
  },
  {
    of: ['data-dir-invalid-permissions'],
    says: ['data directory "%s" has group or world access'],
    means: 'The data directory {directory} is accessible to others; the server accepts only 0700 or 0750.',
    causes: [
      {
        cause: 'It was created with another mode (mkdir, a copied directory, an earlier chmod).',
        on: 'standby',
        check: 'ls -ld {directory}',
        rule: 'standby/permissions',
      },
      {
        cause:
          'On a mounted file system without modes (a Windows share, some NFS or cloud volumes; Kubernetes fsGroup) chmod has no effect: use a directory below the mount point or a real volume.',
      },
    ],
  },
  {
    of: ['data-dir-wrong-ownership'],
    means:
      'The data directory {directory} belongs to another operating system user than the one that starts the server.',
    causes: [
      {
        cause: 'pg_basebackup or cp was run as root, or the user ids differ between containers or machines.',
        on: 'standby',
        check: 'ls -ldn {directory}; id postgres',
        rule: 'standby/wrong-owner',
      },
      {
        cause:
          'In a container: a directory of Windows or macOS, or a network share, is mounted there, and it cannot hold owners. Use a named volume (docker volume create).',
        on: 'host',
        check: 'docker inspect --format "{{json .Mounts}}" <container>',
      },
    ],
    todo: 'As root: chown -R postgres: {directory}',
  },
  {
    of: [
      'permission-open-file',
      'could-not-read-pg-control',
      'could-not-find-db-system',
      'not-a-valid-data-dir',
      'pgctl-not-cluster-dir',
      'data-dir-does-not-exist',
      'pgctl-dir-missing',
      'guc-could-not-access-dir',
    ],
    when: /pg_control|PG_VERSION|not a valid data directory|does not exist|could not find the database system|not a database cluster/iu,
    kind: 'cause',
    matters: 5,
    means: 'There is no complete data directory at the path that the server was given.',
    causes: [
      {
        cause: 'The path is wrong, or the volume is not mounted (an empty directory).',
        on: 'standby',
        check: 'ls -la {directory|<data directory>}',
        rule: 'standby/not-a-data-directory',
      },
      {
        cause: 'The base backup or its extraction was broken off: files such as global/pg_control are missing.',
        rule: 'standby/incomplete-backup',
      },
    ],
    todo: 'Correct the path or the mount; if the copy is incomplete, make a new base backup into an empty directory.',
  },
  {
    of: ['control-incorrect-checksum', 'controldata-crc', 'pgctl-control-corrupt'],
    means: 'global/pg_control is damaged or was written by another release or architecture.',
    causes: [
      {
        cause: 'The file was copied while it was being written, or the copy is damaged.',
        on: 'standby',
        check: 'pg_controldata -D <data directory>',
        rule: 'standby/control-file-damaged',
      },
      {
        cause:
          'The data directory was written by a server of another architecture (32 and 64 bit, another processor) or of another major release: a standby needs the same as its primary.',
        on: 'standby',
        check: 'uname -m; cat <data directory>/PG_VERSION; postgres --version',
      },
    ],
    todo: 'A standby: make a new base backup, on a machine of the same architecture as the primary. Between architectures only logical replication or a dump works.',
  },
  {
    id: 'relation-map-missing',
    says: [
      'could not open relation mapping file "%s": %s',
      'could not open file "global/pg_filenode.map": %s',
      'could not read relation mapping file "%s": %s',
    ],
    source: 'PostgreSQL, src/backend/utils/cache/relmapper.c',
    matters: 5,
    means:
      'File pg_filenode.map of the data directory cannot be read, so the server does not find its own catalogs. Other files are probably missing, too.',
    causes: [
      {
        cause:
          'Something emptied or replaced the data directory while the server ran, or the volume is not mounted anymore.',
        on: 'standby',
        check: 'findmnt -T <data directory>; ls -la <data directory> <data directory>/global | head -40',
      },
      { cause: 'The data directory is an incomplete copy: a standby needs a new base backup.' },
      { cause: 'Another user owns the file (Permission denied).' },
    ],
    todo: 'Stop the server before anything else is written. A primary is restored from its backup, or a standby is promoted.',
  },
];
