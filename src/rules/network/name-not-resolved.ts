import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, fail } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { judgeStage, triesOf } from './reach.ts';

export const nameNotResolved = defineRule({
  id: 'network/name-not-resolved',
  title: "The primary's host name leads to no address",
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  explains: [...notStreaming],
  says: ['could not translate host name'],
  docs: {
    what: 'Looks up the host name as libpq does (getaddrinfo), and fails when it has no address.',
    why: 'Without an address there is nothing to connect to.',
    notes:
      'Of several hosts in one connection string those that do not resolve are passed over, as libpq does; it is a finding only when no host is left.',
    references: ['https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOST'],
  },
  judge({ replicationLogin, connectionPlan }) {
    return judgeStage(replicationLogin, 'name', ({ host }, outcome) => {
      if (outcome.kind !== 'not-resolved') return undefined;
      const source = connectionPlan.sources['host'] ?? 'the connection';
      const blank = /^\s|\s$/u.test(host)
        ? ' The name begins or ends with a space, which libpq takes as a part of it.'
        : '';
      const temporary =
        outcome.code === 'EAI_AGAIN' || outcome.code === 'ETIMEDOUT'
          ? ' The name service did not answer: the name may be right.'
          : '';
      return fail({
        title: `The name ${host} leads to no address`,
        message: `Looking up ${host} gave no address: ${outcome.message}.${blank}${temporary}`,
        where: at('client'),
        evidence: triesOf(replicationLogin),
        remedy: safe(
          'Give a name that this host can look up, or the address itself.',
          manual(
            'client',
            `Correct the host name in ${source}, or make it known on this host: in DNS, or as a line "ADDRESS ${host}" in /etc/hosts.`,
          ),
        ),
      });
    });
  },
});
