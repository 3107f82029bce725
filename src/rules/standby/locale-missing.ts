import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { ServerJudgement } from '../../facts/server-judgement.ts';
import type { StandbyConfiguration } from '../../facts/standby-configuration.ts';
import type { NeededSetting } from '../../facts/start-needs.ts';
import { safe } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { placeOfSetting, whereSet } from '../../derived/needed-setting.ts';

export const standbyLocaleMissing = defineRule({
  id: 'standby/locale-missing',
  title: 'A configured locale is not installed on this host',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['startNeeds', 'now'],
  wants: ['dataDirectory', 'standbyConfiguration', 'standbyControl', 'runningStandby', 'serverJudgement'],
  explains: [...notStreaming],
  docs: {
    what: 'While the server is down, compares lc_messages, lc_monetary, lc_numeric and lc_time with the locales installed on this host (`locale -a`; without this program, with what `postgres -C` rejects).',
    why: 'initdb writes the locale of the primary\'s host into postgresql.conf. If this host does not have it, the server reports `invalid value for parameter "lc_messages"` and does not start.',
    notes:
      'Names are compared as the C library compares them: en_US.UTF-8 and en_US.utf8 are the same. To get the locale, create it with `localedef` (Debian: add a line to /etc/locale.gen, then run `locale-gen`).',
    references: ['src/backend/utils/adt/pg_locale.c: check_locale()', 'locale(1)'],
  },
  judge(facts) {
    const missing = facts.startNeeds.missingLocales ?? refusedLocales(facts);
    if (missing === undefined)
      return unexamined({ kind: 'tool', because: 'the locales of this machine could not be listed (locale -a)' });
    const [first] = missing;
    if (first === undefined) return pass('all configured locales are installed');
    const names = [...new Set(missing.map(({ value }) => value))];
    return fail({
      message: `${missing.map(({ name, value }) => `${name} is '${value}'`).join(', ')}, but this host does not have ${names.length === 1 ? 'that locale' : 'these locales'}: the server does not start.`,
      where: whereSet(first),
      evidence: missing.map((one) => evidence(one.name, one.value, placeOfSetting(one))),
      remedy: safe(
        'Use the locale C instead; messages and formats are then those of C.',
        ...changeOnStandby(facts, Object.fromEntries(missing.map(({ name }) => [name, 'C'])), 'restart'),
      ),
    });
  },
});

/** Where `locale -a` does not exist, as in small images: those that the server program itself refuses. */
function refusedLocales({
  serverJudgement,
  standbyConfiguration,
}: {
  readonly serverJudgement: Observed<ServerJudgement>;
  readonly standbyConfiguration: Observed<StandbyConfiguration>;
}): readonly NeededSetting[] | undefined {
  const refused = (ifSeen(serverJudgement)?.refused ?? []).flatMap(({ settings }) => settings).filter(isLocale);
  const set = ifSeen(standbyConfiguration)?.files.settings;
  const values = new Set(refused.map((name) => set?.get(name)?.value));
  // the program is asked with lc_messages=C: it is told by its value, which initdb gives to all of them
  const missing = [...(set ?? [])]
    .filter(([name, { value }]) => isLocale(name) && values.has(value))
    .map(([name, { value, source }]) => ({ name, value, source }));
  return missing.length === 0 ? undefined : missing;
}

const isLocale = (name: string): boolean => /^lc_(?:messages|monetary|numeric|time)$/u.test(name);
