import { safe } from '../../remedies/remedy.ts';
import { byHand, whereWritten } from '../conninfo/connecting.ts';
import { defineRule, fail } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from './primary-place.ts';
import { judgeStage, triesOf } from './reach.ts';

export const nameNotResolved = defineRule({
  id: 'network/name-not-resolved',
  title: "The primary's host name leads to no address",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: primaryPlaceFacts,
  explains: [...notStreaming],
  says: ['could not translate host name'],
  docs: {
    what: 'Looks up the host name as libpq does (getaddrinfo), and fails when it has no address.',
    why: 'Without an address there is nothing to connect to.',
    notes:
      'Of several hosts in one connection string those that do not resolve are passed over, as libpq does; it is a finding only when no host is left.',
    references: ['https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOST'],
  },
  judge(facts) {
    const { replicationLogin, connectionPlan } = facts;
    return judgeStage(replicationLogin, 'name', (attempt, outcome) => {
      const { host } = attempt;
      if (outcome.kind !== 'not-resolved') return undefined;
      const source = connectionPlan.sources['host'] ?? 'the connection';
      const blank = /^\s|\s$/u.test(host)
        ? ' The name begins or ends with a space, which libpq takes as a part of it.'
        : '';
      const silent = outcome.code === 'EAI_AGAIN' || outcome.code === 'ETIMEDOUT';
      const temporary = silent ? ' The name service did not answer: the name may be right.' : '';
      const there = silent ? undefined : leadingToPrimary(facts, attempt);
      return fail({
        title: `The name ${host} leads to no address`,
        message: `Looking up ${host} gave no address: ${outcome.message}.${blank}${temporary}`,
        where: whereWritten(facts),
        evidence: [...triesOf(replicationLogin), ...(there?.seen ?? [])],
        remedy:
          there?.remedy ??
          safe(
            'Give a name that this host can look up, or the address itself.',
            byHand(facts, {
              client: `Correct the host name in ${source}, or make it known on this host: in DNS, or as a line "ADDRESS ${host}" in /etc/hosts.`,
              standby: `write the primary's name or address in the place of ${host}, and reload: SELECT pg_reload_conf(); or make the name known on the standby's host: in DNS, or as a line "ADDRESS ${host}" in /etc/hosts.`,
            }),
          ),
      });
    });
  },
});
