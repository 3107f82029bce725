import { baseBackupOptions } from '../../postgres/basebackup-options.ts';
import { statusOfReport } from './help-page.ts';
import type { HelpPage } from './help-page.ts';
import { outputNotes, outputOption } from '../options/outputs.ts';
import { ownOptions, targetOption } from '../options/own-options.ts';

/** The help of `preflight` and `clone`, from the tables that their options are read by. */
export const baseBackupPage = (command: 'preflight' | 'clone'): HelpPage => ({
  command,
  operands: [['pg_basebackup'], []],
  usage: '[pg_basebackup] -D DIRECTORY [OPTION]...',
  options: [
    { title: 'Options of standbylint', options: [outputOption, targetOption, ...ownOptions(command)] },
    {
      title: 'Options of pg_basebackup (in parentheses: the first release that has it)',
      options: baseBackupOptions.map((option) => ({
        ...option,
        help: `${option.help}${option.since > 13 ? ` (${option.since})` : ''}`,
      })),
    },
  ],
  notes: [
    'The environment (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGPASSFILE, PGSERVICE, PGSSLMODE, ...), the password file and the service file work as they do for libpq.',
    ...outputNotes,
  ],
  ...texts[command],
});

const texts = {
  preflight: {
    does: [
      'standbylint preflight checks whether pg_basebackup with these options would succeed and whether the standby would stream.',
      'Without --fix it changes nothing.',
    ],
    status: statusOfReport,
    examples: [
      ['pg_basebackup -h db1 -U replicator -D /srv/standby -R', 'check your own command line'],
      ['-h db1 -D /srv/standby -R --fix --admin "host=db1"', 'fix what it finds, asking before each step'],
    ],
  },
  clone: {
    does: [
      'standbylint clone does what preflight does.',
      'If nothing prevents it, it then runs pg_basebackup with these options and verifies the base backup.',
    ],
    status: [
      [0, 'the base backup was made and verified; with --start, the standby streams'],
      [1, 'a problem was found, or a step failed'],
      [3, 'no step failed, but a check that could reveal an error could not run'],
    ],
    examples: [
      ['-h db1 -U replicator -D /srv/standby -R --dry-run', 'show the commands that it would run'],
      ['-h db1 -U replicator -D /srv/standby -R --start', 'make the standby, start it, and wait until it streams'],
    ],
  },
} as const;
