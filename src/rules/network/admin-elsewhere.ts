import type { ReplicationSession } from '../../facts/connection.ts';
import type { AdminServer } from '../../facts/identity.ts';
import { stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Evidence } from '../../facts/report.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { connectWith, connectionFacts, standbyOf } from '../conninfo/connecting.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import type { JudgedFacts, Judgement } from '../rule.ts';
import { placeOf } from './reach.ts';

const wants = [...connectionFacts, 'adminServer', 'replicationLogin', 'controlFile'] as const;

export const adminElsewhere = defineRule({
  id: 'network/admin-elsewhere',
  title: '--admin does not lead to the server of the replication connection',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants,
  docs: {
    what: 'Compares the server that --admin reaches with the one that the replication connection reaches: the process that serves the replication login must be among those that --admin sees; else the system identifier, the postmaster start time, the address and the port decide.',
    why: 'A name with two addresses, a tunnel, a load balancer, or the primary of a cascade whose standby follows another standby: what --admin shows there (slots, pg_hba.conf, settings) says nothing about the server that the standby connects to, and a fix for it would be made on the wrong server.',
    notes:
      'Nothing that --admin shows is then used, as if it were not given. It is a note where both are servers of one cluster. Before a base backup two clusters are an error: one of the two connections is not the one that was meant. Unix sockets, tunnels and forwarded ports to the same server are recognized as such.',
    references: [
      'https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW',
      'https://www.postgresql.org/docs/current/warm-standby.html#CASCADING-REPLICATION',
    ],
  },
  judge(facts) {
    const { adminServer } = facts;
    if (adminServer.status === 'not-applicable') return notApplicable(adminServer.why);
    if (adminServer.status === 'unseen')
      return adminServer.why.kind === 'not-asked'
        ? notApplicable(adminServer.why.because)
        : unexamined(adminServer.why, 'info');
    const server = adminServer.value;
    const { standing, because } = server;
    const login = ifSeen(facts.replicationLogin);
    const stage = login === undefined ? undefined : stageOf(login);
    const session = stage?.stage === 'accepted' ? stage.session : undefined;
    switch (standing.is) {
      case 'the-upstream':
        return pass(`--admin leads to the server of the replication connection: ${because}`);
      case 'another-cluster':
        return session === undefined
          ? notApplicable(`no replication login: ${because}`)
          : twoClusters(facts, server, session);
      case 'another-server':
      case 'unknown':
        if (stage === undefined || stage.stage === 'not-reached')
          return notApplicable(`no server answered: ${because}`);
        return fail({
          title:
            standing.is === 'unknown'
              ? 'The server of --admin may be another one than the upstream'
              : '--admin leads to another server of the cluster',
          message: `${sentence(because)} Nothing that --admin shows is used: the upstream is judged by the replication connection.`,
          where: at('primary', stage.attempt.host),
          evidence: both(server, placeOf(stage.attempt), session),
        });
    }
  },
});

type Facts = JudgedFacts<'now', (typeof wants)[number]>;

function twoClusters(facts: Facts, server: AdminServer, session: ReplicationSession): Judgement {
  const control = ifSeen(facts.controlFile);
  const own = control?.ok === true ? control.value.systemIdentifier : undefined;
  if (own === server.systemIdentifier)
    return notApplicable('primary_conninfo leads to another cluster, see timeline/system-identifier-differs');
  const there = placeOf(session.attempt);
  const evidences = both(server, there, session);
  const isStandby = standbyOf(facts) !== undefined;
  const address = /^[/@]/u.test(server.address) ? server.host : server.address;
  return fail({
    severity: isStandby ? 'warning' : 'error',
    title: isStandby ? '--admin leads to another cluster' : '--admin and the copy lead to two clusters',
    message: isStandby
      ? `${sentence(server.because)} The standby is a copy of the latter; nothing that --admin shows is used.`
      : `${sentence(server.because)} The base backup would be taken from ${there}.`,
    where: at(isStandby ? 'primary' : 'client', isStandby ? session.attempt.host : undefined),
    evidence: evidences,
    remedy: isStandby
      ? safe(
          'Let --admin lead to the upstream of this standby.',
          manual('standby', `Give --admin a connection to ${there}, and run this again.`),
        )
      : safe(
          `Connect to the server of --admin, if its cluster is the one to copy; otherwise let --admin lead to ${there}.`,
          ...connectWith(facts, {}, { without: ['host', 'port'], with: ['-h', address, '-p', String(server.port)] }),
        ),
  });
}

const both = (server: AdminServer, there: string, session: ReplicationSession | undefined): readonly Evidence[] => [
  evidence(
    'replication connection',
    session === undefined ? there : `${there}, system identifier ${session.systemIdentifier}`,
    'the replication login',
  ),
  evidence(
    '--admin',
    `${placeOf(server)}, system identifier ${server.systemIdentifier}, ${server.inRecovery ? 'in recovery' : 'not in recovery'}, started ${server.startedAt.toISOString()}`,
    'the --admin login',
  ),
];

const sentence = (text: string): string => `${text}.`;
