import { endOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { ConnectionAttempt, ReplicationLogin } from '../../facts/connection.ts';
import { setParameter } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { textOf } from '../../facts/settings.ts';
import { connectWith, connectionFacts, whereWritten } from '../../remedies/connecting.ts';
import { decide, frameOf, inWords } from '../../derived/hba-decision.ts';
import { isSocket, judgeStage, placeOf } from '../../derived/login-stages.ts';
import { turnOnTls } from '../../remedies/turn-on-tls.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const requiredByServer = defineRule({
  id: 'tls/required-by-server',
  title: 'pg_hba.conf allows this role only over TLS',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: [
    'hbaRules',
    'replicationRole',
    'primary',
    'primarySettings',
    'fileSettings',
    'primaryControl',
    'primaryPaths',
    ...connectionFacts,
  ],
  explains: ['hba/no-replication-entry', 'hba/rejected', ...notStreaming],
  docs: {
    what: 'If pg_hba.conf has no entry for an unencrypted connection, checks whether the same connection over TLS would match one (hostssl).',
    why: 'A hostssl line does not match a connection without TLS, so the server refuses it as if no entry existed.',
    notes:
      'With sslmode=prefer, the default, libpq tries TLS first, so a login that works for pg_basebackup is not reported, and a server without TLS only if a hostssl line is meant for this connection. The usual reasons are sslmode=disable and ssl = off. If the current file would also allow the unencrypted connection, the server has not reloaded it: hba/not-reloaded.',
    references: [
      'The pg_hba.conf File: https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'Protection Provided in Different Modes: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    return judgeStage(replicationLogin, 'login', (attempt, outcome) => {
      if (outcome.kind !== 'server-refused')
        return pass(`the server at ${placeOf(attempt)} accepted the connection for authentication`);
      if (outcome.refusal !== 'no-hba-entry' && outcome.refusal !== 'hba-rejected') {
        return pass(`pg_hba.conf accepted the connection: the server answered "${outcome.error.message}"`);
      }
      if (attempt.encryption === 'tls') return pass('the refused connection used TLS');
      if (isSocket(attempt)) return notApplicable('Unix socket connections do not use TLS');
      const settings = ifSeen(wanted.primarySettings);
      const isOff = settings !== undefined && textOf(settings, 'ssl') === 'off';
      if (isOff && plan.sslmode === 'disable')
        return notApplicable('neither side uses TLS (ssl = off, sslmode=disable), so no hostssl line can match');
      const overTls = triedTls(replicationLogin, attempt);
      if (!isOff && overTls !== undefined) return notApplicable(`TLS was tried as well: ${endOf(overTls)}`);
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
          `line ${inPlain.line} of the current ${inPlain.file} allows the unencrypted connection as well`,
        );
      if (isOff)
        return fail({
          title: `pg_hba.conf allows ${plan.user} only over TLS, and TLS is off in the server`,
          message: `The line for (${inWords(connection)}) is a hostssl line. The server runs with ssl = off, so it matches no connection.`,
          where: at('primary', ifSeen(wanted.primary)?.name, matched.file, matched.line),
          evidence: [
            evidence('the server says', outcome.error.message, 'the replication login'),
            evidence('ssl', 'off', 'pg_settings'),
          ],
          frame: frameOf(matched, 'only for connections over TLS'),
          remedy: safe('Turn TLS on in the server, and reload.', ...turnOnTls(wanted, attempt.host)),
        });
      const source = plan.sources['sslmode'] ?? 'the connection';
      return fail({
        title: `pg_hba.conf allows ${plan.user} only over TLS`,
        message: `pg_hba.conf has an entry for (${inWords(connection)}), but the connection does not use TLS because sslmode is ${plan.sslmode}.`,
        where: whereWritten(wanted),
        evidence: [
          evidence('the server says', outcome.error.message, 'the replication login'),
          evidence('sslmode', plan.sslmode, source),
        ],
        frame: frameOf(matched, 'only for connections over TLS'),
        remedy: safe(
          `Connect over TLS: sslmode=require instead of sslmode=${plan.sslmode}, which comes from ${source}.`,
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
