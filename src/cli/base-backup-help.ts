import { baseBackupOptions } from '../postgres/basebackup-options.ts';
import { optionLine } from './option-line.ts';
import { ownOptions } from './own-options.ts';

/** The help of `preflight` and `clone`, from the tables that their options are read by. */
export function baseBackupHelp(command: 'preflight' | 'clone'): string {
  return `${intros[command]}
Usage:
  standbylint ${command} [pg_basebackup] [OPTION]...

Options of standbylint:
      --format=stylish|json  the report as text (default), or one JSON object
${ownOptions(command).map(optionLine).join('\n')}

Options of pg_basebackup, with the release that added those that not all of
13 to 18 have:
${baseBackupOptions.map((option) => optionLine({ ...option, help: `${option.help}${option.since > 13 ? ` (${option.since})` : ''}` })).join('\n')}

The environment (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGPASSFILE, PGSERVICE,
PGSSLMODE, ...), the password file and the service file work as they do for
libpq.
`;
}

const intros = {
  preflight: `standbylint preflight checks whether pg_basebackup with these options would
succeed and whether the standby would stream. Without --fix it changes nothing.
`,
  clone: `standbylint clone does what preflight does; if nothing prevents it, it then
runs pg_basebackup with these options and verifies the base backup.
`,
};
