import { integerOf } from '../../facts/settings.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { parseInteger, settingsNotLowerOnStandby } from '../../postgres/settings.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const configurationLowerThanPrimary = defineRule({
  id: 'target/configuration-lower-than-primary',
  title: "This machine's configuration for the standby is lower than the primary's",
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone'],
  needs: ['preparedConfiguration', 'primarySettings', 'now'],
  says: [
    'hot standby is not possible because of insufficient parameter settings',
    // 13
    'hot standby is not possible because %s = %d is a lower setting than on the master server (its value was %d)',
    'recovery aborted because of insufficient parameter settings',
  ],
  docs: {
    what: 'Reads the configuration that this machine has for a server on the target (Debian: /etc/postgresql/N/NAME/postgresql.conf and what it includes), and compares the five settings that a hot standby must have at least as high as its primary.',
    why: 'The copy will finish, and the server will not start: it aborts recovery because of insufficient parameter settings.',
    notes:
      "A setting that no file mentions has its default, which is compared as well. Where the configuration comes with the copy, it is the primary's own and the rule does not apply.",
    references: [
      "PostgreSQL manual, section 26.4.3, Administrator's Overview (hot standby)",
      'access/transam/xlogrecovery.c, RecoveryRequiresIntParameter()',
    ],
  },
  judge({ preparedConfiguration: { file, settings, written }, primarySettings, now }) {
    const lower = settingsNotLowerOnStandby.flatMap((name) => {
      const there = integerOf(primarySettings, name);
      const set = settings.get(name);
      const here = set === undefined ? defaults[name] : parseInteger(set.value);
      return there !== undefined && here !== undefined && here < there ? [{ name, there, here, set }] : [];
    });
    const [first] = lower;
    if (first === undefined)
      return pass(`${file}: none of ${settingsNotLowerOnStandby.join(', ')} is lower than on the primary`);
    const list = lower.map(({ name, here, there }) => `${name} = ${here} (primary: ${there})`).join(', ');
    const last = lastFileOf(
      file,
      lower.map(({ set }) => set?.file),
    );
    return fail({
      message: `${file} will be the standby's configuration, and it has ${list}. A standby does not start with less than its primary.`,
      where: at('client', undefined, first.set?.file ?? file, first.set?.line),
      evidence: lower.map(({ name, here, set }) =>
        evidence(name, String(here), set === undefined ? 'default' : `${set.file} line ${set.line}`),
      ),
      remedy: safe(
        'Raise them to what the primary has.',
        editFile(
          'client',
          { file: last, now, written: written?.get(last) },
          { act: 'append', lines: lower.map(({ name, there }) => `${name} = ${there}`) },
        ),
      ),
    });
  },
});

/** utils/misc/guc_tables.c, boot_val: the same from 13 to 18. */
const defaults: Readonly<Record<(typeof settingsNotLowerOnStandby)[number], number>> = {
  max_connections: 100,
  max_worker_processes: 8,
  max_wal_senders: 10,
  max_prepared_transactions: 0,
  max_locks_per_transaction: 64,
};

/** Where lines must stand to win: in the file of the low values if that is one, else at the end of the main file. */
function lastFileOf(main: string, files: readonly (string | undefined)[]): string {
  const [first, ...others] = files;
  return first !== undefined && others.every((file) => file === first) ? first : main;
}
