import type { Answer } from '../answer.ts';

/** A connection that was there and ended. */
export const answersAboutLostConnections: readonly Answer[] = [
  {
    of: ['libpq-could-not-receive', 'libpq-could-not-send', 'libpq-ssl-syscall'],
    when: /(?:receive data from|send data to) server: Connection timed out|SSL SYSCALL error: Connection timed out/u,
    means:
      'The connection was open and then went dead: this machine got no answer until its operating system gave up. Nothing closed it in an orderly way.',
    causes: [
      {
        cause:
          'A firewall, NAT, VPN or load balancer dropped the connection while it was idle, without telling either end.',
        on: 'primary',
        check: 'psql -c "SHOW wal_sender_timeout" -c "SHOW tcp_keepalives_idle"',
      },
      {
        cause: 'The other machine crashed, was moved or lost its network.',
        on: 'primary',
        check: 'uptime; journalctl -k -n 30 --no-pager',
      },
    ],
    todo: 'A standby connects again by itself. If it happens again: keepalives_idle=60 keepalives_interval=10 in primary_conninfo, and a longer idle timeout on the firewall.',
  },
  {
    of: ['libpq-server-closed', 'libpq-errno-reset', 'libpq-ssl-eof', 'libpq-ssl-closed', 'libpq-could-not-receive'],
    when: /pg_basebackup|\bCOPY\b|base ?backup|\bbackup\b(?![\w.-]*[."-])|pg_receivewal|WAL stream/iu,
    means:
      'The connection was lost while in use. This end does not know why; the log of the other end at this time does.',
    causes: [
      {
        cause: 'The server process ended: crash, out of memory, an administrator, a restart.',
        on: 'primary',
        check: 'dmesg -T | grep -i "killed process"',
      },
      {
        cause:
          'The server gave up waiting: the disk here is full or slow, and wal_sender_timeout passed ("terminating walsender process due to replication timeout").',
        on: 'client',
        check: 'df -h',
      },
      {
        cause: 'A firewall, NAT, load balancer or proxy dropped the idle or long connection.',
        on: 'primary',
        check: 'psql -c "SHOW wal_sender_timeout" -c "SHOW tcp_keepalives_idle"',
      },
    ],
    todo: "Read the primary's log at that minute. For a base backup: free space here, then run it again.",
  },
  {
    of: ['libpq-server-closed', 'libpq-errno-reset', 'libpq-ssl-eof', 'libpq-ssl-closed', 'libpq-could-not-receive'],
    means:
      'The other end closed the connection without a message. This end does not know why; the log of the server at this time does.',
    causes: [
      {
        cause:
          "The server process crashed, was killed (out of memory) or the server was restarted: see the server's log.",
        on: 'primary',
        check: 'dmesg -T | grep -i "killed process"',
      },
      { cause: 'A firewall, NAT, load balancer or proxy closed the connection.' },
      {
        cause: 'What listens there is not PostgreSQL, or a port forward has nothing behind it.',
        on: 'client',
        check: 'pg_isready -h {server} -p {port}',
        rule: 'network/not-postgresql',
      },
    ],
  },
  {
    of: ['walreceiver-timeout'],
    means: 'The standby heard nothing from the primary for wal_receiver_timeout. It reconnects by itself.',
    causes: [
      {
        cause: 'The network path was cut without a word: firewall or NAT that forgets idle connections, a lost link.',
        on: 'standby',
        check: 'psql -c "SELECT status, latest_end_time FROM pg_stat_wal_receiver"',
        rule: 'streaming/stalled',
      },
      {
        cause: 'The primary hung or was overloaded (I/O, CPU, snapshot of the virtual machine).',
        on: 'primary',
        check: 'psql -c "SELECT application_name, state, sync_state FROM pg_stat_replication"',
      },
    ],
    todo: 'Look at the network and at the load of the primary at that time. Raise wal_receiver_timeout only if the link is known to be slow.',
  },
  {
    of: ['walsender-timeout'],
    tool: 'logical replication',
    matters: 5,
    means:
      'The primary ended the connection of a logical receiver (a subscriber, Debezium, another CDC program), because it did not answer for wal_sender_timeout. It connects again and decodes from the confirmed position, so that a large transaction can end like this again and again.',
    causes: [
      {
        cause:
          'The receiver is busy with one large transaction and sends no feedback meanwhile, or it waits for its own target.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, confirmed_flush_lsn, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)) FROM pg_replication_slots"',
      },
      {
        cause:
          'The program does not answer the keepalive messages of the server in time, or not at all: its own log, its release.',
        on: 'primary',
        check: 'psql -c "SHOW wal_sender_timeout"',
      },
      { cause: 'The network path was cut: firewall, NAT, a proxy.' },
    ],
    todo: "Raise wal_sender_timeout (a reload is enough; for this role alone: ALTER ROLE <role> SET wal_sender_timeout = '5min'), and look at the log of the receiver.",
  },
  {
    of: ['walsender-timeout'],
    // the receiver connects again
    matters: 4,
    means:
      'The primary ended the replication connection: the receiver (a standby, pg_basebackup, pg_receivewal or a logical subscriber) did not answer for wal_sender_timeout.',
    causes: [
      {
        cause: 'The receiver was too slow or stopped: its disk is full or overloaded, or it was frozen.',
        on: 'standby',
        check: 'df -h; iostat -x 1 3',
      },
      { cause: 'The network path was cut: firewall, NAT, VPN, a moved virtual machine.', rule: 'streaming/stalled' },
      {
        cause: 'The timeout is too short for a large transaction or a slow link.',
        on: 'primary',
        check: 'psql -c "SHOW wal_sender_timeout"',
      },
    ],
    todo: "Look at the receiver's log of the same minute. Raise wal_sender_timeout (a reload is enough) if the link is known to be slow.",
  },
];
