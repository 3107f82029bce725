import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { checkAgainOr, setParameter } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { turnOnTls } from '../../remedies/turn-on-tls.ts';
import { placeOf } from '../network/reach.ts';
import { notThatFar } from '../../facts/login.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const plaintextReplication = defineRule({
  id: 'tls/plaintext-replication',
  title: 'Replication leaves this machine unencrypted',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['primarySettings', 'fileSettings', 'primaryControl', 'primaryPaths', 'baseBackup'],
  docs: {
    what: 'Fails when the replication login works without TLS, and the primary is another machine.',
    why: 'Every byte of the databases crosses the network, now as the copy and later as WAL, and can be read on the way.',
    notes: 'Unix sockets, loopback and addresses of this machine are fine.',
    references: [
      'https://www.postgresql.org/docs/current/encryption-options.html',
      'https://www.postgresql.org/docs/current/ssl-tcp.html',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...seen }) {
    const { outcome } = replicationLogin;
    if (!outcome.accepted) return unexamined(notThatFar(outcome.decisive));
    const { attempt, sameMachine, settings } = outcome.session;
    if (attempt.encryption === 'tls') return pass(`the replication login at ${placeOf(attempt)} is encrypted`);
    if (sameMachine) return notApplicable('the primary runs on this machine');
    const inside = ifSeen(seen.primarySettings);
    const ssl = (inside && textOf(inside, 'ssl')) ?? settings.get('ssl');
    const source = plan.sources['sslmode'] ?? 'the connection';
    const words = `sslmode=require in place of sslmode=${plan.sslmode} (from ${source})`;
    const demand = checkAgainOr(
      seen.baseBackup,
      setParameter('sslmode', 'require', source),
      `Write ${words} into primary_conninfo.`,
    );
    return fail({
      title: `Replication from ${placeOf(attempt)} is not encrypted`,
      message: `The replication login at ${placeOf(attempt)} is made without TLS${ssl === 'off' ? ', which the server does not offer (ssl = off)' : ''}: the copy and all WAL can be read on the way.`,
      where: at(ssl === 'off' ? 'primary' : 'client', ssl === 'off' ? attempt.host : undefined),
      evidence: [
        evidence('encryption', 'none', 'the replication login'),
        evidence('sslmode', plan.sslmode, source),
        ...(ssl === undefined ? [] : [evidence('ssl', ssl, 'the server')]),
      ],
      remedy: safe(`Replicate over TLS: ${words}.`, ...(ssl === 'off' ? turnOnTls(seen, attempt.host) : []), demand),
    });
  },
});
