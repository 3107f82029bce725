import { checkAgain } from '../../remedies/command-line.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import type { Fault } from '../../findings/judgement.ts';

export const mappingMatchesNothing = defineRule({
  id: 'target/mapping-matches-nothing',
  title: 'A -T mapping does not match any tablespace of the primary',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'tablespaces'],
  docs: {
    what: "Compares the old directory of each `-T` with the locations of the primary's tablespaces.",
    why: 'pg_basebackup silently ignores a mapping that does not match, and writes the tablespace to the same path as on the primary.',
    notes: 'The comparison is literal, as in pg_basebackup: a symbolic link to the same directory does not match.',
    references: ['src/bin/pg_basebackup/pg_basebackup.c: get_tablespace_mapping()'],
  },
  judge({ baseBackup, tablespaces }) {
    const mappings = baseBackup.tablespaceMappings.flatMap(({ mapping }) => mapping ?? []);
    if (mappings.length === 0) return notApplicable('no -T is given');
    const locations = tablespaces.map(({ location }) => location).filter((location) => location !== '');
    const faults = mappings
      .filter(({ from }) => !locations.includes(from))
      .map(({ from, to }): Fault => ({
        message: `-T ${from}=${to} has no effect: the primary has no tablespace in ${from}.`,
        where: at('client'),
        evidence: [
          evidence(
            'tablespaces of the primary',
            locations.length === 0 ? 'none' : locations.join(', '),
            'pg_tablespace_location()',
          ),
        ],
        remedy: safe(
          'Use a tablespace location of the primary, or remove the option.',
          locations.length === 0
            ? checkAgain(baseBackup, { without: ['tablespace-mapping'] })
            : manual('client', `Give -T one of these as its old directory: ${locations.join(', ')}.`),
        ),
      }));
    const [first, ...others] = faults;
    return first === undefined
      ? pass(`each -T matches a tablespace: ${mappings.map(({ from }) => from).join(', ')}`)
      : fail(first, ...others);
  },
});
