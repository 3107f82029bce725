import { optionLine } from './option-line.ts';
import { postmortemOptions } from './postmortem-options.ts';

/** The help of `postmortem`, from the table that its options are read by. */
export const postmortemHelp =
  (): string => `standbylint postmortem finds what is wrong with an existing standby, and how
to recover it. Without --fix it changes nothing.

Usage:
  standbylint postmortem -D DIRECTORY [OPTION]...

Options:
${postmortemOptions.map(optionLine).join('\n')}

Run it as the user of the standby's server, or as root: it reads the data
directory and connects to the primary as the standby itself would.
`;
