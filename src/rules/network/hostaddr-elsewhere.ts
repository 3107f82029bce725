import { isIP } from 'node:net';

import { whereWritten, connectWith, connectionFacts } from '../../remedies/connecting.ts';
import { safe } from '../../remedies/remedy.ts';
import { triesOf } from '../../derived/login-stages.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const hostaddrElsewhere = defineRule({
  id: 'network/hostaddr-elsewhere',
  title: 'hostaddr leads to another address than host',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: connectionFacts,
  explains: [
    ...notStreaming,
    'network/connection-refused',
    'network/listen-addresses',
    'network/not-postgresql',
    'network/timed-out',
    'network/unreachable',
  ],
  docs: {
    what: 'Fails when the replication login fails and the connection string gives an address as `host` and a different one as `hostaddr`.',
    why: 'libpq connects to `hostaddr`. It uses `host` only to verify the certificate and to look up the password.',
    notes: 'A host name beside `hostaddr` is normal. While the login succeeds, this is not reported.',
    references: [
      'Parameter Key Words: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOSTADDR',
    ],
  },
  judge(facts) {
    const { replicationLogin, connectionPlan } = facts;
    const [only, ...others] = connectionPlan.hosts;
    if (replicationLogin.outcome.accepted) return pass('the replication login succeeded');
    if (only?.hostaddr === undefined || others.length > 0 || isIP(only.host) === 0 || only.host === only.hostaddr)
      return pass('no hostaddr contradicts its host');
    const { host, hostaddr } = only;
    return fail({
      title: `hostaddr is ${hostaddr}, but host is ${host}`,
      message: `The connection goes to hostaddr=${hostaddr}, not to host=${host}, and fails there.`,
      where: whereWritten(facts),
      evidence: [
        evidence('host', host, connectionPlan.sources['host'] ?? 'the connection'),
        evidence('hostaddr', hostaddr, connectionPlan.sources['hostaddr'] ?? 'the connection'),
        ...triesOf(replicationLogin),
      ],
      remedy: safe(
        `Connect to ${host}: give the same address as hostaddr. (If ${hostaddr} is the right one, correct host instead.)`,
        ...connectWith(facts, { hostaddr: host }, { conninfo: { hostaddr: host } }),
      ),
    });
  },
});
