import { timeText } from '../../derived/sighting-evidence.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Settings } from '../../facts/primary.ts';
import { textOf } from '../../facts/settings.ts';
import { isSynchronousState, ourSender } from '../../derived/our-sender.ts';
import type { SendersSeen } from '../../derived/our-sender.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { inForce, whyUnseen } from '../../derived/in-force.ts';
import { isPrimaryNow, noStandby } from '../../derived/role-now.ts';
import { delaySeconds } from '../../derived/replay-delay.ts';
import type { SettingsSeen } from '../../derived/in-force.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const delayed = defineRule({
  id: 'recovery/delayed',
  title: 'The standby replays with an intended delay',
  severity: 'info',
  commands: ['postmortem'],
  needs: [],
  wants: [
    'standbyConfiguration',
    'runningStandby',
    'dataDirectory',
    'primarySettings',
    'fileSettings',
    'primaryControl',
    'walSenders',
    'slots',
    'standbyConninfo',
  ],
  docs: {
    what: 'Reports the value of `recovery_min_apply_delay` if it is set.',
    why: 'Such a standby shows the primary as it was a while ago, which allows recovery from a mistake. It receives WAL without delay; only replay is late.',
    notes:
      'Because the delay is intended, no rule reports it as lag. It is an error if the standby is synchronous and `synchronous_commit` is `remote_apply` on the primary: each commit there takes as long.',
    references: [
      'recovery_min_apply_delay: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-RECOVERY-MIN-APPLY-DELAY',
    ],
  },
  judge(facts) {
    if (isPrimaryNow(facts.runningStandby)) return notApplicable(noStandby);
    const set = inForce('recovery_min_apply_delay', facts);
    const seconds = delaySeconds(facts);
    if (set === undefined || seconds === undefined) return unexamined(whyUnseen(facts));
    if (seconds === 0) return pass(`recovery_min_apply_delay is 0 (${set.source})`);
    if (delaysCommits(facts))
      return fail({
        severity: 'error',
        title: `Commits on the primary take ${formatDuration(seconds)}: they wait for a standby that replays late`,
        message: `synchronous_commit is remote_apply on the primary, this standby is synchronous, and recovery_min_apply_delay is ${formatDuration(seconds)}: each commit waits until the standby has replayed it.`,
        where: set.where,
        evidence: [
          evidence('recovery_min_apply_delay', formatDuration(seconds), set.source),
          evidence('synchronous_commit', 'remote_apply', 'pg_settings of the primary'),
        ],
        remedy: safe(
          'Wait until the standby has the WAL on disk (synchronous_commit = on), not until it has replayed it.',
          ...changeAndReload(facts, { synchronous_commit: 'on' }),
        ),
      });
    const last = ifSeen(facts.runningStandby)?.replay.lastReplayedCommitAt;
    return fail({
      title: `This standby replays ${formatDuration(seconds)} late (recovery_min_apply_delay)`,
      message: `recovery_min_apply_delay is ${formatDuration(seconds)}: each commit becomes visible that long after it was made on the primary. This is intended and not a fault.`,
      where: set.where,
      evidence: [
        evidence('recovery_min_apply_delay', formatDuration(seconds), set.source),
        ...(last === undefined
          ? []
          : [evidence('last replayed commit', timeText(last), 'pg_last_xact_replay_timestamp()')]),
      ],
    });
  },
});

/** The primary waits for what this standby replays. */
function delaysCommits(facts: SendersSeen & SettingsSeen & { primarySettings: Observed<Settings> }): boolean {
  const server = ifSeen(facts.runningStandby);
  const settings = ifSeen(facts.primarySettings);
  if (server === undefined || settings === undefined) return false;
  const sender = ourSender(server, facts);
  return (
    textOf(settings, 'synchronous_commit') === 'remote_apply' &&
    sender.kind === 'found' &&
    isSynchronousState(sender.sender.syncState)
  );
}
