import { reload, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { skippedSettings } from '../../derived/skipped-settings.ts';
import { placeOf, whereItStands } from '../../derived/conninfo-source.ts';

export const notApplied = defineRule({
  id: 'conninfo/not-applied',
  title: 'primary_conninfo was changed but not reloaded',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'runningStandby'],
  wants: ['serverFiles'],
  explains: ['streaming/not-connected', 'streaming/not-seen-by-primary', 'streaming/wrong-upstream'],
  docs: {
    what: 'Compares primary_conninfo in the files with the value in the running server (pg_settings).',
    why: 'A change in a file takes effect only after a reload: until then, the standby follows the old value.',
    notes:
      'A reload is enough, and the WAL receiver restarts by itself. Passwords are not compared. Only roles that can read all of pg_settings can read primary_conninfo.',
    references: [
      'primary_conninfo: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-PRIMARY-CONNINFO',
    ],
  },
  judge({ standbyConninfo: conninfo, runningStandby, serverFiles }) {
    const skipped = skippedSettings(serverFiles);
    if (skipped !== undefined) return notApplicable(`the server cannot read ${skipped.path}, see standby/files-closed`);
    const inForce = runningStandby.settings.get('primary_conninfo')?.value;
    // pg_settings shows it only to a superuser and to members of pg_read_all_settings
    if (inForce === undefined) return notApplicable('the connection to the standby cannot read primary_conninfo');
    const inFile = conninfo.text ?? '';
    if (same(inForce, inFile))
      return pass(
        inFile === ''
          ? 'primary_conninfo is empty in the files and in the running server'
          : `the running server uses the value in ${placeOf(conninfo)}`,
      );
    return fail({
      message: `${conninfo.text === undefined ? 'The files do not set primary_conninfo' : `primary_conninfo was changed in ${placeOf(conninfo)}`}, but the running server still ${inForce === '' ? 'has none' : 'has another value'} and uses that until a reload.`,
      where: whereItStands(conninfo),
      evidence: [
        evidence('in the files', inFile === '' ? '(empty)' : inFile, placeOf(conninfo)),
        evidence('in force', inForce === '' ? '(empty)' : inForce, 'pg_settings'),
      ],
      remedy: safe('Reload. The WAL receiver restarts by itself.', reload('standby')),
    });
  },
});

/** Both are masked, and not in the same way: what matters is the rest. */
const same = (one: string, other: string): boolean => bare(one) === bare(other);

const bare = (conninfo: string): string =>
  conninfo
    .replaceAll(/(password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|\S+)/giu, '$1***')
    .replaceAll(/\s+/gu, ' ')
    .trim();
