import { ifSeen } from '../../facts/observed.ts';
import type { Step } from '../../findings/report.ts';
import type { Refusal, TargetJudgement } from '../../facts/server-judgement.ts';
import { configurationValue } from '../../postgres/conninfo-format.ts';
import { settingDefinition } from '../../postgres/settings.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { isOfLibrary } from '../../derived/configuration-troubles.ts';

export const settingRefused = defineRule({
  id: 'target/setting-refused',
  title: "This machine's server refuses a setting that the standby will have",
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone'],
  needs: ['primary', 'now'],
  wants: ['targetJudgement', 'preparedConfiguration'],
  docs: {
    what: "Asks the server program of the primary's release on this machine (`postgres -C`) whether it accepts the configuration that the standby will have: the one that this machine has for it (/etc/postgresql/N/NAME), or the one that the base backup includes.",
    why: 'The base backup succeeds, but the standby does not start: a time zone that this machine does not have, a setting that its minor release does not know.',
    notes:
      'Nothing is started: the settings that pg_file_settings shows are written to a scratch directory, without those that may contain a secret. For a configuration that is copied, --admin is needed. Other rules check libraries and locales.',
    references: [
      'src/backend/postmaster/postmaster.c: PostmasterMain()',
      'src/backend/utils/misc/guc.c: SelectConfigFiles()',
    ],
  },
  judge({ targetJudgement, primary, now, preparedConfiguration }) {
    if (targetJudgement.status === 'not-applicable') return notApplicable(targetJudgement.why);
    // where only this is not seen, a copy need not wait for it: the primary runs with these settings
    if (targetJudgement.status === 'unseen') return unexamined(targetJudgement.why, 'warning');
    const { program, refused, from, places } = targetJudgement.value;
    const own = refused.filter(
      ({ words, settings }) => !isOfLibrary.test(words) && !settings.some((name) => ofOtherRule.test(name)),
    );
    const [first] = own;
    if (first === undefined) return pass(`${program} -C accepts the configuration that the standby will have`);
    const place = placeOf(first, places);
    const named = [...new Set(own.flatMap((one) => namesOf(one, places)))];
    const written = ifSeen(preparedConfiguration)?.written;
    return fail({
      title:
        named[0] === undefined
          ? 'The standby will not start on its configuration'
          : `This machine's server refuses ${named[0]}, which the standby will have`,
      message: `${program} says of ${from === 'prepared' ? `the configuration that this machine has for the standby` : "the primary's configuration, which the base backup includes"}: ${plain(first)}. The standby will not start.`,
      where:
        from === 'prepared'
          ? at('client', undefined, place?.file, place?.line)
          : at('primary', primary.name, place?.file, place?.line),
      evidence: own.slice(0, 20).map((one) => {
        const stands = placeOf(one, places);
        return evidence(
          stands === undefined ? 'refused' : `${stands.file}, line ${stands.line}`,
          one.words,
          `${program} -C`,
        );
      }),
      remedy: safe('Give the standby a value that its server takes.', ...steps()),
    });

    function steps(): readonly Step[] {
      if (from === 'copied' || named.length === 0)
        return [
          manual(
            'client',
            named.length === 0
              ? `Correct what the server refuses: ${first === undefined ? '' : plain(first)}`
              : `After the copy and before the first start, put this at the end of postgresql.auto.conf in the new data directory: ${named.map((name) => `${name} = ${configurationValue(settingDefinition(name, primary.major)?.default ?? '')}`).join(' and ')}`,
          ),
        ];
      const stands = named.flatMap((name) => places.get(name) ?? []);
      return [...new Set(stands.map(({ file }) => file))].map((file) =>
        editFile(
          'client',
          { file, now, written: written?.get(file) },
          { act: 'comment-out', lines: stands.filter((one) => one.file === file).map(({ line }) => line) },
        ),
      );
    }
  },
});

/** platform/locale-missing, client/library-missing */
const ofOtherRule = /^(?:lc_\w+|shared_preload_libraries)$/u;

/** A name that is not known is named by its place alone. */
function namesOf({ settings, words }: Refusal, places: TargetJudgement['places']): readonly string[] {
  const [, unknown] = /^unrecognized configuration parameter "([^"]+)"/u.exec(words) ?? [];
  const names = unknown === undefined ? settings : [unknown.toLowerCase()];
  return names.filter((name) => places.has(name));
}

const placeOf = (refusal: Refusal, places: TargetJudgement['places']) =>
  namesOf(refusal, places).flatMap((name) => places.get(name) ?? [])[0];

/** Without the place in the scratch file. */
const plain = ({ words }: Refusal): string => words.replace(/ in file ".*" line \d+/su, '');
