import { ifSeen } from '../../facts/observed.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { disruptive, safe } from '../../remedies/remedy.ts';
import { start } from '../../remedies/server-control.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { inForce } from '../../derived/in-force.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { compareTimelines } from '../../derived/timeline-comparison.ts';

export const behindPrimarySwitch = defineRule({
  id: 'timeline/behind-primary-switch',
  title: 'The primary has switched to a new timeline',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now', 'timelines', 'controlFile'],
  wants: ['dataDirectory', 'runningStandby', 'standbyConfiguration', 'standbyControl'],
  explains: [...notStreaming, 'recovery/timeline-not-latest', 'streaming/stalled'],
  messages: ['started-streaming'],
  docs: {
    what: 'Applies when the upstream left the timeline of the standby, and the standby did not pass that point, so it can follow. Warns if it will follow by itself; fails if `recovery_target_timeline` prevents it.',
    why: 'After a promotion, the new primary continues on a new timeline. A standby follows it if `recovery_target_timeline` is `latest` (the default since 12): it fetches the timeline history over the replication connection.',
    notes: 'A standby that is past the point where the timelines diverge cannot follow: see timeline/diverged.',
    references: [
      'src/backend/access/transam/xlogrecovery.c: rescanLatestTimeLine()',
      'Standby Server Operation: https://www.postgresql.org/docs/current/warm-standby.html#STANDBY-SERVER-OPERATION',
    ],
  },
  judge(facts) {
    const { timelines } = facts;
    const { local, upstream } = timelines;
    const comparison = compareTimelines(facts);
    if (comparison.kind === 'unknown') return unexamined(comparison.why);
    if (comparison.kind === 'other-system' || comparison.kind === 'diverged')
      return notApplicable('the standby has diverged or belongs to another cluster');
    if (comparison.kind !== 'before-switch')
      return pass(`the standby is on timeline ${local.timeline}, as its upstream is`);
    const target = inForce('recovery_target_timeline', facts);
    const follows = target === undefined || target.value === 'latest' || target.value === String(upstream.timeline);
    const control = ifSeen(facts.standbyControl);
    const shown = [
      evidence('this standby', `timeline ${local.timeline}, ${formatLsn(local.position)}`, local.positionFrom),
      evidence(
        'the upstream',
        `timeline ${upstream.timeline}, since ${formatLsn(comparison.switchedAt)}`,
        'TIMELINE_HISTORY',
      ),
      ...(target === undefined ? [] : [evidence('recovery_target_timeline', target.value, target.source)]),
    ];
    const place = `The primary left timeline ${local.timeline} at ${formatLsn(comparison.switchedAt)} and is now on timeline ${upstream.timeline}. This standby is at ${formatLsn(local.position)}, which is not past that point`;
    if (!follows)
      return fail({
        severity: 'error',
        title: `recovery_target_timeline keeps the standby off timeline ${upstream.timeline}`,
        message: `${place}, but recovery_target_timeline is ${target.value}. It stays on timeline ${local.timeline} and receives nothing more.`,
        where: target.where,
        evidence: shown,
        remedy: disruptive(
          'Set recovery_target_timeline to latest, and restart the standby.',
          ...changeOnStandby(facts, { recovery_target_timeline: 'latest' }, 'restart'),
        ),
      });
    return fail({
      severity: 'warning',
      message: `${place}, so it can follow as soon as it is connected.`,
      where: at('standby'),
      evidence: shown,
      ...(control === undefined || control.running
        ? {}
        : { remedy: safe('Start the standby. It follows by itself.', start('standby', control.control)) }),
    });
  },
});
