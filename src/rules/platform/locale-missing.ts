import { ifSeen } from '../../facts/observed.ts';
import { isLocaleEverywhere, normalisedLocale } from '../../postgres/locales.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const localeMissing = defineRule({
  id: 'platform/locale-missing',
  title: 'The locale of a database is not installed on this machine',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['databases', 'localPlatform'],
  wants: ['primary'],
  messages: ['locale-incompatible'],
  says: ['locale "%s" does not exist'],
  docs: {
    what: "Compares LC_COLLATE and LC_CTYPE of the primary's databases with the locales installed on this machine (`locale -a`).",
    why: 'The standby starts, but connections to that database fail: "database locale is incompatible with operating system".',
    notes: 'The names are compared as the C library does: en_US.UTF-8 and en_US.utf8 are the same.',
    references: ['src/backend/utils/init/postinit.c: CheckMyDatabase()', 'locale(1)'],
  },
  judge({ databases, localPlatform: { locales }, primary }) {
    const needed = [...new Set(databases.flatMap(({ collate, ctype }) => [collate, ctype]))].filter(
      (name) => !isLocaleEverywhere(name),
    );
    if (needed.length === 0) return pass('all databases use C or POSIX, which always exist');
    if (ifSeen(primary)?.sameMachine === true)
      return pass(`the primary runs on this machine with ${needed.join(', ')}`);
    if (locales === undefined)
      return unexamined({ kind: 'tool', because: 'the locales of this machine could not be listed (locale -a)' });
    const here = new Set(locales.map(normalisedLocale));
    const missing = needed.filter((name) => !here.has(normalisedLocale(name)));
    if (missing.length === 0) return pass(`installed on this machine: ${needed.join(', ')}`);
    const users = databases.filter(({ collate, ctype }) => missing.includes(collate) || missing.includes(ctype));
    return fail({
      message: `${users.length === 1 ? 'Database' : 'Databases'} ${users.map(({ name }) => name).join(', ')} ${users.length === 1 ? 'uses' : 'use'} ${missing.join(', ')}, which is not installed on this machine: connections to ${users.length === 1 ? 'it' : 'them'} would fail on the standby.`,
      where: at('client'),
      evidence: [
        ...users.map(({ name, collate, ctype }) => evidence(`database ${name}`, `${collate}, ${ctype}`, 'pg_database')),
        evidence('installed on this machine', locales.slice(0, 12).join(', '), 'locale -a'),
      ],
      remedy: safe('Install the locale.', ...missing.map((name) => manual('client', `As root: ${makeLocale(name)}`))),
    });
  },
});

function makeLocale(name: string): string {
  const [, language = name, codeset = 'UTF-8', modifier = ''] = /^([^.@]*)(?:\.([^@]*))?(@.*)?$/.exec(name) ?? [];
  return /^[\w@.-]+$/.test(name)
    ? `localedef -i ${language}${modifier} -f ${codeset.toUpperCase() === 'UTF8' ? 'UTF-8' : codeset} ${name} (Debian, Ubuntu: or locale-gen after a line in /etc/locale.gen; RPM systems: dnf install glibc-langpack-${language.split('_')[0] ?? 'en'}).`
    : `install the locale ${JSON.stringify(name)}.`;
}
