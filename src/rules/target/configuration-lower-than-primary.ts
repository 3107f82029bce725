import { integerOf } from '../../facts/settings.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { safe } from '../../remedies/remedy.ts';
import { parseInteger, settingsNotLowerOnStandby } from '../../postgres/settings.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const configurationLowerThanPrimary = defineRule({
  id: 'target/configuration-lower-than-primary',
  title: "The standby's settings on this machine are lower than the primary's",
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone'],
  needs: ['preparedConfiguration', 'primarySettings', 'now'],
  messages: ['hot-standby-not-possible', 'hot-standby-param-13', 'recovery-aborted-params'],
  docs: {
    what: 'Reads the configuration that this machine has for a server on the target directory (Debian: /etc/postgresql/N/NAME/postgresql.conf and its include files), and compares the five settings that must be at least as high on a hot standby as on its primary.',
    why: 'The base backup succeeds, but the standby does not start: recovery aborts because of insufficient parameter settings.',
    notes:
      "A setting that is not in any file has its default, which is compared as well. If the base backup includes the configuration files, the standby uses the primary's settings and the rule does not apply.",
    references: [
      "Hot Standby, Administrator's Overview: https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN",
      'src/backend/access/transam/xlogrecovery.c: RecoveryRequiresIntParameter()',
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
      message: `The standby will use ${file}, which has ${list}. A standby does not start with lower values than its primary.`,
      where: at('client', undefined, first.set?.file ?? file, first.set?.line),
      evidence: lower.map(({ name, here, set }) =>
        evidence(name, String(here), set === undefined ? 'default' : `${set.file} line ${set.line}`),
      ),
      remedy: safe(
        "Raise them to the primary's values.",
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
