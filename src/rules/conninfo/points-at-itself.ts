import { posix } from 'node:path';

import { stageOf } from '../../facts/login.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import { listensOn } from '../../postgres/listen-addresses.ts';
import { portOf } from '../../postgres/settings.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { isPrimaryNow } from '../../derived/role-now.ts';
import { inForce } from '../../derived/in-force.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { leadingToPrimary, placeFacts } from '../../remedies/lead-to-primary.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

export const pointsAtItself = defineRule({
  id: 'conninfo/points-at-itself',
  title: 'primary_conninfo points to the standby itself',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'dataDirectory', 'now'],
  wants: ['replicationLogin', 'runningStandby', 'standbyConfiguration', 'standbyControl', ...placeFacts],
  explains: [
    ...notStreaming,
    'network/connection-refused',
    'network/server-starting',
    'streaming/stalled',
    'streaming/name-not-unique',
    'streaming/wrong-upstream',
    'streaming/lag',
    'streaming/upstream-receives-nothing',
    'slot/missing',
  ],
  docs: {
    what: 'Fails when primary_conninfo points to the standby itself: its own process answers the replication connection, or the standby is down and its own port on this machine refuses the connection.',
    why: 'It never receives new WAL, and there is no error: pg_stat_wal_receiver even shows `streaming`, because a standby can send WAL to other standbys, including itself.',
    notes:
      'Names, addresses and ports prove nothing (a tunnel on this machine can use the port of this server), so the process that answers the replication connection is compared with the one that runs on the data directory. `localhost` is correct if the primary runs on this machine too. While the standby is down, its own port refuses the connection.',
    references: [
      'Cascading Replication: https://www.postgresql.org/docs/current/warm-standby.html#CASCADING-REPLICATION',
    ],
  },
  judge(facts) {
    const { standbyConninfo: conninfo, dataDirectory, replicationLogin, runningStandby, standbyConfiguration } = facts;
    if (conninfo.text === undefined) return notApplicable('primary_conninfo is not set');
    if (conninfo.hosts.length === 0) return notApplicable('no server in primary_conninfo could be reached');
    if (isPrimaryNow(runningStandby)) return notApplicable('the server is a primary: it does not use primary_conninfo');
    const login = ifSeen(replicationLogin);
    const own = ifSeen(standbyConfiguration)?.files.settings.get('port')?.value;
    const ownPort =
      dataDirectory.postmaster?.process === 'running' ? (dataDirectory.postmaster.port ?? portIn(own)) : portIn(own);
    const runs = dataDirectory.postmaster?.process === 'running';
    const pid = runs ? dataDirectory.postmaster?.pid : undefined;
    if (login === undefined) {
      if (replicationLogin.status === 'unseen') return unexamined(replicationLogin.why);
      return notApplicable('no connection to the primary was made');
    }
    const stage = stageOf(login);
    const { attempt } = stage;
    const session = stage.stage === 'accepted' ? stage.session : undefined;
    // while it is down nobody answers on its port
    const nobody = attempt.outcome.kind === 'refused' || attempt.outcome.kind === 'no-socket';
    const itself =
      session === undefined
        ? (nobody ? !runs : runs) && attempt.port === ownPort && listensThere(facts, attempt.address, runs)
        : session.postmaster !== undefined && session.postmaster === pid;
    if (!itself)
      return pass(
        `${attempt.host}:${attempt.port} ${session?.sameMachine === true ? `is process ${session.postmaster}, not this server` : 'is not this server'}`,
      );
    const receiver = ifSeen(runningStandby)?.receiver;
    const there = leadingToPrimary(
      {
        ...facts,
        standbyConninfo: seen(conninfo, 'primary_conninfo'),
        dataDirectory: seen(dataDirectory, dataDirectory.path),
      },
      // what was reached here says nothing of where the primary is
      { ...attempt, address: undefined },
    );
    return fail({
      message: `primary_conninfo (${placeOf(conninfo)}) points to ${attempt.host}:${attempt.port}, which is this standby itself, so it receives no new WAL.${receiver?.status === 'streaming' ? ' pg_stat_wal_receiver shows "streaming" all the same.' : ''}`,
      where: whereItStands(conninfo),
      evidence: [
        evidence('primary_conninfo', conninfo.text, placeOf(conninfo)),
        evidence('own port', String(ownPort), runs ? `${dataDirectory.path}/postmaster.pid` : 'the configuration'),
        evidence('reached', `${attempt.address ?? attempt.host}, port ${attempt.port}`, 'the replication login'),
        ...(there?.seen ?? []),
      ],
      remedy:
        there?.remedy ??
        safe(
          'Change primary_conninfo to the primary.',
          manual(
            'standby',
            `In primary_conninfo (${placeOf(conninfo)}), replace ${attempt.host} and ${attempt.port} with the host and port of the primary, then reload: SELECT pg_reload_conf();`,
          ),
        ),
    });
  },
});

const portIn = (text: string | undefined): number => (text === undefined ? undefined : portOf(text)) ?? 5432;

/**
 * No two servers listen on one address and port: where this one does, it is what answers there, or what would. A running one
 * whose addresses were not seen is not taken for it.
 */
function listensThere(
  facts: Pick<
    JudgedFacts<'dataDirectory', 'standbyConfiguration' | 'runningStandby'>,
    'dataDirectory' | 'standbyConfiguration' | 'runningStandby'
  >,
  address: string | undefined,
  runs: boolean,
): boolean {
  if (address === undefined) return false;
  const settings = { ...facts, dataDirectory: seen(facts.dataDirectory, facts.dataDirectory.path) };
  if (/^[/@]/u.test(address)) {
    const directories = inForce('unix_socket_directories', settings)?.value.split(/,\s*/u);
    return directories?.includes(posix.dirname(address)) ?? !runs;
  }
  const listened = inForce('listen_addresses', settings)?.value;
  const isLoopback = /^127\.|^::1$|^::ffff:127\./u.test(address);
  return isLoopback && (listened === undefined ? !runs : listensOn(listened, address));
}
