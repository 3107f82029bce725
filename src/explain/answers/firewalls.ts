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
];
