import type { Step } from '../findings/report.ts';

export interface AssignedSetting {
  readonly name: string;
  readonly value: string;
}

/** What a step sets: `ALTER SYSTEM SET x = 'y';`, or a line of a configuration file. */
export function assignedSetting({ kind, does, text, edit }: Step): AssignedSetting | undefined {
  if (edit?.secret === true || isOfHba({ edit })) return undefined;
  const line =
    does === 'set-configuration' && kind === 'sql'
      ? /^ALTER SYSTEM SET ([\s\S]+);$/u.exec(text.trim())?.[1]
      : edit?.changes.map((change) => change.text).find((one) => assignment.test(one));
  const [, name, quoted, plain] = assignment.exec(line ?? '') ?? [];
  const value = quoted?.replaceAll("''", "'") ?? plain;
  return name === undefined || value === undefined ? undefined : { name: name.toLowerCase(), value };
}

const assignment = /^\s*([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(?:'((?:[^']|'')*)'|([^\s#';]+))/u;

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
