import type { ConnectionPlan, Passfile } from '../facts/connection.ts';
import type { Side, Step } from '../findings/report.ts';
import { askingForPassword, typedInPassfile } from './asked-password.ts';
import { backupName, editFile } from './edit-file.ts';
import { shellWord } from './quoting.ts';
import { manual, shell } from './remedy.ts';

/** What libpq looks a password of a replication connection up by. */
export interface PassfileEntry {
  readonly host: string;
  readonly hostaddr?: string | undefined;
  readonly port: number;
  readonly isSocket?: boolean;
  readonly user: string;
}

/** What the line of a password file has to name: the first of the hosts. */
export const passfileEntry = ({ hosts, user }: Pick<ConnectionPlan, 'hosts' | 'user'>): PassfileEntry => ({
  ...(hosts[0] ?? { host: '', port: 5432 }),
  user,
});

/** Puts a line into a password file, which is made where there is none: for its owner alone, or libpq leaves it aside. */
export function addPassfileLine(on: Side, passfile: Passfile, entry: PassfileEntry, now: Date): Step {
  const { path, state, written } = passfile;
  const fields = fieldsOf(entry);
  const absent = state.kind === 'absent';
  const isSeen = state.kind !== 'not-asked' && state.kind !== 'not-seen';
  const end = written?.crlf === true ? String.raw`\r\n` : String.raw`\n`;
  const printed = `printf '${absent ? '' : end}%s%s${end}' ${shellWord(fields)} ${typedInPassfile} >> ${shellWord(path)}`;
  const before =
    isSeen && !absent ? `cp -p ${shellWord(path)} ${shellWord(backupName(path, now))} &&\n` : 'umask 077 && ';
  const text = askingForPassword(`${before}${printed}`);
  if (!isSeen) return { ...shell(on, text, 'edit-file', path), asksPassword: true };
  const step = editFile(
    on,
    { file: path, now, written, absent, secret: true },
    { act: 'append', lines: [`${fields}<password>`] },
  );
  return { ...step, text, asksPassword: true };
}

/** Puts another password into a line of a password file. */
export function changePassfileLine(on: Side, { path, written }: Passfile, line: number, now: Date): Step {
  const was = written?.lines[line - 1];
  const fields = was?.endsWith('***') === true ? was.slice(0, -3) : undefined;
  // bytes that are no characters cannot be printed
  if (fields === undefined || /[\uFFFD\p{Cc}]/u.test(fields))
    return manual(
      on,
      `Correct the password in line ${line} of ${path} (a colon or a backslash in it is written \\: or \\\\).`,
    );
  const step = editFile(
    on,
    { file: path, now, written, secret: true },
    { act: 'replace', line, becomes: [`${fields}<password>`] },
  );
  const end = written?.crlf === true ? String.raw`\r\n` : String.raw`\n`;
  const typed = `printf '%s%s${end}' ${shellWord(fields)} ${typedInPassfile}`;
  return { ...step, text: askingForPassword(lineExchanged(path, line, typed, now)), asksPassword: true };
}

/**
 * Exchanges a line of a file for what a command prints: in a new file of the same owner and mode, which then takes the
 * place of the old one, so that nothing is lost where it ends halfway.
 */
export function lineExchanged(file: string, line: number, printing: string, now: Date): string {
  const [from, to, made] = [backupName(file, now), file, `${file}.new`].map(shellWord);
  const above = line > 1 ? `head -n ${line - 1} ${from}; ` : '';
  return `cp -p ${to} ${from} && cp -p ${to} ${made} &&
{ ${above}${printing}; tail -n +${line + 1} ${from}; } > ${made} &&
mv ${made} ${to}`;
}

/**
 * The four fields before the password (fe-connect.c, passwordFromFile). For libpq's own socket directory the host is
 * `localhost`, for another one its path: `*` is right for both.
 */
function fieldsOf({ host, hostaddr, port, isSocket, user }: PassfileEntry): string {
  const name = isSocket === true ? '*' : host === '' ? (hostaddr ?? '*') : host;
  return [name, String(port), 'replication', user, '']
    .map((field) => field.replaceAll(/[\\:]/gu, String.raw`\$&`))
    .join(':');
}
