import { ifSeen } from '../../facts/observed.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { at, disruptive, manual } from '../../remedies/remedy.ts';
import { stop } from '../../remedies/server-control.ts';
import { roleNow } from '../standby/role-now.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const twoPrimaries = defineRule({
  id: 'timeline/two-primaries',
  title: 'Two servers of one cluster accept writes',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['timelines', 'dataDirectory', 'controlFile'],
  wants: ['runningStandby', 'standbyControl', 'primary'],
  explains: [...notStreaming, 'timeline/diverged'],
  docs: {
    what: 'Fails when the server on this directory runs and is no standby, while the server that its primary_conninfo leads to has the same system identifier and is no standby either.',
    why: 'Both take writes, and neither has the other’s: what clients write to one of them will be thrown away. They may even archive to the same place.',
    notes:
      'Which of the two is to stay is a decision that only a person can make: who is connected to each, and what was written since they parted. The steps stop the one here.',
    references: ['PostgreSQL manual, 26.3, Failover'],
  },
  judge(facts) {
    const { timelines, dataDirectory, controlFile, runningStandby, standbyControl, primary } = facts;
    if (!timelines.sameSystem) return notApplicable('they are two clusters');
    const upstream = ifSeen(primary);
    const own = dataDirectory.postmaster;
    if (own?.process !== 'running') return notApplicable('no server runs on this directory');
    if (upstream?.postmaster !== undefined && upstream.postmaster === own.pid)
      return notApplicable('primary_conninfo leads to this very server');
    const running = ifSeen(runningStandby);
    const state = controlFile.ok ? controlFile.value.state : undefined;
    const role = roleNow(facts);
    if (role === 'unknown')
      return unexamined({
        kind: 'unreadable',
        because: 'neither a session nor the files show whether the server here is in recovery',
      });
    if (role === 'in recovery') return pass('the server here is a standby');
    if (timelines.upstreamInRecovery === undefined)
      return unexamined({
        kind: 'not-asked',
        because: 'whether the server that primary_conninfo leads to is a standby was not seen',
        remedy: 'add --admin CONNINFO',
      });
    if (timelines.upstreamInRecovery) return pass('the other server is a standby');
    const { local, upstream: other } = timelines;
    const there = upstream === undefined ? 'the server of primary_conninfo' : `${upstream.address}:${upstream.port}`;
    const control = ifSeen(standbyControl)?.control ?? { kind: 'unknown' as const };
    return fail({
      message: `The server here (timeline ${local.timeline}, ${formatLsn(local.position)}) and ${there} (timeline ${other.timeline}, ${formatLsn(other.position)}) are of one cluster, and both accept writes: what is written to one of them will be lost.`,
      where: at('standby'),
      evidence: [
        evidence(
          'here',
          running === undefined ? `"${state ?? ''}"` : 'not in recovery',
          running === undefined ? 'pg_control' : 'pg_is_in_recovery()',
        ),
        evidence('there', 'not in recovery', there),
        evidence('system identifier', String(timelines.upstreamIdentifier), 'both'),
      ],
      remedy: disruptive(
        `Stop the one here, if ${there} is the one to stay; then run this again for how it becomes a standby.`,
        manual(
          'standby',
          `Make sure that no client writes to this server, and that ${there} is the one that shall stay.`,
        ),
        stop('standby', control),
      ),
    });
  },
});
