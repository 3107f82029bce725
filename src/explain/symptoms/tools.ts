import type { Symptom } from './symptom.ts';

/** What is told of a tool: its own words say more than those of replication beside them. */
export const symptomsOfTools: readonly Symptom[] = [
  {
    all: [
      /\b(?:postgres\S*:(?:18|latest)\S*|image (?:of )?18|(?:postgres(?:ql)?|pg) ?v?18)\b/iu,
      /\bvolumes?\b|\bmount\w*\b|\bcontainer\b|\/var\/lib\/postgresql/iu,
      /\b(?:gone|lost|empty|disappear\w*|vanish\w*|missing|no data)\b/iu,
    ],
    means:
      'From 18 on, the official image keeps its data in /var/lib/postgresql/18/docker. A volume that is mounted at /var/lib/postgresql/data is not where the data is: it is in an anonymous volume, and a new container gets another one.',
    causes: [
      {
        cause: 'The anonymous volume of the old container is still there: look for it before anything is pruned.',
        on: 'host',
        check: 'docker volume ls -q | xargs docker volume inspect --format "{{.Name}} {{.CreatedAt}} {{.Mountpoint}}"',
      },
      {
        cause: 'The data is in a subdirectory of the volume (18/docker), and the server reads another one.',
        on: 'host',
        check:
          'docker inspect <container> --format "{{.Mounts}}"; docker exec <container> sh -c "ls -d /var/lib/postgresql/*/docker /var/lib/postgresql/data/*/docker"',
      },
    ],
    todo: 'Stop the container, and copy nothing over. Mount the volume that has the data at /var/lib/postgresql. Do not run docker volume prune or docker compose down -v.',
  },
  {
    all: [
      /\bpg_rewind\b/iu,
      /\bwal\b|\bsegments?\b|\b[0-9A-F]{24}\b/iu,
      /\b(?:missing|removed|gone|not (?:there|found|available)|could not (?:find|open|read))\b|n['’]t (?:there|find|exist)/iu,
    ],
    means:
      'pg_rewind reads the WAL of the old primary back to the last checkpoint before the histories separated. What of it the server has removed already, it cannot read, and it changes nothing.',
    causes: [
      {
        cause: 'The WAL is in an archive: from 13 on, pg_rewind -c fetches it with restore_command of the target.',
        check: 'postgres -C restore_command -D <data directory>; ls <data directory>/pg_wal | head -3',
        rule: 'timeline/diverged',
      },
      {
        cause:
          'It is nowhere: only a new base backup is left. Patroni makes one by itself only with remove_data_directory_on_rewind_failure; otherwise the member starts with the data that it has, and never follows.',
        check: 'patronictl show-config; patronictl reinit <cluster> <member>',
      },
    ],
    todo: 'For the next time, wal_keep_size on all servers keeps enough of it.',
  },
  {
    all: [
      /\b(?:pgpool\w*|pcp_node_info|pool_nodes|pcp_\w+)\b/iu,
      /\bwaiting\b/iu,
      /\b(?:node|backend|server|status|state|shows?|database)s?\b/iu,
    ],
    means:
      'That Pgpool-II shows "waiting" is normal: it uses that server, and no client has connected through it yet. With the first query it becomes "up".',
    causes: [
      {
        cause: 'Nothing has connected through Pgpool-II since its start: one query does.',
        on: 'client',
        check: 'psql -h <pgpool host> -p 9999 -U <role> -d postgres -c "SHOW pool_nodes"',
      },
      {
        cause:
          'If that query fails: its message is the fault (the virtual address, pool_hba.conf, the password), not the status.',
      },
    ],
    asks: true,
  },
];
