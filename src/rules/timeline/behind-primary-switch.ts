import { ifSeen } from '../../facts/observed.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { at, disruptive, safe } from '../../remedies/remedy.ts';
import { start } from '../../remedies/server-control.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { inForce } from '../recovery/in-force.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { standingOf } from './standing.ts';

export const behindPrimarySwitch = defineRule({
  id: 'timeline/behind-primary-switch',
  title: 'The primary has taken a new timeline that the standby is not on yet',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now', 'timelines', 'controlFile'],
  wants: ['dataDirectory', 'runningStandby', 'standbyConfiguration', 'standbyControl'],
  explains: [...notStreaming, 'recovery/timeline-not-latest', 'streaming/stalled'],
  says: ['recovery target timeline %u does not exist', 'started streaming WAL from primary at %s on timeline %u'],
  docs: {
    what: 'Fails when the upstream left the timeline that the standby is on, and the standby has not come past that point: it can follow. A warning where it will follow by itself, an error where `recovery_target_timeline` forbids it.',
    why: 'After a promotion the new primary goes on under a new timeline. A standby follows it when `recovery_target_timeline` is `latest` (the default since 12): it fetches the history over the replication connection.',
    notes: 'A standby that is past the point where the timelines part cannot follow: that is timeline/diverged.',
    references: [
      'src/backend/access/transam/xlogrecovery.c: rescanLatestTimeLine()',
      'PostgreSQL manual, 26.2.2, Standby Server Operation',
    ],
  },
  judge(facts) {
    const { timelines } = facts;
    const { local, upstream } = timelines;
    const standing = standingOf(facts);
    if (standing.kind === 'unknown') return unexamined(standing.why);
    if (standing.kind === 'other-system' || standing.kind === 'diverged')
      return notApplicable('the histories have parted, or never were one');
    if (standing.kind !== 'before-switch')
      return pass(`the standby is on timeline ${local.timeline}, as its upstream is`);
    const target = inForce('recovery_target_timeline', facts);
    const follows = target === undefined || target.value === 'latest' || target.value === String(upstream.timeline);
    const control = ifSeen(facts.standbyControl);
    const shown = [
      evidence('here', `timeline ${local.timeline}, ${formatLsn(local.position)}`, local.positionFrom),
      evidence(
        'the upstream',
        `timeline ${upstream.timeline}, since ${formatLsn(standing.switchedAt)}`,
        'TIMELINE_HISTORY',
      ),
      ...(target === undefined ? [] : [evidence('recovery_target_timeline', target.value, target.source)]),
    ];
    const place = `The primary left timeline ${local.timeline} at ${formatLsn(standing.switchedAt)} and is on timeline ${upstream.timeline} now. This standby has come to ${formatLsn(local.position)}, which is not past that point`;
    if (!follows)
      return fail({
        severity: 'error',
        title: `The primary is on timeline ${upstream.timeline} now, and recovery_target_timeline keeps the standby from following`,
        message: `${place}, but recovery_target_timeline is ${target.value}: it stays on timeline ${local.timeline}, where nothing more will come.`,
        where: target.where,
        evidence: shown,
        remedy: disruptive(
          'Let it follow the latest timeline, and restart it.',
          ...changeOnStandby(facts, { recovery_target_timeline: 'latest' }, 'restart'),
        ),
      });
    return fail({
      severity: 'warning',
      message: `${place}: it can follow, and does so when it is connected.`,
      where: at('standby'),
      evidence: shown,
      ...(control === undefined || control.running
        ? {}
        : { remedy: safe('Start it: it follows by itself.', start('standby', control.control)) }),
    });
  },
});
