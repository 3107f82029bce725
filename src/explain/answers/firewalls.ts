import type { Answer } from '../answer.ts';

/** What the packet filter of a machine logs. */
export const answersAboutFirewalls: readonly Answer[] = [
  {
    id: 'packet-dropped',
    says: ['IN=%s OUT=%s SRC=%s DST=%s PROTO=TCP SPT=%d DPT=%d'],
    among: /(?:BLOCK|DROP|REJECT|DENY|DENIED)[^\n]*\bDPT=(?:543\d|6432)\b/iu,
    source: 'Linux, net/netfilter/nf_log_syslog.c; ufw, firewalld',
    matters: 5,
    means:
      'The firewall of this machine (ufw, firewalld, nftables or iptables) dropped a packet for the port of PostgreSQL. To the client that is a timeout or "No route to host".',
    causes: [
      {
        cause: 'No rule lets in the port (DPT=) from the address of the client (SRC=).',
        on: 'primary',
        check:
          'ufw status numbered 2>/dev/null; firewall-cmd --list-all 2>/dev/null; nft list ruleset 2>/dev/null | head -40',
      },
      { cause: 'A stranger tried the port: then the line is what the firewall is for.' },
    ],
    todo: 'If SRC= is the standby or another client of yours: ufw allow proto tcp from <address> to any port 5432, or firewall-cmd --permanent with a rich rule for that address, then firewall-cmd --reload. Do not open the port to everyone.',
  },
  {
    id: 'connect-not-permitted',
    says: ['connect: operation not permitted', 'failed: Operation not permitted Is the server running on'],
    among: /\bdial (?:tcp|error)|connection to server|5432/iu,
    source: 'Linux, net/netfilter (EPERM of a dropped packet in OUTPUT); Go, net/dial.go',
    matters: 6,
    means:
      'This machine or container itself does not let the connection out: a packet filter on this side drops it. The other server has not been asked.',
    causes: [
      {
        cause:
          'Kubernetes: a NetworkPolicy (or one of Cilium or Calico) that allows no egress from this pod to that port, or no endpoint behind the service yet.',
        on: 'client',
        check: 'kubectl get networkpolicy -A; kubectl get ciliumnetworkpolicy -A 2>/dev/null; kubectl get endpoints',
      },
      {
        cause: 'A firewall of this machine has a rule for outgoing packets.',
        on: 'client',
        check: 'iptables -S OUTPUT; nft list ruleset | grep -iE "output|drop|reject"',
      },
    ],
    todo: 'Allow TCP from this pod or machine to port 5432 of the other one (with CloudNativePG also 8000, for the operator).',
  },
];
