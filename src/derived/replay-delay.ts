import { readSetting, settingDefinition } from '../postgres/settings.ts';
import { inForce, majorOf } from './in-force.ts';
import type { SettingsSeen } from './in-force.ts';

/** recovery_min_apply_delay in seconds; undefined where it was not seen. */
export function delaySeconds(seen: SettingsSeen): number | undefined {
  const set = inForce('recovery_min_apply_delay', seen);
  const definition = settingDefinition('recovery_min_apply_delay', majorOf(seen) ?? 18);
  const read = set === undefined || definition === undefined ? undefined : readSetting(definition, set.value);
  return read?.ok === true && typeof read.value === 'number' ? read.value / 1000 : undefined;
}
