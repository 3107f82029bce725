import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Step } from '../findings/report.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import type { StandbyConninfo, StandbyControl } from '../facts/standby-configuration.ts';
import { createdAgain } from './container-again.ts';
import { backupName, editFile } from './edit-file.ts';
import { shellWord } from './quoting.ts';
import { manual, shell, reload } from './remedy.ts';
import { intoUse } from './signal-file.ts';

export interface Seen {
  readonly now: Date;
  readonly dataDirectory: DataDirectory;
  readonly standbyControl: Observed<StandbyControl>;
  readonly runningStandby: Observed<RunningStandby>;
}

/**
 * Corrects words of primary_conninfo in the very line where they stand, so that a password beside them stays as it is
 * and is not shown. `words`: the keywords that are wrong, and what belongs there (undefined: it is taken out).
 */
export function correcting(seen: Seen, conninfo: StandbyConninfo, words: readonly Word[]): readonly Step[] {
  const edits = words.map((word) => replacementFor(word, conninfo.text ?? ''));
  return changing(
    Object.fromEntries(words.map(({ name, instead }) => [name, instead])),
    ...inItsLine(
      seen,
      conninfo,
      edits.length === 0 || edits.includes(undefined) ? undefined : edits.filter((edit) => edit !== undefined).flat(),
      "keyword=value pairs between single quotes, such as primary_conninfo = 'host=db1 port=5432 user=replicator'; single quotes inside are doubled",
    ),
  );
}

/** Steps that change these parameters of primary_conninfo. */
export const changing = (
  conninfo: NonNullable<Step['conninfo']>,
  ...[first, ...rest]: readonly Step[]
): readonly Step[] => (first === undefined ? [] : [{ ...first, conninfo }, ...rest]);

export interface Word {
  readonly name: string;
  readonly instead: string | undefined;
}

/** What is exchanged in a line: for sed, and the same as a regular expression with what it becomes. */
export interface Replacement {
  readonly sed: string;
  readonly pattern: RegExp;
  readonly by: string;
}

/**
 * Changes the line where primary_conninfo stands by these replacements, and takes it into use. Where it is undefined
 * what would be typed, a person edits the line: `what` says how it is to read.
 */
export function inItsLine(
  seen: Seen,
  { file, line, written }: StandbyConninfo,
  edits: readonly Replacement[] | undefined,
  what: string,
): readonly Step[] {
  const { now } = seen;
  const apply = conninfoIntoUse(seen);
  if (file === undefined || line === undefined)
    return (
      createdAgain(ifSeen(seen.standbyControl)?.control, `primary_conninfo corrected in its command (${what})`) ?? [
        manual(
          'standby',
          `Correct primary_conninfo in the command that starts the server, where it overrides every file (${what}), and restart the server.`,
        ),
      ]
    );
  if (edits === undefined) {
    const saved = shell(
      'standby',
      `cp -p ${shellWord(file)} ${shellWord(backupName(file, now))}`,
      'make-file',
      backupName(file, now),
    );
    return [saved, manual('standby', `Edit line ${line} of ${file}: ${what}.`), apply];
  }
  const lines = written?.get(file);
  return [
    editFile(
      'standby',
      { file, now, written: lines },
      { act: 'replace', line, becomes: becoming(lines?.lines[line - 1] ?? '', edits), by: edits.map(({ sed }) => sed) },
    ),
    apply,
  ];
}

/** Takes a changed primary_conninfo into use: the WAL receiver of a server that runs begins again after a reload. */
export function conninfoIntoUse({ dataDirectory, standbyControl, runningStandby }: Seen): Step {
  const runs = dataDirectory.postmaster?.process === 'running';
  return runs && ifSeen(runningStandby) !== undefined ? reload('standby') : intoUse(standbyControl, dataDirectory);
}

/** What becomes of a line, place by place; undefined where nothing of it is found there. */
function becoming(line: string, edits: readonly Replacement[]): readonly string[] | undefined {
  const steps: string[] = [];
  for (const { pattern, by } of edits) {
    const before = steps.at(-1) ?? line;
    const places = [...before.matchAll(pattern)];
    if (places.length === 0) return undefined;
    // from the last on, so that the places before it stay where they are
    for (const { index, 0: found } of places.toReversed()) {
      const now = steps.at(-1) ?? line;
      steps.push(
        `${now.slice(0, index)}${found.replace(new RegExp(pattern.source, 'su'), by)}${now.slice(index + found.length)}`,
      );
    }
  }
  return steps;
}

/** Only a name that is one word, in the keyword/value form, is found again. */
function replacementFor({ name, instead }: Word, text: string): readonly Replacement[] | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/u.test(name) || text.includes('://')) return undefined;
  return instead === undefined
    ? // the value: up to the next blank, or in the doubled quotes of the file
      [
        {
          sed: `s/\\([[:space:]'"]\\)${name}[[:space:]]*=[[:space:]]*\\(''[^']*''\\|[^[:space:]']*\\)[[:space:]]*/\\1/g`,
          pattern: new RegExp(`([\\s'"])${name}\\s*=\\s*(?:''[^']*''|[^\\s']*)\\s*`, 'gu'),
          by: '$1',
        },
      ]
    : [
        {
          sed: `s/\\([[:space:]'"]\\)${name}\\([[:space:]]*=\\)/\\1${instead}\\2/g`,
          pattern: new RegExp(`([\\s'"])${name}(\\s*=)`, 'gu'),
          by: `$1${instead}$2`,
        },
      ];
}
