import { timeText } from '../../derived/sighting-evidence.ts';
import { ifSeen } from '../../facts/observed.ts';
import { readSetting, settingDefinition } from '../../postgres/settings.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { inForce, isPrimaryNow, majorOf, noStandby, whyUnseen } from '../../derived/in-force.ts';
import type { SettingsSeen } from '../../derived/in-force.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const delayed = defineRule({
  id: 'recovery/delayed',
  title: 'The standby replays with an intended delay',
  severity: 'info',
  commands: ['postmortem'],
  needs: [],
  wants: ['standbyConfiguration', 'runningStandby', 'dataDirectory'],
  docs: {
    what: 'Reports the value of `recovery_min_apply_delay` if it is set.',
    why: 'Such a standby shows the primary as it was a while ago, which allows recovery from a mistake. It receives WAL without delay; only replay is late.',
    notes: 'Because the delay is intended, no rule reports it as lag.',
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

/** recovery_min_apply_delay in seconds; undefined where it was not seen. */
export function delaySeconds(seen: SettingsSeen): number | undefined {
  const set = inForce('recovery_min_apply_delay', seen);
  const definition = settingDefinition('recovery_min_apply_delay', majorOf(seen) ?? 18);
  const read = set === undefined || definition === undefined ? undefined : readSetting(definition, set.value);
  return read?.ok === true && typeof read.value === 'number' ? read.value / 1000 : undefined;
}
