import { followsBack } from '../../derived/follows-back.ts';
import { noStandby } from '../../derived/role-now.ts';
import { stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { UpstreamStandby } from '../../facts/upstream-standby.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { bytesBetween, formatLsn } from '../../postgres/lsn.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const upstreamReceivesNothing = defineRule({
  id: 'streaming/upstream-receives-nothing',
  title: 'The upstream of the standby receives no WAL from a primary',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now'],
  wants: [...primaryPlaceFacts, 'runningStandby', 'upstreamStandby', 'replicationLogin'],
  explains: ['streaming/lag', 'primary/is-standby'],
  docs: {
    what: 'Fails when the standby streams from another standby that receives nothing new itself: the two follow each other, the upstream has no WAL receiver and no restore_command, or the WAL of the primary that --admin reaches does not arrive there.',
    why: 'A standby can send WAL to other standbys whether or not it receives any, so pg_stat_wal_receiver shows `streaming` and the replay lag is 0, but no change from the primary ever arrives.',
    notes:
      'Without --admin, a ring is recognized when a standby at the address of the upstream follows this one. A ring of three servers, or of servers on one machine, is recognized only with --admin at the primary.',
    references: [
      'Cascading Replication: https://www.postgresql.org/docs/current/warm-standby.html#CASCADING-REPLICATION',
      'src/backend/replication/walsender.c: GetStandbyFlushRecPtr()',
    ],
  },
  judge(facts) {
    const { upstreamStandby } = facts;
    const standby = ifSeen(facts.runningStandby);
    if (standby?.inRecovery === false) return notApplicable(noStandby);
    // of a server that lets no session in, other rules say what can be seen of its stream
    if (standby === undefined) return notApplicable('no server shows that it streams');
    if (upstreamStandby.status === 'not-applicable') return notApplicable(upstreamStandby.why);
    if (upstreamStandby.status === 'unseen')
      return ifSeen(facts.primary)?.inRecovery === true
        ? unexamined(upstreamStandby.why)
        : notApplicable('the upstream is not known to be a standby');
    const upstream = upstreamStandby.value;
    const login = ifSeen(facts.replicationLogin);
    const stage = login === undefined ? undefined : stageOf(login);
    if (stage?.stage !== 'accepted') return notApplicable('the upstream let no replication connection in');
    const { attempt, session } = stage;
    const place = `${attempt.host}:${attempt.port}`;
    const ring = upstream.moved ? undefined : followsBack(standby, session, upstream);
    const missing = missingOf(upstream);
    const idle = upstream.receiver?.runs === false && upstream.restores === false;
    if (ring === undefined && missing === undefined && !idle)
      return upstream.moved || upstream.primary !== undefined || upstream.receiver?.runs === true
        ? pass(`the upstream ${place} ${upstream.moved ? 'receives WAL' : 'has a WAL receiver, and lacks no WAL'}`)
        : unexamined({
            kind: 'permission',
            because: `${place} does not show whether it receives WAL`,
            needsAdmin: true,
          });
    // what was reached says nothing of where the primary is
    const there = leadingToPrimary(facts, { ...attempt, address: undefined });
    const behind =
      missing === undefined
        ? ''
        : ` The primary is ${formatBytes(missing)} ahead, and nothing of that arrived at ${place} within 4 s.`;
    return fail({
      title:
        ring === undefined
          ? `The upstream ${place} receives no WAL from a primary`
          : `The standby and its upstream ${place} follow each other`,
      message: `${place} is a standby itself${
        ring !== undefined
          ? ` and follows this one: ${ring}`
          : idle
            ? upstream.hasConninfo === false
              ? ' (it was started with a signal file), but has neither a primary_conninfo nor a restore_command'
              : ', without a WAL receiver and without a restore_command'
            : ''
      }.${behind} This standby streams from it, but receives no change from a primary.`,
      where: at('standby'),
      evidence: [
        evidence('the upstream', `in recovery, at ${formatLsn(upstream.position)}`, 'IDENTIFY_SYSTEM'),
        ...(upstream.primary === undefined
          ? []
          : [evidence('the primary', `at ${formatLsn(upstream.primary.position)}`, 'the --admin login')]),
        ...(there?.seen ?? []),
      ],
      remedy:
        (ring !== undefined || missing !== undefined ? there?.remedy : undefined) ??
        safe(
          ring === undefined
            ? upstream.hasConninfo === false && idle
              ? `Promote ${place} if it is the primary, or connect it to one.`
              : `Connect ${place} to the primary again, or point this standby to the primary.`
            : 'Point one of the two to the primary.',
          manual(
            'standby',
            ring === undefined
              ? upstream.hasConninfo === false && idle
                ? `If ${place} is the primary, and its signal file was put there by mistake, run SELECT pg_promote(); on it: this standby follows it to its new timeline. If it is a standby, set its primary_conninfo: standbylint postmortem on ${attempt.host} prints how.`
                : `Run standbylint postmortem on ${attempt.host} for the server at port ${attempt.port}: as soon as that one receives WAL again, this one does. If it is meant to be the primary, or no primary is left, run SELECT pg_promote(); on it.`
              : 'In primary_conninfo of one of the two standbys, write the host and port of the primary, then reload: SELECT pg_reload_conf();',
          ),
        ),
    });
  },
});

/** What the primary has, and the upstream did not get while it was looked at. An archive brings whole segments. */
function missingOf({ primary, position, moved, receiver, restores }: UpstreamStandby): bigint | undefined {
  if (primary === undefined || moved || position >= primary.position) return undefined;
  const missing = bytesBetween(position, primary.position);
  const mayRestore = primary.archives && restores !== false && receiver?.runs !== true;
  return mayRestore && missing < BigInt(2 * primary.segmentSize) ? undefined : missing;
}
