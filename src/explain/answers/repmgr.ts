import type { Answer } from '../answer.ts';

/** repmgr; `source` names the file that prints it. */
export const answersAboutRepmgr: readonly Answer[] = [
  {
    id: 'repmgr-not-standby',
    says: ['this node should be a standby (%s)', 'this node should be a standby'],
    source: 'repmgr-action-standby.c',
    means: 'repmgr wanted to register a standby, and this server runs as a primary.',
    causes: [
      {
        cause:
          'The server was started without standby.signal (before 12: recovery.conf), or it is an initdb cluster and not the clone: a package may have started its own data directory.',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "SHOW data_directory"',
      },
      {
        cause: 'conninfo in repmgr.conf leads to the primary instead of to this node.',
        on: 'standby',
        check: 'grep conninfo /etc/repmgr*.conf',
      },
    ],
  },
  {
    id: 'repmgr-target-exists',
    says: ['target data directory appears to be a PostgreSQL data directory'],
    source: 'repmgr-action-standby.c',
    matters: 5,
    means: 'repmgr standby clone does not write into a directory that holds a data directory already.',
    causes: [
      {
        cause: 'An earlier clone, or the cluster that the package created.',
        on: 'standby',
        check: 'ls -la <data directory>',
      },
    ],
    todo: 'Make sure that no server runs on it and that nothing in it is needed, move it aside, and run the clone again. -F overwrites it.',
  },
  {
    id: 'repmgr-upstream',
    says: [
      'unable to connect to upstream node "%s" (ID: %d)',
      'unable to connect to upstream node: %s',
      'no record found for upstream node (ID: %d)',
      'no record found for upstream node',
      'unable to connect to node "%s" (ID: %d)',
      'connection to database failed',
      'could not find a valid primary',
      'unable to connect to local node',
    ],
    source: 'repmgrd-physical.c, repmgr-action-standby.c',
    standing: 'consequence',
    matters: 4,
    means: 'repmgr cannot reach the other node with the conninfo that is registered for it.',
    causes: [
      {
        cause: 'The node is down, or not reachable from here.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause:
          'pg_hba.conf there does not let the repmgr role in (database repmgr and replication), or its password is missing in ~/.pgpass of this user.',
      },
      { cause: 'The upstream was never registered: repmgr primary register comes first.' },
    ],
  },
];
