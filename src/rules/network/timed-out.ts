import { at, manual, safe } from '../../remedies/remedy.ts';
import { whereWritten } from '../conninfo/connecting.ts';
import { defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from './primary-place.ts';
import { judgeStage, placeOf, triesOf } from './reach.ts';
import { silentServerFacts, streamedFrom } from './silent-server.ts';

export const timedOut = defineRule({
  id: 'network/timed-out',
  title: 'The primary does not answer in time',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: [...primaryPlaceFacts, ...silentServerFacts],
  explains: [...notStreaming, 'streaming/stalled'],
  says: ['Connection timed out', 'timeout expired'],
  docs: {
    what: 'Fails when no connection comes about within the time-out, or when a PostgreSQL server was reached and its login does not end within it.',
    why: 'A firewall that drops packets, a wrong address, or a server that is overloaded or waits for somebody else (LDAP, a full disk) during the login.',
    notes:
      'The limit is --timeout, or connect_timeout where that is smaller. Something that accepts and never says a word is network/not-postgresql.',
    references: ['https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT'],
  },
  judge(facts) {
    const { replicationLogin } = facts;
    const { outcome } = replicationLogin;
    const late = outcome.accepted || outcome.decisive.outcome.kind !== 'timed-out' ? undefined : outcome.decisive;
    const stage = late?.outcome.kind === 'timed-out' && late.outcome.phase !== 'connect' ? 'login' : 'connection';
    return judgeStage(replicationLogin, stage, (attempt, ended) => {
      if (ended.kind !== 'timed-out') return undefined;
      const from = attempt.localAddress === undefined ? 'this host' : attempt.localAddress;
      const before = stage === 'connection';
      const there = before ? leadingToPrimary(facts, attempt) : undefined;
      const streamed = before ? streamedFrom(facts, attempt) : undefined;
      return fail({
        title: `${placeOf(attempt)} does not answer`,
        message: before
          ? `No connection to ${placeOf(attempt)} came about: ${ended.message}. ${streamed === undefined ? 'Packets are dropped on the way, or nobody has this address.' : 'It is the right address, and packets to it are dropped, or its machine is down or overloaded.'}`
          : `${placeOf(attempt)} is a PostgreSQL server, and the login did not end: ${ended.message}.`,
        where: before ? whereWritten(facts) : at('primary', attempt.host),
        evidence: [
          ...triesOf(replicationLogin),
          ...(there?.seen ?? []),
          ...(streamed === undefined ? [] : [evidence('this standby', streamed, 'the standby')]),
        ],
        remedy:
          there?.remedy ??
          safe(
            before
              ? streamed === undefined
                ? 'Let the connection through, or correct the address.'
                : 'Let the connection through again, and leave primary_conninfo as it is.'
              : 'Find out what the server waits for.',
            before
              ? manual(
                  'primary',
                  `${streamed === undefined ? '' : 'See whether the machine of the primary is up. '}Let TCP port ${attempt.port} through from ${from} to ${attempt.address ?? attempt.host}: in the firewall of that machine, on the way, and in the cloud's security group.`,
                )
              : manual(
                  'primary',
                  `Look into the server's log and at pg_stat_activity for what logins wait for; a slow one needs a longer --timeout.`,
                ),
          ),
      });
    });
  },
});
