import { placeOf } from '../../derived/login-stages.ts';
import { stageOf } from '../../facts/login.ts';
import { connectWith, connectionFacts, whereWritten } from '../../remedies/connecting.ts';
import { safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const furtherAddresses = defineRule({
  id: 'network/further-addresses',
  title: 'The host name has further addresses, which libpq does not try',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: connectionFacts,
  docs: {
    what: 'A note when a server refuses the login at the first address of a host name that has more.',
    why: 'A name can lead to two servers: `localhost` is ::1 and 127.0.0.1, and a server of the machine may listen on one of them and a container, or a second installation, on the other. libpq goes on to the next address only if no connection is made. A server that refuses the login ends the search.',
    notes:
      'One server may listen on all of the addresses, and usually does: then its pg_hba.conf can have different lines for IPv6 and IPv4.',
    references: [
      'src/interfaces/libpq/fe-connect.c: PQconnectPoll()',
      'Specifying Multiple Hosts: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS',
    ],
  },
  judge(facts) {
    const stage = stageOf(facts.replicationLogin);
    if (stage.stage === 'accepted') return pass(`${placeOf(stage.attempt)} accepted the login`);
    if (stage.stage !== 'server-refused') return notApplicable('no server refused the login');
    const { host, address = '', further = [] } = stage.attempt;
    const [next] = further;
    if (next === undefined) return pass(`${host} has no further address`);
    return fail({
      title: `${host} is ${address} and ${further.join(', ')}: only ${address} was tried`,
      message: `The server at ${address} refused the login, and libpq stops there. If another server is meant, it may be at ${further.join(' or ')}.`,
      where: whereWritten(facts),
      evidence: [evidence(`addresses of ${host}`, [address, ...further].join(', '), 'getaddrinfo(3)')],
      ...(facts.connectionPlan.hosts.length > 1
        ? {}
        : {
            remedy: safe(
              `If the server at ${next} is meant, connect to that address.`,
              ...connectWith(facts, { hostaddr: next }, { conninfo: { hostaddr: next } }),
            ),
          }),
    });
  },
});
