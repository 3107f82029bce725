import type { Symptom } from './symptom.ts';
import { whereItIsLost, receives } from './where-to-look.ts';

/** A lag in time that is the age of the last transaction. */
export const idleLag: Omit<Symptom, 'all'> = {
  means:
    'Where nothing is written on the primary, now() - pg_last_xact_replay_timestamp() grows all the same: it is the age of the last transaction, not a delay. Compare positions instead.',
  causes: [
    {
      cause: 'All three differences are 0: there is no delay.',
      on: 'primary',
      check: whereItIsLost,
      rule: 'streaming/lag',
    },
    {
      cause: 'No row at all: the standby does not stream, and its log says why.',
      check: receives,
      rule: 'streaming/not-connected',
    },
  ],
  todo: 'In a monitoring query: CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 ELSE the age END.',
};
