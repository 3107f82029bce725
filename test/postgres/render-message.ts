import type { CatalogueEntry } from '../../src/postgres/messages/catalogue.ts';

/**
 * A text as PostgreSQL would print it for an entry: the format with values that suit their places, and what stands around
 * it (severity, SQLSTATE, the program's name) where it has any.
 */
export function renderedRecord(entry: CatalogueEntry): string {
  const text = renderedText(entry);
  if (entry.part !== undefined) return text;
  if (entry.noLogPrefix) return text;
  if (entry.speaker === 'program')
    return entry.format.startsWith('%s: ') ? text : `${entry.program ?? 'pg_basebackup'}: ${level(entry)}${text}`;
  if (entry.speaker === 'libpq' && entry.generic)
    return `pg_basebackup: error: connection to server at "db1" (10.0.0.5), port 5432 failed: ${text}`;
  if (entry.speaker === 'libpq') return text.startsWith('WARNING: ') ? text : `pg_basebackup: error: ${text}`;
  if (entry.speaker === 'system') return text;
  const label = entry.severity ?? 'ERROR';
  // csvlog's and a verbose log's state; errno's and the unknown ones are left out
  const [state] = entry.sqlstates;
  const indented = text.replaceAll('\n', '\n\t');
  return `2026-11-21 20:26:18.934 UTC [25512] ${label}:  ${state === undefined ? '' : `${state}: `}${indented}`;
}

const level = ({ severity }: CatalogueEntry): string =>
  severity === undefined ? 'error: ' : severity === 'WARNING' ? 'warning: ' : '';

export function renderedText(entry: CatalogueEntry): string {
  const first = entry.speaker === 'program' ? (entry.program ?? 'pg_ctl') : 'postgres';
  let number = 0;
  return entry.format
    .replace(/^%s: /u, `${first}: `)
    .replace(/^%s does not know/u, 'postgres does not know')
    .replaceAll(/%X\/%(?:08)?X/gu, '0/12000028')
    .replaceAll(/%(?:%|[-0-9.]*(?:ll|l|z)?[a-zA-Z])/gu, (conversion, at: number) => {
      if (conversion === '%%') return '%';
      if (conversion === '%c') return 'x';
      if (conversion === '%04X') return 'D10D';
      number += 1;
      if (/[udxX]$/u.test(conversion)) return String(number);
      return values[entry.id] ?? textValue(entry.format.slice(0, at));
    });
}

const values: Readonly<Record<string, string>> = {
  'hba-could-not-open': '/srv/data/pg_hba.conf',
  'hba-could-not-open-hba-13': '/srv/data/pg_hba.conf',
  'windows-sharing-violation': 'sharing violation',
  'recovery-command-failed': 'archive_cleanup_command',
  'hba-not-reloaded': 'pg_hba.conf',
  'could-not-load-hba': '/srv/data/pg_hba.conf',
  'tls-accept-errno': 'Connection reset by peer',
};

function textValue(before: string): string {
  if (/segment (?:file )?"?$/u.test(before)) return '000000010000000000000004';
  if (/(?:file|directory|path|link) "$/u.test(before)) return '/srv/data/some thing';
  return 'something else';
}
