import { statusOfReport } from './help-page.ts';
import type { HelpPage } from './help-page.ts';
import { outputNotes } from '../options/outputs.ts';
import { postmortemOptions } from '../options/postmortem-options.ts';

/** The help of `postmortem`, from the table that its options are read by. */
export const postmortemPage: HelpPage = {
  command: 'postmortem',
  does: [
    'standbylint postmortem finds what is wrong with an existing standby, and how to recover it.',
    'Without --fix it changes nothing.',
  ],
  usage: '-D DIRECTORY [OPTION]...',
  options: [{ title: 'Options', options: postmortemOptions }],
  notes: [
    "Run it as the user of the standby's server, or as root: it reads the data directory and connects to the primary as the standby itself would.",
    ...outputNotes,
  ],
  status: statusOfReport,
  examples: [
    ['-D /var/lib/postgresql/15/main', 'say why this standby does not follow its primary'],
    ['-D docker:standby1 --admin "host=db1 user=postgres"', 'the same for one in a container, seen from both sides'],
  ],
};
