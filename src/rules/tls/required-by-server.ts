import { endOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { ConnectionAttempt, ReplicationLogin } from '../../facts/connection.ts';
import { setParameter } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { textOf } from '../../facts/settings.ts';
import { connectWith, connectionFacts, whereWritten } from '../conninfo/connecting.ts';
import { decide, frameOf, inWords } from '../hba/decision.ts';
import { isSocket, judgeStage, placeOf } from '../network/reach.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const requiredByServer = defineRule({
  id: 'tls/required-by-server',
  title: 'The server lets this role in only over TLS, and the connection is plain',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['hbaRules', 'replicationRole', 'primary', 'primarySettings', ...connectionFacts],
  explains: ['hba/no-replication-entry', 'hba/rejected', ...notStreaming],
  docs: {
    what: 'Where a plain connection finds no entry in pg_hba.conf, looks whether the same connection over TLS would find one (hostssl).',
    why: 'A hostssl line does not match a connection without TLS, so that the server refuses it as if there were no entry at all.',
    notes:
      'With sslmode=prefer, the default, libpq tries TLS first: what works for pg_basebackup is no finding, and neither is a server without TLS. sslmode=disable is the usual reason. Where the file as it stands would let the plain connection in as well, it was not reloaded: hba/not-reloaded.',
    references: [
      'https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    return judgeStage(replicationLogin, 'login', (attempt, outcome) => {
      if (outcome.kind !== 'server-refused') return pass(`the server let ${placeOf(attempt)} go on to authentication`);
      if (outcome.refusal !== 'no-hba-entry' && outcome.refusal !== 'hba-rejected') {
        return pass(`pg_hba.conf let the connection go on: the server answered "${outcome.error.message}"`);
      }
      if (attempt.encryption === 'tls') return pass('the connection that was refused is a TLS one');
      if (isSocket(attempt)) return notApplicable('there is no TLS over a Unix socket');
      const overTls = triedTls(replicationLogin, attempt);
      if (overTls !== undefined) return notApplicable(`TLS was tried as well: ${endOf(overTls)}`);
      const settings = ifSeen(wanted.primarySettings);
      if (settings !== undefined && textOf(settings, 'ssl') === 'off')
        return notApplicable('the server has no TLS (ssl = off), so that no hostssl line can match');
      if (wanted.hbaRules.status === 'unseen') return unexamined(wanted.hbaRules.why);
      const rules = ifSeen(wanted.hbaRules);
      if (rules === undefined) return notApplicable('pg_hba.conf does not concern this connection');
      const decided = (encryption: ConnectionAttempt['encryption']) =>
        decide(rules, { ...attempt, encryption }, plan, ifSeen(wanted.replicationRole), ifSeen(wanted.primary));
      const { match, broken, connection } = decided('tls');
      const { matched } = match;
      if (broken.length > 0 || !match.certain || matched === undefined || matched.method === 'reject') {
        return notApplicable('pg_hba.conf would not let this connection in over TLS either');
      }
      const inPlain = decided('none').match.matched;
      if (inPlain !== undefined && inPlain.method !== 'reject')
        return notApplicable(
          `line ${inPlain.line} of ${inPlain.file} as it stands now lets the plain connection in, too`,
        );
      const source = plan.sources['sslmode'] ?? 'the connection';
      return fail({
        title: `The server lets ${plan.user} in only over TLS, and the connection is plain`,
        message: `pg_hba.conf has an entry for (${inWords(connection)}), and the connection was made without TLS because sslmode is ${plan.sslmode}.`,
        where: whereWritten(wanted),
        evidence: [
          evidence('the server says', outcome.error.message, 'the replication login'),
          evidence('sslmode', plan.sslmode, source),
        ],
        frame: frameOf(matched, 'only for connections over TLS'),
        remedy: safe(
          `Connect over TLS: sslmode=require in place of sslmode=${plan.sslmode}, which comes from ${source}.`,
          ...connectWith(wanted, { sslmode: 'require' }, setParameter('sslmode', 'require', source)),
        ),
      });
    });
  },
});

/** The try over TLS at the same place, if there was one. */
const triedTls = ({ attempts }: ReplicationLogin, { host, port, address }: ConnectionAttempt) =>
  attempts.find(
    (other) => other.encryption === 'tls' && other.host === host && other.port === port && other.address === address,
  );
