import { at, disruptive, reload } from '../../remedies/remedy.ts';
import { noStandby } from '../recovery/in-force.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const wrongUpstream = defineRule({
  id: 'streaming/wrong-upstream',
  title: 'The standby follows another server than primary_conninfo names',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['runningStandby', 'standbyConninfo'],
  docs: {
    what: 'Warns when the host and port that the WAL receiver is connected to (sender_host, sender_port) are none of those that primary_conninfo has in the files.',
    why: 'The standby streams, but not from where somebody reading its configuration believes; at its next reload or restart it goes somewhere else.',
    references: ['https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW'],
  },
  judge({ runningStandby: server, standbyConninfo: conninfo }) {
    const { receiver } = server;
    if (!server.inRecovery) return notApplicable(noStandby);
    if (server.receiverHidden)
      return unexamined({
        kind: 'permission',
        because: 'pg_stat_wal_receiver: the login on the standby sees only the process id',
        ...(server.grant === undefined ? {} : { remedy: `on the primary: ${server.grant}` }),
      });
    if (receiver?.status !== 'streaming')
      return notApplicable('the standby does not stream, see streaming/not-connected');
    const { senderHost, senderPort } = receiver;
    if (senderHost === undefined || senderPort === undefined)
      return notApplicable('the WAL receiver does not show where it is connected to');
    if (conninfo.problem !== undefined || conninfo.hosts.length === 0)
      return notApplicable('primary_conninfo names no host, see the rules of conninfo');
    const named = conninfo.hosts.map(({ host, port }) => `${host}:${port}`);
    const real = `${senderHost}:${senderPort}`;
    if (named.includes(real)) return pass(`the WAL receiver is connected to ${real}, as primary_conninfo says`);
    return fail({
      title: `The standby follows ${real}, and primary_conninfo names ${named.join(', ')}`,
      message: `The WAL receiver streams from ${real}. primary_conninfo in ${conninfo.file ?? 'the configuration'} names ${named.join(', ')}: the server has not taken that in yet, and goes there at its next reload.`,
      where: at('standby', undefined, conninfo.file, conninfo.line),
      evidence: [
        evidence('connected to', real, 'pg_stat_wal_receiver'),
        evidence('primary_conninfo', conninfo.text ?? '', conninfo.file ?? 'the configuration'),
      ],
      remedy: disruptive('If the file is right: reload, and the standby connects there.', reload('standby')),
    });
  },
});
