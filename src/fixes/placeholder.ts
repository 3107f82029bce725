import type { FileEdit, Step } from '../findings/report.ts';
import type { Secret } from '../postgres/secret.ts';
import { identifier } from '../postgres/sql-quoting.ts';
import { scramVerifier } from './scram-verifier.ts';

/** The one placeholder of the steps. */
const placeholder = '<password>';

/** psql's own command, which asks for it. */
const inSql = /^(?:SELECT .* AS role \\gset\n)?\\password .+$/gmu;

/** Someone has to give a password before it can be taken. */
export const needsPassword = ({ text, edit, asksPassword }: Step): boolean =>
  asksPassword === true ||
  text.includes(placeholder) ||
  (edit?.changes.some((change) => change.text.includes(placeholder)) ?? false);

/**
 * Why a step cannot be taken without somebody seeing the password; undefined where it can: in SQL a verifier stands for it,
 * in a password file it stands itself.
 */
export function showsPassword(step: Step): string | undefined {
  if (!needsPassword(step)) return undefined;
  if (step.edit !== undefined)
    return step.edit.secret === true ? undefined : 'it would write the password to a file that is not a password file';
  if (step.kind === 'sql')
    return step.text.includes(placeholder)
      ? "the password would be in plain text in a statement, and so in the server's log"
      : undefined;
  return step.asksPassword === true
    ? 'its command asks for the password at the terminal'
    : 'its command would show the password in the list of processes';
}

/** The statement with a SCRAM verifier where the password belongs: a text to be run and never to be shown. */
export async function filledSql({ text, role = '' }: Step, password: Secret): Promise<string> {
  const verifier = await scramVerifier(password);
  return text.replaceAll(inSql, () => `ALTER ROLE ${identifier(role)} PASSWORD '${verifier.reveal()}';`);
}

/** A line of a password file, where `:` and `\` are escaped (fe-connect.c, passwordFromFile). */
export function filledEdit(edit: FileEdit, password: Secret): FileEdit {
  const text = password.reveal().replaceAll(/[:\\]/gu, String.raw`\$&`);
  return {
    ...edit,
    changes: edit.changes.map((change) => ({ ...change, text: change.text.replaceAll(placeholder, () => text) })),
  };
}
