import type { StandbyConninfo } from '../facts/standby-configuration.ts';
import type { Step } from '../findings/report.ts';
import { withoutCondition } from './only-with-files.ts';
import { parseConfigurationText } from '../postgres/configuration-file.ts';
import { parseConninfo } from '../postgres/conninfo.ts';

export interface AssignedSetting {
  readonly name: string;
  readonly value: string;
}

/**
 * What a step sets: by ALTER SYSTEM as {@link systemAltered} writes it, or by the lines that it puts into a configuration file,
 * read as the server reads them; of a line that is changed more than once, what it becomes at last.
 */
export function assignedSettings({ kind, does, text, edit }: Step): readonly AssignedSetting[] {
  if (kind === 'sql' && does === 'set-configuration') {
    const [, name, escapes, quoted, plain] = altered.exec(withoutCondition(text)) ?? [];
    const value = quoted?.replaceAll("''", "'") ?? plain;
    if (name === undefined || value === undefined) return [];
    return [{ name, value: escapes === 'E' ? value.replaceAll('\\\\', '\\') : value }];
  }
  if (edit === undefined || !isOfConfiguration(edit.file)) return [];
  const { lines } = parseConfigurationText(edit.changes.map((change) => change.text).join('\n'));
  return [...new Map(lines.map(({ name, value }) => [name, { name, value }])).values()];
}

const altered = /^ALTER SYSTEM SET ([\w.]+) = (?:(E?)'((?:[^']|'')*)'|(-?\d+));$/u;

const isOfConfiguration = (file: string): boolean =>
  file.endsWith('.conf') && !/pg_(?:hba|ident|service)[^/]*\.conf$/u.test(file);

/** The server that a step makes primary_conninfo lead to, where it leads to another one now. */
export function leadsElsewhere(
  step: Step,
  conninfo: StandbyConninfo | undefined,
): { readonly host: string; readonly port: string } | undefined {
  const [named] = conninfo?.hosts ?? [];
  const set =
    step.on === 'standby' ? assignedSettings(step).find(({ name }) => name === 'primary_conninfo') : undefined;
  if (set === undefined || named === undefined) return undefined;
  const read = parseConninfo(set.value);
  if (!read.ok) return undefined;
  const { host = named.host, port = '5432' } = read.value.values;
  return host !== named.host || port !== String(named.port) ? { host, port } : undefined;
}

/** The settings whose lines a step makes comments of. */
export function struckSettings({ edit }: Step): readonly string[] {
  const struck = edit?.changes.flatMap((change) =>
    change.act === 'replace' && change.text === `# ${change.was}` ? [change.was] : [],
  );
  return parseConfigurationText((struck ?? []).join('\n')).lines.map(({ name }) => name);
}

/** It changes a pg_hba.conf. */
export const isOfHba = ({ edit }: { readonly edit?: Step['edit'] }): boolean =>
  edit !== undefined && /pg_hba[^/]*\.conf$/u.test(edit.file);

/** The entries of pg_hba.conf that steps write. */
export const hbaEntries = (steps: readonly Step[]): readonly string[] =>
  steps
    .filter(isOfHba)
    .flatMap(({ edit }) => edit?.changes ?? [])
    .map(({ text }) => text.trim())
    .filter((text) => text !== '' && !text.startsWith('#'));

/** A manager derives them from where its leader is. */
export const isOfReplication = (name: string): boolean =>
  /^(?:primary_conninfo|primary_slot_name|recovery_target.*|hot_standby|cluster_name)$/u.test(name);
