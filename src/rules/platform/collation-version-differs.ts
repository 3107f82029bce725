import { ifSeen } from '../../facts/observed.ts';
import { isSortedBySystem } from '../../postgres/locales.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const collationVersionDiffers = defineRule({
  id: 'platform/collation-version-differs',
  title: 'Text may sort differently on this machine than on the primary',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['databases', 'localPlatform'],
  wants: ['primary', 'dataDirectory'],
  docs: {
    what: 'Compares the collation version that the primary has recorded for its databases (pg_database.datcollversion, 15 and later) with the version of the C library that the server on this machine uses.',
    why: 'The sort order of text changes between versions of the C library. An index built in one order does not work in another: queries miss rows, and unique constraints accept duplicates after a promotion.',
    notes:
      'Databases with locale C or POSIX, and those of the builtin provider, are not affected. The ICU version of this machine is known only while the server is running.',
    references: [
      'ALTER COLLATION, Notes: https://www.postgresql.org/docs/current/sql-altercollation.html#SQL-ALTERCOLLATION-NOTES',
      'PostgreSQL wiki, Locale data changes: https://wiki.postgresql.org/wiki/Locale_data_changes',
    ],
  },
  judge({ databases, localPlatform: { libcVersion }, primary, dataDirectory }) {
    const exists = dataDirectory.status === 'seen';
    const side = exists ? 'standby' : 'client';
    const sensitive = databases.filter(isSortedBySystem);
    if (sensitive.length === 0)
      return pass('no database depends on the collations of the operating system (C, POSIX or builtin)');
    if (ifSeen(primary)?.sameMachine === true && libcVersion === undefined)
      return pass('the primary runs on this machine');
    const ofLibc = sensitive.filter(({ localeProvider }) => localeProvider === 'libc');
    const known = ofLibc.filter(({ collationVersion }) => collationVersion !== undefined);
    const other =
      libcVersion === undefined ? [] : known.filter(({ collationVersion }) => collationVersion !== libcVersion);
    if (other.length > 0 && libcVersion !== undefined)
      return fail({
        message: `Text in ${other.map(({ name }) => name).join(', ')} is sorted as in C library ${[...new Set(other.map(({ collationVersion }) => collationVersion))].join(', ')}, but the server on this machine uses ${libcVersion}. Indexes on text may return wrong results on the standby and after a promotion.`,
        where: at(side),
        evidence: [
          ...other.map(({ name, collate, collationVersion }) =>
            evidence(`database ${name} (${collate})`, collationVersion ?? '', 'pg_database.datcollversion'),
          ),
          evidence('C library of this machine', libcVersion, 'the library that postgres loads'),
        ],
        remedy: safe(
          'Use the same release of the operating system on both machines, or rebuild indexes after a promotion.',
          manual(
            side,
            `${exists ? 'Run' : 'Create'} the standby on a system with C library ${other[0]?.collationVersion ?? ''}. If it must be this system: after a promotion, REINDEX the indexes on text and then run ALTER DATABASE with REFRESH COLLATION VERSION for each database.`,
          ),
        ),
      });
    const icu = sensitive.find(({ localeProvider }) => localeProvider === 'icu');
    if (icu !== undefined)
      return unexamined({
        kind: 'tool',
        because: `database ${icu.name} uses ICU, whose version on this machine is known only while the server is running`,
      });
    if (libcVersion === undefined)
      return unexamined({
        kind: 'tool',
        because: 'the version of the C library that the server on this machine uses is not known',
      });
    if (known.length < ofLibc.length)
      return unexamined({
        kind: 'version',
        because: 'the primary has not recorded its collation version (it does since PostgreSQL 15)',
      });
    return pass(`C library ${libcVersion} on this machine and in pg_database.datcollversion`);
  },
});
