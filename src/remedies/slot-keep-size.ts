import type { Settings } from '../facts/primary.ts';
import type { Step } from '../findings/report.ts';
import { changeAndReload } from './change-setting.ts';
import type { SettingsSeen } from './change-setting.ts';

/** What a slot may keep from now on, where the primary's settings were seen. */
export const keepSizeChanged = (
  seen: Omit<SettingsSeen, 'primarySettings'> & { readonly primarySettings: Settings },
  gigabytes: number,
): readonly Step[] =>
  changeAndReload(
    { ...seen, primarySettings: { status: 'seen', value: seen.primarySettings, source: 'pg_settings' } },
    { max_slot_wal_keep_size: `${gigabytes}GB` },
  );
