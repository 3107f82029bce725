import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { setParameter } from '../../remedies/command-line.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { turnOnTls } from '../../remedies/turn-on-tls.ts';
import { connectWith, connectionFacts, standbyOf, whereWritten } from '../../remedies/connecting.ts';
import { placeOf as whereItIs } from '../../derived/conninfo-source.ts';
import { placeOf } from '../../derived/login-stages.ts';
import { notThatFar } from '../../facts/login.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const plaintextReplication = defineRule({
  id: 'tls/plaintext-replication',
  title: 'The replication connection is not encrypted',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['primarySettings', 'fileSettings', 'primaryControl', 'primaryPaths', ...connectionFacts],
  docs: {
    what: 'Fails if the replication login works without TLS and the primary is on another machine.',
    why: 'All data crosses the network in the base backup and later in the WAL, and can be read on the way.',
    notes:
      'Unix sockets, loopback addresses, addresses of this machine and other containers of the same container engine are not reported.',
    references: [
      'Encryption Options: https://www.postgresql.org/docs/current/encryption-options.html',
      'Secure TCP/IP Connections with SSL: https://www.postgresql.org/docs/current/ssl-tcp.html',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...seen }) {
    const { outcome } = replicationLogin;
    if (!outcome.accepted) return unexamined(notThatFar(outcome.decisive));
    const { attempt, ownAddress, neighbor, settings } = outcome.session;
    if (attempt.encryption === 'tls') return pass(`the replication login at ${placeOf(attempt)} is encrypted`);
    if (ownAddress) return notApplicable('the primary runs on this machine');
    if (neighbor !== undefined)
      return notApplicable(
        `the primary runs in the container ${neighbor} of the same engine: the connection does not leave the machine`,
      );
    const inside = ifSeen(seen.primarySettings);
    const ssl = (inside && textOf(inside, 'ssl')) ?? settings.get('ssl');
    const source = plan.sources['sslmode'] ?? 'the connection';
    const words = `sslmode=require instead of sslmode=${plan.sslmode} (from ${source})`;
    // a standby that streams must not be asked for what was tried and refused
    const refused = replicationLogin.attempts.some(
      ({ encryption, outcome: { kind } }) => encryption === 'tls' && kind === 'server-refused',
    );
    const standby = standbyOf(seen);
    const needed = refused
      ? 'as soon as pg_hba.conf has a line for it that allows TLS (hostssl)'
      : ssl === 'off'
        ? 'as soon as SHOW ssl; on the primary shows on'
        : undefined;
    const demand =
      needed !== undefined && standby !== undefined
        ? [
            manual(
              'standby',
              `In primary_conninfo (${whereItIs(standby.conninfo)}) set sslmode=require ${needed}, and reload: SELECT pg_reload_conf();`,
            ),
          ]
        : connectWith(seen, { sslmode: 'require' }, setParameter('sslmode', 'require', source));
    const passes = standby === undefined ? 'the base backup and all WAL' : 'all WAL';
    return fail({
      title: `Replication from ${placeOf(attempt)} is not encrypted`,
      message: `The replication login at ${placeOf(attempt)} does not use TLS${ssl === 'off' ? ', which the server does not offer (ssl = off)' : ''}: ${passes} can be read on the way.`,
      where: ssl === 'off' ? at('primary', attempt.host) : whereWritten(seen),
      evidence: [
        evidence('encryption', 'none', 'the replication login'),
        evidence('sslmode', plan.sslmode, source),
        ...(ssl === undefined ? [] : [evidence('ssl', ssl, 'the server')]),
      ],
      remedy: safe(`Replicate over TLS: ${words}.`, ...(ssl === 'off' ? turnOnTls(seen, attempt.host) : []), ...demand),
    });
  },
});
