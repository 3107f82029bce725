import { ifSeen } from '../../facts/observed.ts';
import { isSortedBySystem } from '../../postgres/locales.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const collationVersionDiffers = defineRule({
  id: 'platform/collation-version-differs',
  title: 'Text may sort differently here than on the primary',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['databases', 'localPlatform'],
  wants: ['primary', 'dataDirectory'],
  docs: {
    what: 'Compares the version of the collations that the primary has recorded for its databases (pg_database.datcollversion, 15 and later) with that of the C library that the server here uses.',
    why: 'Between versions of the C library the order of text changes. An index that was built in the one order is searched in the other: rows are not found, and duplicates get past unique constraints, on the standby and after a promotion.',
    notes:
      'Databases of locale C or POSIX, and those of the builtin provider, are safe. The version of ICU here does not show without a running server.',
    references: ['PostgreSQL manual, ALTER COLLATION, Notes', 'https://wiki.postgresql.org/wiki/Locale_data_changes'],
  },
  judge({ databases, localPlatform: { libcVersion }, primary, dataDirectory }) {
    const exists = dataDirectory.status === 'seen';
    const side = exists ? 'standby' : 'client';
    const sensitive = databases.filter(isSortedBySystem);
    if (sensitive.length === 0)
      return pass('no database depends on the order of an operating system (C, POSIX or builtin)');
    if (ifSeen(primary)?.sameMachine === true && libcVersion === undefined)
      return pass('the primary runs on this machine');
    const ofLibc = sensitive.filter(({ localeProvider }) => localeProvider === 'libc');
    const known = ofLibc.filter(({ collationVersion }) => collationVersion !== undefined);
    const other =
      libcVersion === undefined ? [] : known.filter(({ collationVersion }) => collationVersion !== libcVersion);
    if (other.length > 0 && libcVersion !== undefined)
      return fail({
        message: `The order of text in ${other.map(({ name }) => name).join(', ')} is that of C library ${[...new Set(other.map(({ collationVersion }) => collationVersion))].join(', ')}, and the server here uses ${libcVersion}. Indexes on text may be wrong on the standby, and after a promotion.`,
        where: at(side),
        evidence: [
          ...other.map(({ name, collate, collationVersion }) =>
            evidence(`database ${name} (${collate})`, collationVersion ?? '', 'pg_database.datcollversion'),
          ),
          evidence('C library here', libcVersion, 'the library that postgres loads'),
        ],
        remedy: safe(
          'Use the same release of the operating system on both, or know what to rebuild.',
          manual(
            side,
            `${exists ? 'Run' : 'Make'} the standby on a system with C library ${other[0]?.collationVersion ?? ''}. If it must be this one: after a promotion, REINDEX the indexes on text and then run ALTER DATABASE with REFRESH COLLATION VERSION for each database.`,
          ),
        ),
      });
    const icu = sensitive.find(({ localeProvider }) => localeProvider === 'icu');
    if (icu !== undefined)
      return unexamined({
        kind: 'tool',
        because: `database ${icu.name} uses ICU, whose version here shows in a running server only`,
      });
    if (libcVersion === undefined)
      return unexamined({
        kind: 'tool',
        because: 'the version of the C library that the server here uses could not be seen',
      });
    if (known.length < ofLibc.length)
      return unexamined({
        kind: 'version',
        because: 'the primary has not recorded the version of its collations (it does from PostgreSQL 15 on)',
      });
    return pass(`C library ${libcVersion} here and in pg_database.datcollversion`);
  },
});
