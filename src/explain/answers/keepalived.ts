import type { Answer } from '../answer.ts';

const runTheScript =
  'grep -nA8 "vrrp_script" /etc/keepalived/keepalived.conf; sudo -u keepalived_script <script>; echo $?; pg_isready';

/** keepalived, which moves an address between machines and knows nothing of PostgreSQL but what a script says. */
export const answersAboutKeepalived: readonly Answer[] = [
  {
    id: 'keepalived-runs',
    says: ['daemon is already running'],
    among: /keepalived/iu,
    source: 'keepalived, keepalived/core/main.c, pidfile.c',
    matters: 4,
    elsewhere: true,
    means:
      'keepalived ends at once, because its pid file names a process that runs: an older keepalived was left over.',
    causes: [
      {
        cause: 'systemd lost the former one (left-over process): it still holds the virtual address with old settings.',
        on: 'this host',
        check: 'pgrep -a keepalived; systemctl status keepalived --no-pager; ip -brief address',
      },
    ],
    todo: 'systemctl stop keepalived; end the processes that are left by their number; then systemctl start keepalived. The address must be on one machine only: look at it on each.',
  },
  {
    id: 'keepalived-script-timeout',
    says: [
      'VRRP_Script(%s) timed out',
      'VRRP_Script(%s) timed_out',
      'Track script %s is already running, expect idle - skipping run',
      'Track script %s is being timed out, expect idle - skipping run',
    ],
    source: 'keepalived, keepalived/vrrp/vrrp_scheduler.c, vrrp_script_child_thread',
    matters: 4,
    elsewhere: true,
    means:
      'The script by which keepalived examines this node, {value}, did not end in time. keepalived takes that as a failure, and the virtual address may move although PostgreSQL runs.',
    causes: [
      {
        cause:
          'The script waits: psql without connect_timeout at a server that hangs, has no free connection or asks for a password.',
        on: 'this host',
        check: runTheScript,
      },
      { cause: 'The machine is overloaded, or timeout and interval of the script are too short for it.' },
    ],
    todo: 'Let the script end by itself: PGCONNECT_TIMEOUT=2, psql -w, and "timeout 3" before the command.',
  },
  {
    id: 'keepalived-script-failed',
    says: [
      'VRRP_Script(%s) failed (exited with status %d)',
      'VRRP_Script(%s) failed (due to signal %d)',
      'VRRP_Script(%s) failed',
      'Script `%s` now returning %d',
    ],
    among: /VRRP|keepalived/iu,
    source: 'keepalived, keepalived/vrrp/vrrp_scheduler.c, vrrp_script_child_thread',
    matters: 4,
    elsewhere: true,
    means:
      'The script by which keepalived examines this node, {value}, says that it is not fit for the virtual address. keepalived then gives the address up or has a lower priority. It moves the address only: no server is promoted by that, unless a notify script does it.',
    causes: [
      {
        cause: 'PostgreSQL (or HAProxy, PgBouncer, Patroni) does not answer here: its own log of that minute says why.',
        on: 'this host',
        check: 'pg_isready; systemctl status "postgresql*" patroni haproxy pgbouncer --no-pager | head -40',
      },
      {
        cause: 'The script asks whether this node is the primary, and it is a standby: then that is right.',
        on: 'this host',
        check: 'psql -c "SELECT pg_is_in_recovery()"',
      },
      {
        cause:
          'The script itself fails: 126 or 127 are a file that cannot be executed or is not found; else a login (it runs as keepalived_script or root, not as postgres), PATH or SELinux.',
        on: 'this host',
        check: runTheScript,
      },
    ],
    todo: 'See which machines have the address and which server is the primary before anything is promoted: ip -brief address, and SELECT pg_is_in_recovery() on each.',
  },
  {
    id: 'keepalived-two-masters',
    says: [
      '(%s) Received advert from %s with lower priority %d, ours %d, forcing new election',
      'VRRP_Instance(%s) Received lower prio advert %d, forcing new election',
      'VRRP_Instance(%s) Received lower prio advert, forcing new election',
    ],
    source: 'keepalived, keepalived/vrrp/vrrp.c, vrrp_state_master_rx',
    matters: 5,
    elsewhere: true,
    means:
      'Two machines had the virtual address at the same time, and are settling it now. What was written through the address meanwhile may be on either server.',
    causes: [
      {
        cause:
          'They did not hear each other for a while: VRRP (protocol 112, multicast 224.0.0.18) is blocked on the way, or a machine was frozen (snapshot, overload).',
        on: 'each host',
        check: 'tcpdump -ni any vrrp -c 5; journalctl -u keepalived -n 50 --no-pager; ip -brief address',
      },
      {
        cause: 'A notify script promoted the standby while the old primary went on: then there are two primaries.',
        on: 'each host',
        check: 'psql -c "SELECT pg_is_in_recovery(), timeline_id FROM pg_control_checkpoint()"',
      },
    ],
    todo: 'If two servers are out of recovery, stop writing and decide which one is right. In clouds, which carry no multicast: unicast_src_ip and unicast_peer.',
  },
  {
    id: 'keepalived-hears-nothing',
    says: ['(%s) Receive advertisement timeout'],
    source: 'keepalived, keepalived/vrrp/vrrp_scheduler.c',
    matters: 4,
    elsewhere: true,
    means:
      'This node hears no announcements from the one that has the virtual address, and takes the address. Either that node is gone, or only its announcements do not arrive: then two machines have the address.',
    causes: [
      {
        cause: 'The other node, or keepalived on it, stopped.',
        on: 'the other host',
        check: 'systemctl status keepalived --no-pager; ip -brief address',
      },
      {
        cause:
          'A firewall or the network drops VRRP (protocol 112; clouds carry no multicast), or virtual_router_id, authentication or advert_int differ.',
        on: 'this host',
        check:
          'tcpdump -ni any vrrp -c 5; grep -nE "virtual_router_id|auth_|advert_int|unicast" /etc/keepalived/keepalived.conf',
      },
    ],
    todo: 'The address moves, the role of PostgreSQL does not: see which server is the primary before you write through it.',
  },
  {
    id: 'keepalived-fault',
    says: [
      '(%s) Entering FAULT STATE',
      'VRRP_Instance(%s) Entering FAULT STATE',
      'VRRP_Instance(%s) Now in FAULT state',
    ],
    source: 'keepalived, keepalived/vrrp/vrrp.c',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'keepalived takes this node out: it gives up the virtual address until its script succeeds and its interface is up again.',
    causes: [
      {
        cause: 'A script failed (VRRP_Script … failed, just before), or the network interface went down.',
        on: 'this host',
        check: 'journalctl -u keepalived -n 50 --no-pager; ip -brief link; ip -brief address',
      },
    ],
  },
];
