import { parseSynchronousStandbyNames } from '../../postgres/synchronous-standby-names.ts';
import { finding } from './shape.ts';
import type { Finding } from './shape.ts';

/** Why a standby is asynchronous, where the text has synchronous_standby_names, or somebody asks for it. */
export function notSynchronous(name: string, text: string): Finding | undefined {
  const names = synchronousNames(text);
  if (names === undefined)
    return asks.test(text)
      ? finding(
          `"${name}" is asynchronous: synchronous_standby_names does not name it, or was not reloaded. It must have the application_name "${name}" to the letter.`,
          'conninfo/application-name',
        )
      : undefined;
  if (names === '')
    return finding(
      `"${name}" is asynchronous because synchronous_standby_names is empty: no commit waits for any standby. Set it to the application_name of the standby and reload.`,
      'conninfo/application-name',
    );
  const listed = parseSynchronousStandbyNames(names)?.names;
  return listed === undefined || listed.includes('*') || listed.includes(name)
    ? undefined
    : finding(
        `"${name}" is asynchronous: synchronous_standby_names = '${names}' does not name it, and commits wait as long as no standby of that list streams. Set application_name in its primary_conninfo (or cluster_name), or change the list.`,
        'conninfo/application-name',
      );
}

/** In what SHOW prints, or in a line of configuration. */
const synchronousNames = (text: string): string | undefined =>
  /^ *synchronous_standby_names *\n-+\n *(.*?) *\n\(1 row\)/mu.exec(text)?.[1] ??
  /(?<!#[^\n]*)\bsynchronous_standby_names\s*(?:=|to)\s*'([^'\n]*)'/iu.exec(text)?.[1];

/** The columns sync_state and sync_priority are in every such table. */
const asks =
  /\bsync_state\b(?! *\|)(?=[^|\n]*\basync\b)|\bsynch\b|\bsynchronous (?:standby|replication|mode|commit)\b/iu;
