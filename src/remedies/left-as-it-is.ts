import type { Remedy } from '../findings/report.ts';
import { manual, safe } from './remedy.ts';

/** Of a server that may be the primary of its upstream: nothing is moved, rewound or copied before that one says whom it follows. */
export const leftAsItIs = (path: string): Remedy =>
  safe(
    'Change nothing on this server before it is known whom its upstream follows.',
    manual(
      'standby',
      `On the server that primary_conninfo leads to, run SELECT status, sender_host, sender_port FROM pg_stat_wal_receiver; in psql. If that is this server, ${path} is the data of the primary: run this with the data directory of the standby. If it is a third server, stop this one and make it a standby with standbylint clone, into another directory.`,
    ),
  );
