import type { HelpPage } from './help-page.ts';
import { recording, targetOption } from '../options/own-options.ts';

const operands = [['preflight', 'postmortem'], []] as const;

const alsoTakes =
  'It also takes the options of the command that say where to look: those of pg_basebackup for preflight; -D, --standby, --log and --log-bytes for postmortem. The options of the report belong to analyze.';

/** The help of `collect`. */
export const collectPage: HelpPage = {
  command: 'collect',
  does: [
    'standbylint collect looks as preflight or postmortem does, and writes what it finds to a file.',
    '"standbylint analyze" judges the file on any machine, at any time, without a connection.',
    'It changes nothing.',
  ],
  operands,
  usage: 'preflight|postmortem [OPTION]... -o FACTS',
  options: [{ title: 'Options', options: [targetOption, ...recording.collect] }],
  notes: [
    alsoTakes,
    'The file holds no passwords and no keys. It holds names, addresses, paths and excerpts of logs, and only its owner can read it. With --redact, names, addresses and paths are replaced: the same by the same, and what is inside of what stays.',
  ],
  status: [[0, 'the facts were written']],
  examples: [
    ['postmortem -D /var/lib/postgresql/15/main -o standby.facts', 'the facts of a broken standby'],
    ['preflight -h db1 -D /srv/standby -R -o copy.facts', 'those of a base backup to be made'],
  ],
};

/** The help of `bundle`. */
export const bundlePage: HelpPage = {
  command: 'bundle',
  does: [
    'standbylint bundle looks as preflight or postmortem does, and writes one file for a support engineer: the facts, the ends of the logs, the configuration files, and what pg_controldata prints.',
    'It lists what goes in, and asks before it writes. It changes nothing.',
  ],
  operands,
  usage: 'preflight|postmortem [OPTION]... -o BUNDLE.tar.gz',
  options: [{ title: 'Options', options: [targetOption, ...recording.bundle] }],
  notes: [
    alsoTakes,
    'Passwords and keys are masked, and statements of clients are left out of the logs. Only files in the directories of the server go in, and only the owner of the bundle can read it. With --redact, names, addresses and paths are replaced in all of it.',
  ],
  status: [
    [0, 'the bundle was written'],
    [1, 'it was declined'],
  ],
  examples: [
    ['postmortem -D /var/lib/postgresql/15/main -o db2.tar.gz', 'what is known of a broken standby'],
    ['postmortem -D /srv/standby -o db2.tar.gz --redact --yes', 'without names, and without a question'],
  ],
};
