import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Step } from '../../facts/report.ts';
import type { DataDirectory, RunningStandby, StandbyConninfo, StandbyControl } from '../../facts/standby.ts';
import { backupName } from '../../remedies/edit-file.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { manual, shell, sql } from '../../remedies/remedy.ts';
import { intoUse } from '../standby/signal.ts';

export interface Seen {
  readonly now: Date;
  readonly dataDirectory: DataDirectory;
  readonly standbyControl: Observed<StandbyControl>;
  readonly runningStandby: Observed<RunningStandby>;
}

/**
 * Corrects one word of primary_conninfo in the very line where it stands, so that a password beside it stays as it is
 * and is not shown. `word`: the keyword that is wrong, and what belongs there (undefined: it is taken out).
 */
export function correcting(
  seen: Seen,
  conninfo: StandbyConninfo,
  word: { readonly name: string; readonly instead: string | undefined } | undefined,
): readonly Step[] {
  const edit = word === undefined ? undefined : sedFor(word, conninfo.text ?? '');
  return inItsLine(
    seen,
    conninfo,
    edit === undefined ? undefined : [edit],
    "keyword=value pairs between single quotes, such as primary_conninfo = 'host=db1 port=5432 user=replicator'; a single quote within is doubled",
  );
}

/**
 * Changes the line where primary_conninfo stands by these commands of sed, and takes it into use. Where it is undefined
 * what would be typed, a person edits the line: `what` says how it is to read.
 */
export function inItsLine(
  { now, dataDirectory, standbyControl, runningStandby }: Seen,
  { file, line }: StandbyConninfo,
  edits: readonly string[] | undefined,
  what: string,
): readonly Step[] {
  const runs = dataDirectory.postmaster?.process === 'running';
  const apply =
    runs && ifSeen(runningStandby) !== undefined
      ? sql('standby', 'SELECT pg_reload_conf();')
      : intoUse(standbyControl, dataDirectory);
  if (file === undefined || line === undefined)
    return [
      manual(
        'standby',
        `Correct primary_conninfo in the command that starts the server, where it stands and beats every file (${what}), and start the server anew.`,
      ),
    ];
  const copy = backupName(file, now);
  const saved = shell('standby', `cp -p ${shellWord(file)} ${shellWord(copy)}`);
  if (edits === undefined) return [saved, manual('standby', `Edit line ${line} of ${file}: ${what}.`), apply];
  const script = edits.map((edit) => `-e ${shellWord(`${line}${edit}`)}`).join(' ');
  return [saved, shell('standby', `sed ${script} ${shellWord(copy)} > ${shellWord(file)}`), apply];
}

/** Only a name that is one word, in the keyword/value form, is found again by sed. */
function sedFor({ name, instead }: NonNullable<Parameters<typeof correcting>[2]>, text: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/u.test(name) || text.includes('://')) return undefined;
  return instead === undefined
    ? // the value: up to the next blank, or in the doubled quotes of the file
      `s/\\([[:space:]'"]\\)${name}[[:space:]]*=[[:space:]]*\\(''[^']*''\\|[^[:space:]']*\\)[[:space:]]*/\\1/`
    : `s/\\([[:space:]'"]\\)${name}\\([[:space:]]*=\\)/\\1${instead}\\2/`;
}
