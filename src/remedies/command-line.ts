import type { BaseBackupCommand, CommandLineChange, SettableKeyword } from '../facts/base-backup.ts';
import type { Step } from '../findings/report.ts';
import { formatConninfo } from '../postgres/conninfo-format.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import { asRoot, shell } from './remedy.ts';
import { shellWord } from './quoting.ts';

export type Change = CommandLineChange;

/**
 * The whole corrected command line, as what to type next: preflight on it. What is added stands at its end. A password that
 * stood in `-d` is the placeholder, like everywhere.
 */
export const checkAgain = (command: BaseBackupCommand, change: Change): Step => ({
  ...shell('client', checkAgainText(command, change), 'check-again'),
  correction: change,
});

/** The same for another user, whom only root can become. */
export const checkAgainAs = (command: BaseBackupCommand, user: string): Step => ({
  ...asRoot('client', checkAgainText(command, { user }), 'check-again'),
  correction: { user },
});

/**
 * A parameter of the connection, set where it decides: in the environment where that (or nothing) said it, else in `-d`,
 * which beats a service file, as a service file beats the environment (fe-connect.c, conninfo_add_defaults). `source` is
 * the plan's word for where the value comes from.
 */
export function setParameter(keyword: SettableKeyword, value: string, source: string): Change {
  return source.startsWith('PG') || source === 'the default'
    ? { environment: { [variables[keyword]]: value } }
    : { conninfo: { [keyword]: value } };
}

/** The same as text, for a sentence that says who can type it. */
export function checkAgainText(command: BaseBackupCommand, change: Change): string {
  const environment = Object.entries(change.environment ?? {}).map(([name, value]) => `${name}=${shellWord(value)} `);
  const user = change.user === undefined ? '' : `runuser -u ${shellWord(change.user)} -- `;
  const own = command.own.map((word) => `${shellWord(word).replaceAll('***', '<password>')} `).join('');
  const line = commandLine(command, change, command.place === undefined ? '' : `${command.place}:`);
  return `${environment.join('')}${user}standbylint preflight ${own}${line}`;
}

/** The pg_basebackup command line itself, changed. `beforeDirectory`: what is written before that of -D. */
export function commandLine(command: BaseBackupCommand, change: Change, beforeDirectory = ''): string {
  const out = new Set([...(change.without ?? []), ...(change.conninfo === undefined ? [] : ['dbname'])]);
  const connection = change.conninfo === undefined ? [] : ['-d', conninfoWith(command, change.conninfo)];
  const kept = command.options.filter(({ name }) => !out.has(name)).flatMap(({ words }) => words);
  const words = [change.program ?? command.program ?? 'pg_basebackup', ...connection, ...kept, ...(change.with ?? [])];
  const placed = words.map((word, at) => (words[at - 1] === '-D' ? `${beforeDirectory}${word}` : word));
  return placed.map(shellWord).join(' ').replaceAll('***', '<password>');
}

/** A URI becomes the other form: its parameters mean the same there. */
function conninfoWith({ connection }: BaseBackupCommand, parameters: NonNullable<Change['conninfo']>): string {
  const given = connection.conninfo === undefined ? undefined : parseConninfo(connection.conninfo);
  return formatConninfo({ ...(given?.ok === true ? given.value.values : {}), ...parameters });
}

const variables = {
  passfile: 'PGPASSFILE',
  sslmode: 'PGSSLMODE',
  sslcertmode: 'PGSSLCERTMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslcrl: 'PGSSLCRL',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
  gssencmode: 'PGGSSENCMODE',
  channel_binding: 'PGCHANNELBINDING',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  require_auth: 'PGREQUIREAUTH',
  client_encoding: 'PGCLIENTENCODING',
  options: 'PGOPTIONS',
} as const;
