import { timeText } from '../../derived/sighting-evidence.ts';
import type { ReplicationSession } from '../../facts/connection.ts';
import type { AdminServer } from '../../facts/identity.ts';
import { stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Evidence } from '../../findings/report.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { connectWith, connectionFacts, standbyOf } from '../../remedies/connecting.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { placeOf } from '../../derived/login-stages.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { Judgement } from '../../findings/judgement.ts';

const wants = [...connectionFacts, 'adminServer', 'replicationLogin', 'controlFile'] as const;

export const adminElsewhere = defineRule({
  id: 'network/admin-elsewhere',
  title: '--admin reaches another server than the replication connection',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants,
  docs: {
    what: 'Compares the server that --admin reaches with the one that the replication connection reaches: the process that serves the replication login must be visible through --admin. Otherwise the system identifier, the postmaster start time, the address and the port decide.',
    why: 'A name with two addresses, a tunnel, a load balancer, or a cascading standby can lead the two connections to different servers. What --admin shows of the other server (slots, pg_hba.conf, settings) says nothing about the server that the standby connects to, and a fix would be made on the wrong server.',
    notes:
      'In this case standbylint ignores --admin. If both servers belong to the same cluster, this is only a note. Before a base backup, two different clusters are an error: one of the two connections is wrong. Unix sockets, tunnels and forwarded ports to the same server are recognized.',
    references: [
      'pg_stat_activity: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW',
      'Cascading Replication: https://www.postgresql.org/docs/current/warm-standby.html#CASCADING-REPLICATION',
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
    const { identity, because } = server;
    const login = ifSeen(facts.replicationLogin);
    const stage = login === undefined ? undefined : stageOf(login);
    const session = stage?.stage === 'accepted' ? stage.session : undefined;
    switch (identity.is) {
      case 'the-upstream':
        return pass(`--admin reaches the server of the replication connection: ${because}`);
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
            identity.is === 'unknown'
              ? '--admin may reach another server than the upstream'
              : '--admin reaches another server of the cluster',
          message: `${sentence(because)} What --admin shows is ignored: only the replication connection says anything about the upstream.`,
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
    return notApplicable('primary_conninfo points to another cluster, see timeline/system-identifier-differs');
  const there = placeOf(session.attempt);
  const evidences = both(server, there, session);
  const isStandby = standbyOf(facts) !== undefined;
  const address = /^[/@]/u.test(server.address) ? server.host : server.address;
  return fail({
    severity: isStandby ? 'warning' : 'error',
    title: isStandby ? '--admin reaches another cluster' : '--admin and the base backup use different clusters',
    message: isStandby
      ? `${sentence(server.because)} The standby belongs to the latter, so what --admin shows is ignored.`
      : `${sentence(server.because)} The base backup would be taken from ${there}.`,
    where: at(isStandby ? 'primary' : 'client', isStandby ? session.attempt.host : undefined),
    evidence: evidences,
    remedy: isStandby
      ? safe(
          'Connect --admin to the upstream of this standby.',
          manual('standby', `Give --admin a connection string for ${there}, then run standbylint again.`),
        )
      : safe(
          `Connect to the server of --admin if its cluster is the one to copy. Otherwise connect --admin to ${there}.`,
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
    `${placeOf(server)}, system identifier ${server.systemIdentifier}, ${server.inRecovery ? 'in recovery' : 'not in recovery'}, started ${timeText(server.startedAt)}`,
    'the --admin login',
  ),
];

const sentence = (text: string): string => `${text}.`;
