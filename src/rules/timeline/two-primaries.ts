import type { JudgedFacts } from '../../facts/facts.ts';
import type { Judgement } from '../../findings/judgement.ts';
import { ifSeen, withoutAdmin } from '../../facts/observed.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { disruptive, manual, safe } from '../../remedies/remedy.ts';
import { stop } from '../../remedies/server-control.ts';
import { roleNow } from '../../derived/role-now.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

type Facts = JudgedFacts<'timelines', 'adminServer' | 'primary'>;

export const twoPrimaries = defineRule({
  id: 'timeline/two-primaries',
  title: 'Two servers of one cluster accept writes',
  severity: 'error',
  endangersData: true,
  commands: ['postmortem'],
  needs: ['timelines', 'dataDirectory', 'controlFile'],
  wants: ['runningStandby', 'standbyControl', 'primary', 'adminServer'],
  explains: [...notStreaming, 'timeline/diverged'],
  docs: {
    what: 'Fails when the server on this directory is running and is not in recovery, and the server in its primary_conninfo has the same system identifier and is not in recovery either. Warns if the server in primary_conninfo and the one that --admin reaches are two primaries of the same cluster.',
    why: "Both accept writes, and neither receives the other's: what clients write to one of them will be lost. They may even archive to the same place.",
    notes:
      'Only you can decide which of the two stays primary: check which clients use each, and what was written since they diverged. The steps stop the server on this directory.',
    references: ['Failover: https://www.postgresql.org/docs/current/warm-standby-failover.html'],
  },
  judge(facts) {
    const { timelines, dataDirectory, controlFile, runningStandby, standbyControl, primary } = facts;
    if (!timelines.sameSystem) return notApplicable('they are different clusters');
    const upstream = ifSeen(primary);
    const own = dataDirectory.postmaster;
    if (own?.process !== 'running') return notApplicable('no server is running on this directory');
    if (upstream?.postmaster !== undefined && upstream.postmaster === own.pid)
      return notApplicable('primary_conninfo points to this server itself');
    const running = ifSeen(runningStandby);
    const state = controlFile.ok ? controlFile.value.state : undefined;
    const role = roleNow(facts);
    if (role === 'unknown')
      return unexamined({
        kind: 'unreadable',
        because: 'neither a session nor the files show whether this server is in recovery',
      });
    if (role === 'in recovery') return betweenOthers(facts);
    if (timelines.upstreamInRecovery === undefined)
      return unexamined(
        withoutAdmin('not-asked', 'it is not known whether the server in primary_conninfo is a standby'),
      );
    if (timelines.upstreamInRecovery) return pass('the other server is a standby');
    const { local, upstream: other } = timelines;
    const there = upstream === undefined ? 'the server in primary_conninfo' : `${upstream.address}:${upstream.port}`;
    const control = ifSeen(standbyControl)?.control ?? { kind: 'unknown' as const };
    return fail({
      message: `This server (timeline ${local.timeline}, ${formatLsn(local.position)}) and ${there} (timeline ${other.timeline}, ${formatLsn(other.position)}) belong to the same cluster, and both accept writes: what is written to one of them will be lost.`,
      where: at('standby'),
      evidence: [
        evidence(
          'this server',
          running === undefined ? `"${state ?? ''}"` : 'not in recovery',
          running === undefined ? 'pg_control' : 'pg_is_in_recovery()',
        ),
        evidence(there, 'not in recovery', 'pg_is_in_recovery()'),
        evidence('system identifier', String(timelines.upstreamIdentifier), 'both'),
      ],
      remedy: disruptive(
        `Stop this server if ${there} should stay the primary. Then run standbylint again for how to make it a standby.`,
        manual('standby', `Make sure that no client writes to this server, and that ${there} should stay the primary.`),
        stop('standby', control),
      ),
    });
  },
});

/** A standby whose upstream was promoted beside the primary that --admin names: it follows one of the two. */
function betweenOthers({ timelines, adminServer, primary }: Facts): Judgement {
  const other = ifSeen(adminServer);
  const isPrimaryToo =
    other?.identity.is === 'another-server' &&
    other.identity.which === 'a primary' &&
    !other.inRecovery &&
    other.systemIdentifier === timelines.upstreamIdentifier &&
    timelines.upstreamInRecovery === false;
  if (!isPrimaryToo) return pass('this server is a standby');
  const upstream = ifSeen(primary);
  const there = upstream === undefined ? 'the server in primary_conninfo' : `${upstream.address}:${upstream.port}`;
  const named = other.address.startsWith('/')
    ? `port ${other.port} in ${other.host}`
    : `${other.address}:${other.port}`;
  return fail({
    severity: 'warning',
    message: `This standby follows ${there} (timeline ${timelines.upstream.timeline}), but --admin reaches ${named}: both belong to the same cluster, and both accept writes. What is written to ${named} does not arrive here.`,
    where: at('primary'),
    evidence: [
      evidence(there, 'not in recovery', 'the replication connection'),
      evidence(named, 'not in recovery', '--admin'),
      evidence('system identifier', String(timelines.upstreamIdentifier), 'both'),
    ],
    remedy: safe(
      'Decide which of the two stays the primary.',
      manual(
        'primary',
        `Check which of ${there} and ${named} your clients use. Stop the other one. If ${named} should stay the primary, point this standby to it in primary_conninfo. Then run standbylint again.`,
      ),
    ),
  });
}
