import { ifSeen } from '../../facts/observed.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import type { Remedy } from '../../findings/report.ts';
import { asMeant, byHand, whereWritten } from '../../remedies/connecting.ts';
import type { ConnectionFacts } from '../../remedies/connecting.ts';
import { defineRule, fail } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { containerFacts, throughContainers } from '../../remedies/through-containers.ts';
import { silentServerFacts, streamedFrom } from '../../derived/silent-server.ts';
import { lacksZone, misreadHost } from '../../derived/misread-host.ts';
import { isSocket, judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';

export const unreachable = defineRule({
  id: 'network/unreachable',
  title: 'No route to the primary',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: [...primaryPlaceFacts, ...containerFacts, ...silentServerFacts, 'standbyServerUser', 'connectionPlan'],
  explains: [...notStreaming],
  messages: ['libpq-errno-noroute', 'os-enetunreach'],
  docs: {
    what: 'Fails if the operating system reports that the address cannot be reached: no route, an unsupported address family, or a socket without permission for this user.',
    why: 'No packet reaches the primary.',
    references: ['Database Connection Control Functions: https://www.postgresql.org/docs/current/libpq-connect.html'],
  },
  judge(facts) {
    const { replicationLogin } = facts;
    return judgeStage(replicationLogin, 'connection', (attempt, outcome) => {
      if (outcome.kind !== 'unreachable') return undefined;
      const near = throughContainers(facts, attempt);
      if (near !== undefined) return fail({ ...near, evidence: [...triesOf(replicationLogin), ...near.evidence] });
      const place = attempt.address ?? attempt.host;
      const user = ifSeen(facts.standbyServerUser)?.name ?? 'the user of the server';
      const streamed = streamedFrom(facts, attempt);
      const step = isSocket(attempt)
        ? byHand(facts, {
            client: `Give this user access to ${place} (x permission on every parent directory and w permission on the socket), or connect over TCP.`,
            standby: `set the primary's address as host, and reload: SELECT pg_reload_conf(); or give ${user} access to ${place} (x permission on every parent directory and w permission on the socket).`,
          })
        : isHostUnreachable(outcome.message)
          ? manual(
              'primary',
              `${streamed === undefined ? '' : 'Do not change primary_conninfo. '}Check that the machine ${place} is running, and allow TCP port ${attempt.port} from ${attempt.localAddress ?? "the standby's machine"}: in its firewall, and in every firewall between the two. If "ip route get ${place}" fails on the standby's machine, set up a route.`,
            )
          : byHand(facts, {
              client: `Set up a route to ${place}, or give an address of the primary that this machine can reach.`,
              standby: `set an address of the primary that this machine can reach, and reload: SELECT pg_reload_conf(); or set up a route to ${place}.`,
            });
      const there = leadingToPrimary(facts, attempt);
      const noZone = lacksZone(attempt.host);
      const misread = misreadHost(attempt.host, attempt.port);
      const meant = misread && asMeant(facts, misread, ifSeen(facts.connectionPlan)?.sources['host'] ?? '');
      return fail({
        title: noZone
          ? `The link-local address ${attempt.host} names no network interface`
          : `No route to ${placeOf(attempt)}`,
        message: `The operating system cannot reach ${placeOf(attempt)}: ${outcome.message}.${
          noZone
            ? ' An address in fe80::/10 exists on every network of a machine, and needs the interface behind it: %eth0.'
            : misread === undefined
              ? isHostUnreachable(outcome.message)
                ? ' A firewall that rejects the connection is reported like this, too, and so is a machine that is down.'
                : ''
              : ` ${misread.says}`
        }`,
        where: whereWritten(facts),
        evidence: [...triesOf(replicationLogin), ...(there?.seen ?? [])],
        remedy:
          there?.remedy ??
          meant ??
          (noZone ? withZone(facts, attempt.host) : safe('Make the primary reachable.', step)),
      });
    });
  },
});

/** EHOSTUNREACH: a route is there, or a firewall says `host-prohibited` (firewalld does); with none at all it is ENETUNREACH. */
const isHostUnreachable = (message: string): boolean => /^no route to host/iu.test(message);

const withZone = (facts: ConnectionFacts, host: string): Remedy =>
  safe(
    'Name the interface, or take another address of the primary.',
    byHand(facts, {
      client: `Give the interface of this machine that the primary is reached by behind the address: -h ${host}%INTERFACE (ip -6 -brief address shows them); or give another address of the primary.`,
      standby: `write the interface of the standby's machine that the primary is reached by behind the address, host=${host}%INTERFACE (ip -6 -brief address shows them), or another address of the primary, and reload: SELECT pg_reload_conf();`,
    }),
  );
