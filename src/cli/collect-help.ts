import type { HelpPage } from './help-page.ts';
import { collecting } from './own-options.ts';

/** The help of `collect`. */
export const collectPage: HelpPage = {
  command: 'collect',
  does: [
    'standbylint collect looks as preflight or postmortem does, and writes what it sees to a file.',
    '"standbylint analyze" judges the file on any machine, at any time, without a connection.',
    'It changes nothing.',
  ],
  operands: [['preflight', 'postmortem'], []],
  usage: 'preflight|postmortem [OPTION]... -o FACTS',
  options: [{ title: 'Options', options: collecting }],
  notes: [
    'It also takes the options of the command that say where to look: those of pg_basebackup for preflight; -D, --standby, --log and --log-bytes for postmortem. The options of the report belong to analyze.',
    'The file holds no passwords and no keys. It holds names, addresses, paths and excerpts of logs, and only its owner can read it. With --redact, names, addresses and paths are replaced: the same by the same, and what is inside of what stays.',
  ],
  status: [[0, 'the facts were written']],
  examples: [
    ['postmortem -D /var/lib/postgresql/15/main -o standby.facts', 'the facts of a broken standby'],
    ['preflight -h db1 -D /srv/standby -R -o copy.facts', 'those of a base backup to be made'],
  ],
};
