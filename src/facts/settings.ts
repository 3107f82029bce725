import type { Settings } from './primary.ts';

/** A setting's text as the server has it; undefined when this server or this role does not show it. */
export const textOf = (settings: Settings, name: string): string | undefined => settings.get(name)?.value;

export function integerOf(settings: Settings, name: string): number | undefined {
  const value = settings.get(name)?.value;
  return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : undefined;
}

export function booleanOf(settings: Settings, name: string): boolean | undefined {
  const value = settings.get(name)?.value;
  return value === undefined ? undefined : value === 'on';
}
