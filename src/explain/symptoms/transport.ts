import type { Symptom } from './symptom.ts';

const ofReplication = /\b(?:replication|standbys?|replicas?|slaves?|primary_conninfo|wal)\b/iu;

/** How WAL gets from one server to the other: encrypted, over a narrow line, in time. */
export const symptomsOfTransport: readonly Symptom[] = [
  {
    all: [
      /\b(?:encrypt\w*|ssl|tls)\b/iu,
      /\b(?:replication|standby|replica|primary_conninfo|streaming)\b/iu,
      /\?|^(?:how|is|can|do|does|should|what)\b|\bwant\b/iu,
      /^(?!.*\b(?:error|fail\w*|refus\w*|FATAL)\b)/iu,
    ],
    means:
      'The standby is an ordinary client of its primary: ssl = on there, sslmode in primary_conninfo here, and hostssl in pg_hba.conf where it is to be obligatory.',
    causes: [
      {
        cause: 'Whether it is encrypted now.',
        on: 'primary',
        check:
          'psql -c "SHOW ssl" -c "SELECT r.application_name, r.client_addr, s.ssl, s.version FROM pg_stat_replication r JOIN pg_stat_ssl s USING (pid)"',
      },
      {
        cause: 'sslmode=require encrypts; verify-full with sslrootcert=<file> also checks whom it talks to.',
        check: 'psql -c "SHOW primary_conninfo"',
      },
    ],
    todo: 'First sslmode on the standby, then look; only when ssl is t, change host to hostssl in the line of pg_hba.conf, and reload.',
    asks: true,
  },
  {
    all: [
      /\b(?:traffic|bandwidth|[MG]bit|[MG]bps|network usage|data transfer)\b/iu,
      /\b(?:reduc\w+|less|lower|limit\w*|compress\w*|save|too much|how|why)\b/iu,
    ],
    beside: ofReplication,
    means:
      'A standby receives all WAL that the primary writes, so less WAL is less traffic. The protocol itself does not compress.',
    causes: [
      {
        cause:
          'Full page images after each checkpoint: wal_compression = on (lz4 or zstd from 15 on), and fewer checkpoints (max_wal_size, checkpoint_timeout).',
        on: 'primary',
        check:
          'psql -c "SHOW wal_compression" -c "SHOW max_wal_size" -c "SHOW checkpoint_timeout" -c "SELECT wal_records, wal_fpi, pg_size_pretty(wal_bytes) FROM pg_stat_wal"',
      },
      {
        cause: 'Several standbys at the other site: let one follow the primary, and the others that one (a cascade).',
        on: 'primary',
        check: 'psql -c "SELECT application_name, client_addr FROM pg_stat_replication"',
      },
      { cause: 'A tunnel that compresses (ssh -C, a VPN) for what is left.' },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:systemctl|systemd|service|unit)\b/iu,
      /\b(?:time-?out|timed out|TimeoutStartSec|after \d+ ?(?:s|sec\w*|minutes?))\b/iu,
      /\b(?:start\w*|recover\w*|replay\w*)\b/iu,
    ],
    beside: /^(?=[^]*(?:postgres|\bpg_))(?=[^]*\b(?:replay\w*|recover\w*|standby|replica|redo)\b)/iu,
    means:
      'systemd gave up waiting and stopped the server, which was still replaying WAL: each start begins that again. The server itself did not fail.',
    causes: [
      {
        cause: 'The timeout of the unit is shorter than the recovery.',
        check: 'systemctl show -p TimeoutStartUSec "postgresql*"; journalctl -u "postgresql*" -n 20 --no-pager',
      },
      {
        cause: 'It waits for WAL that does not come: then more time does not help, and its log says why.',
        check: 'grep -nE "FATAL|waiting for WAL|redo in progress|consistent" <log of PostgreSQL> | tail -5',
        rule: 'network/server-starting',
      },
    ],
    todo: 'systemctl edit <unit>: [Service] TimeoutStartSec=infinity, then systemctl start <unit>.',
  },
  {
    all: [
      /\blogical\b/iu,
      /\bslots?\b/iu,
      /\b(?:fail-?over|switch-?over|promot\w*)\b/iu,
      /\?|\b(?:how|keep|surviv\w*|preserv\w*|across|after|want)\b/iu,
    ],
    means:
      'Logical slots are on the primary only, up to 16: after a failover they are gone, and readers miss what was not read. From 17 on, failover slots are kept on a standby.',
    causes: [
      {
        cause:
          'Patroni, 11 and later: list the slot under slots (type: logical, database, plugin); Patroni copies it to the members, which need hot_standby_feedback = on.',
        check: 'patronictl show-config | grep -A8 slots',
      },
      {
        cause:
          '17 and later: failover = true for the slot or subscription, sync_replication_slots = on and dbname in primary_conninfo on the standby, synchronized_standby_slots on the primary.',
        check:
          'psql -c "SELECT slot_name, failover, synced, active FROM pg_replication_slots" -c "SHOW sync_replication_slots"',
      },
      {
        cause:
          'Otherwise: stop the writers before a planned switchover until the reader has everything, and create the slot again on the new primary before they go on.',
      },
    ],
    asks: true,
  },
];
