import { namesPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

/** vip-manager and keepalived: the address that follows the primary. */
export const answersAboutAddressManagers: readonly Answer[] = [
  {
    id: 'vip-manager-asks',
    says: ['patroni REST API error:%s', 'patroni REST API error: %s'],
    source: 'vip-manager, checker/patroni_leader_checker.go',
    matters: 6,
    elsewhere: true,
    means:
      'vip-manager got no answer from the REST API of Patroni. It then changes nothing: an address that this node has stays, and the new leader takes it as well, so that two nodes may have it.',
    causes: [
      {
        cause:
          'Patroni on this node is stopped or hangs: then stop vip-manager here, too, so that it gives the address back.',
        on: 'standby',
        check:
          'systemctl status patroni; ip -brief address; curl -sS -o /dev/null -w "%{http_code}\\n" http://127.0.0.1:8008/leader',
      },
      { cause: 'dcs-endpoints has another address or port than restapi.listen, or http where Patroni wants https.' },
    ],
    todo: 'Let both end together (PartOf=patroni.service in the unit of vip-manager). Replication that goes through this address breaks with it: let primary_conninfo be that of Patroni.',
  },
  {
    id: 'vip-manager-state',
    says: [
      'IP address %s state is %s, desired %s',
      'IP address %s state is %s, must be %s',
      'IP address %s is %s, must be %s',
    ],
    source: 'vip-manager, ipmanager/ip_manager.go',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'vip-manager says whether this node has the virtual address, and whether it should have it. Twice false (down) is normal on a standby, and does not touch its replication.',
    causes: [
      {
        cause:
          'The leader says so, too: the trigger never fits. With dcs-type patroni, trigger-key is /leader and trigger-value 200; with etcd or consul, the key is /<namespace>/<scope>/leader and the value the name of the member in Patroni.',
        on: 'primary',
        check: 'patronictl list; grep -vE "^ *(#|$)" /etc/default/vip-manager.yml',
      },
      {
        cause:
          'It hears nothing from its DCS: a wrong endpoint, TLS, a login, or a connection to a dead etcd member that it still waits for.',
        on: 'primary',
        check: 'journalctl -u vip-manager -n 50; systemctl restart vip-manager',
      },
    ],
  },
  {
    id: 'keepalived-check-fails',
    says: [
      'VRRP_Script(%s) failed',
      'VRRP_Instance(%s) Entering FAULT STATE',
      '(%s) Entering FAULT STATE',
      'Script `%s` now returning 1',
      'Script `%s` now returning 2',
    ],
    among: namesPostgres,
    source: 'keepalived, keepalived/vrrp/vrrp_scheduler.c',
    kind: 'cause',
    matters: 3,
    elsewhere: true,
    means:
      'The check that keepalived runs on this node failed, or its interface is down: it gives the virtual address up or takes it less gladly. That says what the check returned, and no more of PostgreSQL.',
    causes: [
      {
        cause:
          'The server that the script asks does not answer, or is not in the role that it looks for: on a standby that may be what is meant.',
        on: 'that node',
        check: 'pg_isready; psql -Atc "SELECT pg_is_in_recovery()"',
      },
      {
        cause:
          'The script itself fails where keepalived runs it: as another user (script_user, keepalived_script), with a short PATH, without a password for psql.',
        on: 'that node',
        check: 'grep -nA6 "vrrp_script" /etc/keepalived/keepalived.conf; sudo -u keepalived_script <script>; echo $?',
      },
    ],
    todo: 'Replication that goes through this address breaks with it: let primary_conninfo of the standbys name the nodes themselves.',
  },
  {
    id: 'keepalived-two-owners',
    says: [
      '(%s) Received advert from %s with lower priority %d, ours %d, forcing new election',
      'VRRP_Instance(%s) Received advert with lower priority %d, ours %d, forcing new election',
    ],
    among: namesPostgres,
    source: 'keepalived, keepalived/vrrp/vrrp.c, vrrp_state_master_rx',
    matters: 4,
    elsewhere: true,
    means:
      'Another node of keepalived took the virtual address for its own as well, with a lower priority; this one takes it back. Until then both had it, and clients could write to either server.',
    causes: [
      {
        cause:
          'The two did not hear each other for a while: a firewall drops VRRP (protocol 112), or the network was interrupted.',
        on: 'each node',
        check: 'ip -brief address; journalctl -u keepalived -n 50 --no-pager',
      },
      {
        cause: 'Whether both servers are primaries, too: keepalived does not know their roles.',
        on: 'each node',
        check: 'psql -Atc "SELECT pg_is_in_recovery()"',
      },
    ],
  },
];
