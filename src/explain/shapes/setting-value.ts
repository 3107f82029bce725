import { recoveryTargetTimeline } from '../../postgres/recovery-target-timeline.ts';
import { isTurned } from '../../postgres/restore-command.ts';
import { readSetting, settingDefinition } from '../../postgres/settings.ts';
import {
  formatSynchronousStandbyNames,
  parseSynchronousStandbyNames,
} from '../../postgres/synchronous-standby-names.ts';
import { finding } from './shape.ts';
import type { Finding } from './shape.ts';

/** What the server, or the shell that it starts, would not take of a setting's value. */
export function judgedValue(name: string, value: string): readonly Finding[] {
  const definition = newest.map((major) => settingDefinition(name, major)).find((one) => one !== undefined);
  const read = definition && readSetting(definition, value);
  if (read?.ok === false)
    return [
      finding(
        `${name} = '${value}' is refused: the server takes ${read.expected}. A reload keeps the old value, and a start fails.`,
        'standby/config-file-error',
      ),
    ];
  const refused = refusals[name]?.(value);
  return refused === undefined ? [] : [finding(refused, ruleOf[name] ?? null)];
}

const newest = [18, 17, 15, 13];

const refusals: Readonly<Record<string, (value: string) => string | undefined>> = {
  // slot.c, ReplicationSlotValidateName()
  primary_slot_name: (value) =>
    /^[a-z0-9_]{0,63}$/u.test(value)
      ? undefined
      : `'${value}' cannot be the name of a slot: it may have lower-case letters, digits and underscores, at most 63. '${value
          .toLowerCase()
          .replaceAll(/[^a-z0-9_]/gu, '_')
          .slice(0, 63)}' can.`,
  recovery_target_timeline: (value) =>
    recoveryTargetTimeline(value) !== 0
      ? undefined
      : `recovery_target_timeline = '${value}' is read as timeline 0, which does not exist: no server starts with it. It takes latest, current, or the number of a timeline.`,
  // syncrep_scanner.l: an identifier, a number, or a name in double quotes
  synchronous_standby_names: (value) => {
    const names = parseSynchronousStandbyNames(value);
    if (names === undefined || names.names.every((name) => name === '*' || plainName.test(name))) return undefined;
    return value.includes('"')
      ? undefined
      : `synchronous_standby_names = '${value}' is refused: a name with other characters than letters, digits and _ must be in double quotes: '${formatSynchronousStandbyNames(names)}'.`;
  },
  archive_command: (value) =>
    isTurned(value, '%p')
      ? 'archive_command copies from %f to %p. It is the other way round: %p is the path of the segment in the data directory, %f the name that it gets in the archive (cp %p /archive/%f).'
      : undefined,
  restore_command: (value) =>
    isTurned(value, '%f')
      ? 'restore_command copies from %p to %f. It is the other way round: %f is the name of the segment in the archive, %p the path that it is written to (cp /archive/%f %p).'
      : undefined,
};

const ruleOf: Readonly<Record<string, string>> = {
  primary_slot_name: 'slot/invalid-name',
  recovery_target_timeline: 'recovery/timeline-not-latest',
  restore_command: 'recovery/restore-command-fails',
};

const plainName = /^[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*$|^\d+$/u;
