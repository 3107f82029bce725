import { safe } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { placeOfSetting, whereSet } from './needed-setting.ts';

export const standbyLocaleMissing = defineRule({
  id: 'standby/locale-missing',
  title: 'A locale that the settings name is not installed on this host',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['startNeeds', 'now'],
  wants: ['dataDirectory', 'standbyConfiguration', 'standbyControl', 'runningStandby'],
  explains: [...notStreaming],
  docs: {
    what: 'Compares lc_messages, lc_monetary, lc_numeric and lc_time of the settings, while the server is down, with the locales that are installed here (`locale -a`).',
    why: 'initdb writes the locale of the primary’s host into postgresql.conf. Where this host does not have it, the server says `invalid value for parameter "lc_messages"` and does not start.',
    notes:
      'The names are compared as the C library does: en_US.UTF-8 and en_US.utf8 are one. Where the locale is wanted, `localedef` makes it (Debian: a line in /etc/locale.gen, then `locale-gen`).',
    references: ['backend/utils/adt/pg_locale.c, check_locale()', 'locale(1)'],
  },
  judge(facts) {
    const { missingLocales: missing } = facts.startNeeds;
    if (missing === undefined)
      return unexamined({ kind: 'tool', because: 'the locales of this machine could not be listed (locale -a)' });
    const [first] = missing;
    if (first === undefined) return pass('the locales that the settings name are installed');
    const names = [...new Set(missing.map(({ value }) => value))];
    return fail({
      message: `${missing.map(({ name, value }) => `${name} is '${value}'`).join(', ')}, and this host does not have ${names.length === 1 ? 'that locale' : 'these locales'}: the server does not start.`,
      where: whereSet(first),
      evidence: missing.map((one) => evidence(one.name, one.value, placeOfSetting(one))),
      remedy: safe(
        'Do without: messages and formats are those of C then.',
        ...changeOnStandby(facts, Object.fromEntries(missing.map(({ name }) => [name, 'C'])), 'restart'),
      ),
    });
  },
});
