import type { Explanation } from './explanation.ts';
import { shape } from './shapes/shape.ts';
import { symptomsOfConnections } from './symptoms/connections.ts';
import { symptomsOfInterruptions } from './symptoms/interruptions.ts';
import { questionsOfStandbys } from './symptoms/questions.ts';
import { symptomsOfStreams, symptomsOfViews } from './symptoms/replication.ts';
import { symptomsOfRoles } from './symptoms/roles.ts';
import { symptomsOfServers } from './symptoms/servers.ts';
import type { Symptom } from './symptoms/symptom.ts';

/**
 * What somebody says of it in words, beside a log or instead of one: a sentence that names a thing of replication and what is
 * wrong with it. The first that the text has, in the order of the tables, which begin with the most particular; what is a fault
 * before what is none.
 */
export function symptomIn(text: string): Explanation | undefined {
  if (text.length > longestQuestion || (ofOthers.test(text) && !ofPostgres.test(text))) return undefined;
  const said = withSubjects(sentences(text));
  // of one sentence the first that fits; of several, one that is a fault before one that is none
  const found = said.flatMap(({ sentence, with: whole }) => {
    const place = all.findIndex(
      (symptom) => symptom.all.every((pattern) => pattern.test(whole)) && isClaim(whole, symptom),
    );
    const symptom = all[place];
    return symptom === undefined
      ? []
      : [{ symptom, sentence, place: place + (symptom.asks === true ? all.length : 0) }];
  });
  const [first] = found.toSorted((a, b) => a.place - b.place);
  return first === undefined ? undefined : explained(first.symptom, first.sentence);
}

const all: readonly Symptom[] = [
  ...questionsOfStandbys,
  ...symptomsOfConnections,
  ...symptomsOfViews,
  ...symptomsOfInterruptions,
  ...symptomsOfServers,
  ...symptomsOfRoles,
  ...symptomsOfStreams,
];

/** A longer text explains something; it does not ask. */
const longestQuestion = 6_000;

const ofOthers = /\b(?:mysql|mariadb|mongo(?:db)?|redis|kafka|cassandra|elasticsearch|sql server|oracle|etcd raft)\b/iu;
const ofPostgres = /postgres|\bpg_|\bpg\d*\b|patroni|repmgr|pgpool|pgbackrest|barman|\bwal\b/iu;

function sentences(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => !isOutput.test(line))
    .join('\n')
    .replaceAll(/(?<=[\w,)'"`])\n(?=[a-z(])/gu, ' ')
    .split(/[.!?;](?=\s|$)|\n|\s[-–—]\s/u)
    .map((sentence) => sentence.replaceAll(/\s+/gu, ' ').trim())
    .filter((sentence) => sentence.length < 400 && sentence.split(' ').length >= 3);
}

/** "It hangs" is said of what the sentence before names: that is looked at with it. */
const withSubjects = (said: readonly string[]): readonly { readonly sentence: string; readonly with: string }[] =>
  said.flatMap((sentence, index) => {
    const before = said[index - 1];
    const alone = { sentence, with: sentence };
    return before !== undefined && namesNothing.test(sentence)
      ? [alone, { sentence, with: `${before}: ${sentence}` }]
      : [alone];
  });

const namesNothing =
  /^(?:but |and |now |then |so |however,? )?(?:it|this|that|they|the (?:command|program|process)|no (?:files?|output))\b/iu;

/** What a program printed is for others to tell. */
const isOutput =
  /\b(?:LOG|FATAL|ERROR|PANIC|WARNING|DETAIL|HINT|CONTEXT|STATEMENT|NOTICE|INFO|DEBUG) ?:|^\s*\[?\d{4}-\d\d-\d\d[ T]\d\d:|^\s*(?:[-+|#>{}$]|(?:pg_\w+|psql|initdb|postgres|waiting for server)(?:\.exe)?(?::| to )|\w+=|\w[\w.]* = )|\|.*\||"[^"]*": /u;

/** "If the standby falls behind, …" and "to prevent that …" tell of no fault. */
const isClaim = (sentence: string, { asks }: Symptom): boolean =>
  asks === true || (!supposes.test(sentence) && isTold(sentence));

/** What would be, if. */
const supposes = /^(?:(?:and|but|so|or) )?what (?:if|would happen|happens)\b/iu;

const isTold = (sentence: string): boolean =>
  firstPerson.test(sentence) ||
  happened.test(sentence) ||
  !/^(?:if|when|whenever|unless|should|in case|to (?:avoid|prevent|make|ensure|monitor|detect)|monitors?|alerts?|ensures?|prevents?|avoids?|detects?|how to (?:avoid|prevent|monitor|detect))\b|\b(?:is|was) (?:now )?(?:fixed|solved|resolved)\b|\b(?:can|may|might|could|would|will|must|should) (?:be|become|fall|lag|grow|stop|happen|occur|get|have|return)\b/iu.test(
    sentence,
  );

/** "When the other node became the primary, …" */
const happened =
  /^when\b[^,]{0,80}\b(?:became|was|were|went|did|had|has|failed|crashed|died|restarted|rebooted|stopped|promoted|switched)\b/iu;

/** "When I stop the primary, …" tells of what happened. */
const firstPerson = /\b(?:I|we|my|our)\b/iu;

const explained = ({ means, causes, todo, where, command }: Symptom, sentence: string): Explanation => ({
  ...shape({
    text: sentence,
    means,
    ...(todo === undefined ? {} : { advice: todo }),
    ...(where === undefined ? {} : { where }),
    command: command ?? 'standbylint postmortem -D <data directory>',
  }),
  kind: 'consequence',
  candidates: causes.map(({ cause, on, check, rule }, index) => ({
    cause,
    confidence: index === 0 ? 'medium' : 'low',
    rule: rule ?? null,
    check: check === undefined ? null : { on: on ?? 'standby', command: check },
  })),
});
