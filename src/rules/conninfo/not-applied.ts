import { reload, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { placeOf, whereItStands } from './source.ts';

export const notApplied = defineRule({
  id: 'conninfo/not-applied',
  title: 'The running standby does not use the primary_conninfo of its files yet',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['standbyConninfo', 'runningStandby'],
  explains: ['streaming/not-connected', 'streaming/not-seen-by-primary', 'streaming/wrong-upstream'],
  docs: {
    what: 'Compares primary_conninfo in the files with the one that the running server has (pg_settings).',
    why: 'What was changed in a file counts only after a reload: until then the standby follows the old value.',
    notes:
      'Since 13 a reload suffices, and the WAL receiver starts again by itself. Passwords are not compared: who may not see pg_settings in full sees none of it.',
    references: ['PostgreSQL manual, section 19.6.3, Standby Servers, primary_conninfo'],
  },
  judge({ standbyConninfo: conninfo, runningStandby }) {
    const inForce = runningStandby.settings.get('primary_conninfo')?.value;
    // pg_settings shows it only to a superuser and to members of pg_read_all_settings
    if (inForce === undefined) return notApplicable('the login to the standby may not see primary_conninfo');
    const inFile = conninfo.text ?? '';
    if (same(inForce, inFile))
      return pass(
        inFile === ''
          ? 'primary_conninfo is empty in the files and in the running server'
          : `the running server has what ${placeOf(conninfo)} says`,
      );
    return fail({
      message: `${conninfo.text === undefined ? 'The files do not set primary_conninfo' : `${placeOf(conninfo)} says one thing`}, and the running server ${inForce === '' ? 'has none' : 'still has another value'}: it follows that until a reload.`,
      where: whereItStands(conninfo),
      evidence: [
        evidence('in the files', inFile === '' ? '(empty)' : inFile, placeOf(conninfo)),
        evidence('in force', inForce === '' ? '(empty)' : inForce, 'pg_settings'),
      ],
      remedy: safe('Reload; the WAL receiver starts again by itself.', reload('standby')),
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
