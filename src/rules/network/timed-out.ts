import { ifSeen } from '../../facts/observed.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { whereWritten } from '../../remedies/connecting.ts';
import { at, defineRule, evidence, fail } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { containerFacts, throughContainers } from '../../remedies/through-containers.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';
import { replacedBy } from '../../derived/replaced-primary.ts';
import { silentServerFacts, streamedFrom } from '../../derived/silent-server.ts';

export const timedOut = defineRule({
  id: 'network/timed-out',
  title: 'The primary does not answer in time',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: [...primaryPlaceFacts, ...containerFacts, ...silentServerFacts],
  explains: [...notStreaming, 'streaming/stalled'],
  messages: ['libpq-errno-timedout', 'win-timedout', 'libpq-timeout-expired'],
  docs: {
    what: 'Fails if no connection is established within the timeout, or if a PostgreSQL server answers but the login does not finish in time.',
    why: 'A firewall that drops packets, a wrong address, or a server that is overloaded or waits for something else (an LDAP server, a full disk) during the login.',
    notes:
      'It is a warning while the standby streams and only a new login does not finish. The limit is --timeout, or connect_timeout if that is smaller. network/not-postgresql covers a program that accepts the connection but never answers.',
    references: [
      'connect_timeout: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT',
    ],
  },
  judge(facts) {
    const { replicationLogin } = facts;
    const { outcome } = replicationLogin;
    const late = outcome.accepted || outcome.decisive.outcome.kind !== 'timed-out' ? undefined : outcome.decisive;
    const stage = late?.outcome.kind === 'timed-out' && late.outcome.phase !== 'connect' ? 'login' : 'connection';
    return judgeStage(replicationLogin, stage, (attempt, ended) => {
      if (ended.kind !== 'timed-out') return undefined;
      const near = throughContainers(facts, attempt);
      if (near !== undefined) return fail({ ...near, evidence: [...triesOf(replicationLogin), ...near.evidence] });
      const from = attempt.localAddress === undefined ? 'this machine' : attempt.localAddress;
      const before = stage === 'connection';
      const replaced = replacedBy(facts, attempt)?.named === true;
      const there = before || replaced ? leadingToPrimary(facts, attempt) : undefined;
      const streamed = before ? streamedFrom(facts, attempt) : undefined;
      const streams = !before && ifSeen(facts.runningStandby)?.receiver?.status === 'streaming';
      return fail({
        severity: streams ? 'warning' : 'error',
        title: `${placeOf(attempt)} does not answer`,
        message: before
          ? `Could not connect to ${placeOf(attempt)}: ${ended.message}. ${streamed === undefined ? 'A firewall drops the packets, or no machine has this address.' : 'The address is correct, but packets to it are dropped, or its machine is down or overloaded.'}`
          : `${placeOf(attempt)} is a PostgreSQL server, but the login did not finish: ${ended.message}.${streams ? ' The standby still streams over the connection that it has.' : ''}`,
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
                ? 'Allow the connection in the firewall, or correct the address.'
                : 'Allow the connection again, and do not change primary_conninfo.'
              : 'Find out what the server is waiting for.',
            before
              ? manual(
                  'primary',
                  `${streamed === undefined ? '' : 'Check that the machine of the primary is running. '}Allow TCP port ${attempt.port} from ${from} to ${attempt.address ?? attempt.host}: in the firewall of that machine, in every firewall between the two, and in the cloud's security group.`,
                )
              : manual(
                  'primary',
                  `Check the server's log and pg_stat_activity to see what logins wait for. If its log shows nothing of this login (log_connections), packets are lost on the way: a firewall, or one link that carries only smaller packets (MTU; ping -M do -s 1472 ${attempt.address ?? attempt.host} shows it). If logins are only slow, give a longer --timeout.`,
                ),
          ),
      });
    });
  },
});
