import type { Explanation } from '../explanation.ts';
import { hbaLines } from './hba-lines.ts';
import { settings } from './settings.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { table } from './table.ts';

/** pg_hba_file_rules: what the file says, judged as its lines are. */
export function hbaRules(text: string): Explanation | undefined {
  const rows = table(text, 'database', 'auth_method') ?? table(text, 'user_name', 'auth_method');
  if (rows === undefined || rows.length === 0) return undefined;
  const lines = rows.flatMap((row) => lineOf(row) ?? []);
  // a refusal in the same text says which connection the lines have to let in
  const refusal = /no pg_hba\.conf entry for [^\n]+/iu.exec(text)?.[0] ?? '';
  const judged = lines.length === 0 ? undefined : hbaLines(`${lines.join('\n')}\n${refusal}`);
  const broken = rows.flatMap((row): readonly Finding[] => {
    const error = row.get('error') ?? '';
    return error === ''
      ? []
      : [
          finding(
            `Line ${row.get('line_number') ?? ''} of pg_hba.conf has an error: ${error}. The server keeps its old rules, all of them, and does not start with such a file.`.replace(
              'Line  of',
              'A line of',
            ),
            'hba/invalid-line',
          ),
        ];
  });
  if (judged === undefined && broken.length === 0) return undefined;
  return shape({
    text: 'pg_hba_file_rules',
    means:
      'This is output of pg_hba_file_rules: what pg_hba.conf says now, whether the server has loaded it or not. The first line that matches a connection decides.',
    candidates: [...broken, ...(judged?.candidates ?? [])],
    advice: judged?.advice ?? 'After a change: SELECT pg_reload_conf(); then look at pg_hba_file_rules for errors.',
    where: 'to see whether it lets a standby in',
    command:
      judged?.next[0]?.command ??
      'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  });
}

function lineOf(row: ReadonlyMap<string, string>): string | undefined {
  const list = (name: string): string => (row.get(name) ?? '').replaceAll(/[{}"]/gu, '');
  const method = row.get('auth_method') ?? '';
  const [database, user] = [list('database'), list('user_name')];
  if (method === '' || database === '' || (row.get('error') ?? '') !== '') return undefined;
  const address = row.get('address');
  const type = row.get('type') ?? (address === '' ? 'local' : 'host');
  const place =
    type === 'local' ? '' : address === undefined ? ' all' : ` ${address}${maskOf(address, row.get('netmask') ?? '')}`;
  return `${type} ${database} ${user === '' ? 'all' : user}${place} ${method}`;
}

const maskOf = (address: string, mask: string): string =>
  mask === '' || !/^[\d.]+$|:/u.test(address) ? '' : ` ${mask}`;

/** Rows of pg_settings, judged as lines of postgresql.conf are. */
export function settingsView(text: string): Explanation | undefined {
  const rows = table(text, 'name', 'setting')?.filter((row) => /^[a-z_]+$/u.test(row.get('name') ?? ''));
  if (rows === undefined || rows.length === 0) return undefined;
  const judged = settings(rows.map((row) => `${row.get('name') ?? ''} = '${row.get('setting') ?? ''}'`).join('\n'));
  if (judged === undefined) return undefined;
  const waiting = rows.filter((row) => row.get('pending_restart')?.startsWith('t') === true);
  return shape({
    text: judged.text,
    means: 'These are rows of pg_settings: what is in force on this server.',
    candidates: [
      ...waiting.map((row) =>
        finding(
          `${row.get('name') ?? ''} was changed, and the server still runs with ${row.get('setting') ?? ''}: the new value needs a restart, a reload is not enough.`,
          'primary/pending-restart',
        ),
      ),
      ...judged.candidates.filter(
        ({ cause }) => !waiting.some((row) => cause.startsWith(`${row.get('name') ?? ''} = `)),
      ),
    ],
    command: postmortem,
  });
}
