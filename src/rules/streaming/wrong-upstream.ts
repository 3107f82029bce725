import { disruptive, reload } from '../../remedies/remedy.ts';
import { noStandby } from '../../derived/role-now.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { whyReceiverHidden } from '../../derived/without-stream.ts';

export const wrongUpstream = defineRule({
  id: 'streaming/wrong-upstream',
  title: 'The standby follows a different server than primary_conninfo',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['runningStandby', 'standbyConninfo'],
  docs: {
    what: 'Warns when the WAL receiver is connected to a host and port (sender_host, sender_port) that primary_conninfo in the files does not contain.',
    why: 'The standby streams, but not from the server in its configuration files. After its next reload or restart, it follows another server.',
    references: [
      'pg_stat_wal_receiver: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW',
    ],
  },
  judge({ runningStandby: server, standbyConninfo: conninfo }) {
    const { receiver } = server;
    if (!server.inRecovery) return notApplicable(noStandby);
    if (server.receiverHidden) return unexamined(whyReceiverHidden(server));
    if (receiver?.status !== 'streaming')
      return notApplicable('the standby does not stream, see streaming/not-connected');
    const { senderHost, senderPort } = receiver;
    if (senderHost === undefined || senderPort === undefined)
      return notApplicable('the WAL receiver does not show what it is connected to');
    if (conninfo.problem !== undefined || conninfo.hosts.length === 0)
      return notApplicable('primary_conninfo contains no host, see the conninfo rules');
    const named = conninfo.hosts.map(({ host, port }) => `${host}:${port}`);
    const real = `${senderHost}:${senderPort}`;
    if (named.includes(real)) return pass(`the WAL receiver is connected to ${real}, as in primary_conninfo`);
    return fail({
      title: `The standby follows ${real}, but primary_conninfo names ${named.join(', ')}`,
      message: `The WAL receiver streams from ${real}. primary_conninfo in ${conninfo.file ?? 'the configuration'} names ${named.join(', ')}. The server has not loaded this yet, and connects there after its next reload.`,
      where: at('standby', undefined, conninfo.file, conninfo.line),
      evidence: [
        evidence('connected to', real, 'pg_stat_wal_receiver'),
        evidence('primary_conninfo', conninfo.text ?? '', conninfo.file ?? 'the configuration'),
      ],
      remedy: disruptive('If the file is correct, reload, and the standby connects there.', reload('standby')),
    });
  },
});
