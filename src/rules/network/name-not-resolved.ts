import { shellWord } from '../../remedies/quoting.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { asMeant, byHand, connectingSide, connectWith, whereWritten } from '../../remedies/connecting.ts';
import type { ConnectionFacts } from '../../remedies/connecting.ts';
import type { Remedy, Side } from '../../findings/report.ts';
import { defineRule, fail } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { containerFacts, throughContainers } from '../../remedies/through-containers.ts';
import { misreadHost } from '../../derived/misread-host.ts';
import type { MisreadHost } from '../../derived/misread-host.ts';
import { judgeStage, triesOf } from '../../derived/login-stages.ts';

export const nameNotResolved = defineRule({
  id: 'network/name-not-resolved',
  title: 'The host name of the primary does not resolve',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: [...primaryPlaceFacts, ...containerFacts],
  explains: [...notStreaming],
  messages: ['libpq-translate-host'],
  docs: {
    what: 'Resolves the host name as libpq does (getaddrinfo), and fails if it has no address.',
    why: 'Without an address the client cannot connect.',
    notes:
      'If the connection string has several hosts, libpq skips those that do not resolve. The rule fails only if none of them resolves.',
    references: ['host: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOST'],
  },
  judge(facts) {
    const { replicationLogin, connectionPlan } = facts;
    return judgeStage(replicationLogin, 'name', (attempt, outcome) => {
      const { host } = attempt;
      if (outcome.kind !== 'not-resolved') return undefined;
      const near = throughContainers(facts, attempt);
      if (near !== undefined) return fail({ ...near, evidence: [...triesOf(replicationLogin), ...near.evidence] });
      const source = connectionPlan.sources['host'] ?? 'the connection';
      const misread = misreadHost(host, attempt.port);
      const blank =
        misread !== undefined
          ? ` ${misread.says}`
          : /^\s|\s$/u.test(host)
            ? ' The name begins or ends with a space, which libpq treats as part of the name.'
            : /:\d+$/u.test(host)
              ? ' libpq treats the colon and the port as part of the name.'
              : '';
      const silent = outcome.code === 'EAI_AGAIN' || outcome.code === 'ETIMEDOUT';
      const temporary = silent ? ' The name service did not answer, so the name may be correct.' : '';
      const there = silent ? undefined : leadingToPrimary(facts, attempt);
      return fail({
        title: silent ? `The name service does not answer for "${host}"` : `Host name "${host}" does not resolve`,
        message: `No address was found for "${host}": ${outcome.message}.${blank}${temporary}`,
        where: whereWritten(facts),
        evidence: [...triesOf(replicationLogin), ...(there?.seen ?? [])],
        remedy:
          there?.remedy ??
          (connectionPlan.hosts.length === 1 ? apart(facts, host, source, misread) : undefined) ??
          (silent ? asked(connectingSide(facts), host) : undefined) ??
          safe(
            'Use a host name that resolves on this machine, or an IP address.',
            byHand(facts, {
              client: `Correct the host name in ${source}, or add it to DNS or to /etc/hosts on this machine, as the line "ADDRESS ${host}".`,
              standby: `replace ${host} with the primary's host name or address, and reload: SELECT pg_reload_conf(); or add the name to DNS or to /etc/hosts on the standby's machine, as the line "ADDRESS ${host}".`,
            }),
          ),
      });
    });
  },
});

/** A name that nobody has said to be wrong is not exchanged. */
const asked = (side: Side, host: string): Remedy =>
  safe(
    'Find out why the name service does not answer.',
    manual(
      side,
      `Resolve the name where the standby is: getent hosts ${shellWord(host)}. If that takes long or fails, check the name servers in /etc/resolv.conf there; if it answers, run this again, with a longer --timeout.`,
    ),
  );

/** `db1:5433`: the port is given by itself, in libpq as in pg_basebackup. Undefined where the name is not of that kind. */
function apart(
  facts: ConnectionFacts,
  written: string,
  source: string,
  misread: MisreadHost | undefined,
): Remedy | undefined {
  if (misread !== undefined) return asMeant(facts, misread, source);
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})$/u.exec(written) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  const typed = source.startsWith('PG')
    ? { without: ['port'], environment: { PGHOST: host, PGPORT: port } }
    : { without: ['host', 'port'], with: ['-h', host, '-p', port] };
  return safe('Give the host and the port separately.', ...connectWith(facts, { host, port }, typed));
}
