import type { Setting, Settings } from '../../facts/primary.ts';
import { secretSettings } from '../../postgres/secret.ts';
import { readSetting, settingDefinition } from '../../postgres/settings.ts';

/**
 * Settings from `SHOW all` on a replication connection: what this role may see, as SHOW prints it (`1GB`, `5min`).
 * They are brought to the form of pg_settings: the number in the setting's own unit, the unit apart. What can hold a
 * password is hidden, as in the question of catalogue-sql.ts.
 */
export function settingsFromShow(shown: ReadonlyMap<string, string>, major: number): Settings {
  return new Map([...shown].map(([name, value]) => [name, fromShow(name, value, major)]));
}

function fromShow(name: string, shown: string, major: number): Setting {
  const definition = settingDefinition(name, major);
  const read = definition === undefined ? undefined : readSetting(definition, shown);
  const isNumber = read?.ok === true && typeof read.value === 'number';
  const value = isNumber ? String(read.value) : mayHoldSecret(name) && !empty.has(shown) ? '***' : shown;
  return {
    name,
    value,
    unit: isNumber ? definition?.unit : undefined,
    source: undefined,
    file: undefined,
    line: undefined,
    pendingRestart: false,
  };
}

const empty = new Set(['', '(disabled)']);
const secretNames: ReadonlySet<string> = new Set(secretSettings);
const mayHoldSecret = (name: string): boolean => secretNames.has(name) || name.includes('.');
