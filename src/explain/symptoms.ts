import { accountOf } from './account/account.ts';
import type { Account } from './account/account.ts';
import { causesIn, situationOf } from './account/situation.ts';
import type { Situation } from './account/situation.ts';
import { things } from './account/words.ts';
import type { Thing } from './account/words.ts';
import { situationsAsked } from './account/situations-asked.ts';
import { situationsAfterChanges } from './account/situations-changes.ts';
import { situationsOfCopies } from './account/situations-copies.ts';
import { situationsOfFollowing } from './account/situations-following.ts';
import { situationsOfReplay } from './account/situations-replay.ts';
import { situationsOfServers } from './account/situations-servers.ts';
import { situationsOfWork } from './account/situations-daily.ts';
import { cluesIn } from './weighing/clues.ts';
import type { Explanation } from './explanation.ts';
import { managedServiceIn } from './weighing/managed.ts';
import { likeliestFirst } from './weighing/likeliest-first.ts';
import { shape } from './shapes/shape.ts';
import { undecided } from './account/undecided.ts';
import { harmPlanned } from './symptoms/harm.ts';
import { symptomsAfterChanges } from './symptoms/changes.ts';
import { symptomsOfConnections } from './symptoms/connections.ts';
import { symptomsOfLogical } from './symptoms/logical.ts';
import { symptomsOfWalFiles } from './symptoms/wal-files.ts';
import { symptomsOfInterruptions } from './symptoms/interruptions.ts';
import { firstSteps } from './symptoms/first-steps.ts';
import { guarantees } from './symptoms/guarantees.ts';
import { howItWorks } from './symptoms/how-it-works.ts';
import { questionsOfStandbys } from './symptoms/questions.ts';
import { symptomsOfStreams } from './symptoms/streams.ts';
import { symptomsOfViews } from './symptoms/views.ts';
import { gist, isForeign } from './symptoms/other-languages.ts';
import { symptomsOfProbes } from './symptoms/probes.ts';
import { copiesNotUsable } from './symptoms/not-usable.ts';
import { askedByMySqlPeople } from './symptoms/mysql.ts';
import { plansAndDoubts } from './symptoms/plans.ts';
import { symptomsOfReleases } from './symptoms/releases.ts';
import { symptomsOfRoles } from './symptoms/roles.ts';
import { symptomsOfSettings } from './symptoms/settings.ts';
import { symptomsOfTransport } from './symptoms/transport.ts';
import { symptomsOfTools } from './symptoms/tools.ts';
import { symptomsOfServers } from './symptoms/servers.ts';
import { standbyOrReplication } from './symptoms/symptom.ts';
import type { Symptom } from './symptoms/symptom.ts';

/**
 * What somebody says of it in words, beside a log or instead of one: a sentence that names a thing of replication and what is
 * wrong with it. The first that the text has, in the order of the tables, which begin with the most particular; what is a fault
 * before what is none.
 */
export function symptomIn(text: string): Explanation | undefined {
  if (text.length > longestQuestion || (ofOthers.test(text) && !ofPostgres.test(text) && !compares.test(text)))
    return undefined;
  if (isSolved.test(text) && !/\?|\b(?:but|again)\b/iu.test(text)) return undefined;
  const said = sentences(text);
  return (
    situated(text, said) ??
    found(all, text, said) ??
    (speaksOf(text) ? found(complaints, text, neighbors(said)) : undefined) ??
    (isForeign(text) || ofComputers.test(text) ? found(vague, text, said) : undefined) ??
    (ofPostgres.test(text) && (firstPerson.test(text) || text.includes('?'))
      ? situated(text, said, undecided)
      : undefined)
  );
}

/** What several sentences tell together goes before what one of them is like. */
function situated(text: string, said: readonly Sentence[], among = situations): Explanation | undefined {
  const told = said.filter(({ meant }) => !isOver.test(meant) && !supposes.test(meant) && !watches.test(meant));
  const whole = told.map(({ meant }) => meant).join('. ');
  if (
    ![ofPostgres, ofReplication, standbyOrReplication, things.slot, things['other standby']].some((words) =>
      words.test(whole),
    )
  )
    return undefined;
  const account = accountOf(told.map(({ meant }) => meant));
  if (!isOfServers(text, account)) return undefined;
  const situation = situationOf(among, account, whole);
  if (situation === undefined) return undefined;
  const shown = told
    .filter((one) => situation.facts.flat().some((fact) => accountOf([one.meant]).has(fact)))
    .map((one) => one.said)
    .join(' … ');
  return explained({ ...situation, all: [], causes: causesIn(situation, account) }, shown, text);
}

/** It speaks of PostgreSQL, or of a standby and of what only a server of a database has. */
const isOfServers = (text: string, { has }: Account): boolean =>
  ofPostgres.test(text) ||
  ofReplication.test(text) ||
  (has('other standby') && has(': promoted')) ||
  ((has('standby') || has('slot')) && onlyOfDatabases.some((thing) => has(thing))) ||
  (has('standby') && ofComputers.test(text) && standbyOrReplication.test(text) && !has('service'));

const ofReplication =
  /\breplication (?:users?|roles?|slots?|lag|delay|connections?|passwords?)\b|\bauto-?vacuum\b|\bfail-?over\b.*\btransactions?\b/iu;

const onlyOfDatabases: readonly Thing[] = [
  'primary',
  'slot',
  'wal',
  'sender',
  'receiver',
  'archive',
  'copy',
  'query',
  'position',
  'lag',
];

const situations: readonly Situation[] = [
  ...situationsOfFollowing,
  ...situationsOfReplay,
  ...situationsOfCopies,
  ...situationsOfServers,
  ...situationsOfWork,
  ...situationsAfterChanges,
  ...situationsAsked,
];

/** What somebody is about to do to data: said before all else, whatever messages the text has. */
export function harmIn(text: string): Explanation | undefined {
  return text.length > longestQuestion ? undefined : found(harms, text, sentences(text));
}

/** Of one sentence the first that fits; of several, one that is a fault before one that is none. */
function found(symptoms: readonly Symptom[], text: string, said: readonly Sentence[]): Explanation | undefined {
  const possible = symptoms.filter(({ beside }) => beside?.test(text) !== false);
  const fitting = said.flatMap(({ said: sentence, meant }) => {
    const place = possible.findIndex(
      (symptom) => symptom.all.every((pattern) => pattern.test(meant)) && isClaim(meant, symptom),
    );
    const symptom = possible[place];
    return symptom === undefined
      ? []
      : [{ symptom, sentence, place: place + (symptom.asks === true ? possible.length : 0) }];
  });
  const [first] = fitting.toSorted((x, y) => x.place - y.place);
  return first === undefined ? undefined : explained(first.symptom, first.sentence, text);
}

interface Sentence {
  readonly said: string;
  /** In English. */
  readonly meant: string;
}

/** What a sentence leaves out, the one before it has said. */
const neighbors = (said: readonly Sentence[]): readonly Sentence[] =>
  said.flatMap((one, index) => {
    const next = said[index + 1];
    return next === undefined ||
      one.said.length + next.said.length > 400 ||
      [one, next].some(({ meant }) => isOver.test(meant) || beginsWithIf.test(meant))
      ? []
      : [{ said: `${one.said}. ${next.said}`, meant: `${one.meant}. ${next.meant}` }];
  });

/** Of servers of PostgreSQL that follow one another, in whatever sentences. */
const speaksOf = (text: string): boolean => {
  const meant = isForeign(text) ? gist(text) : text;
  return ofPostgres.test(text) && (standbyOrReplication.test(meant) || ofRoles.test(meant));
};

const ofRoles = /\b(?:leader|master|primary|fail-?over|switch-?over|pg_basebackup)\b/iu;

const listed: readonly Symptom[] = [
  ...harmPlanned,
  ...symptomsOfTransport,
  ...askedByMySqlPeople,
  ...plansAndDoubts,
  ...symptomsOfReleases,
  ...symptomsOfLogical,
  ...symptomsOfWalFiles,
  ...symptomsAfterChanges,
  ...symptomsOfSettings,
  ...symptomsOfTools,
  ...symptomsOfProbes,
  ...symptomsOfInterruptions,
  ...guarantees,
  ...questionsOfStandbys,
  ...symptomsOfConnections,
  ...symptomsOfViews,
  ...copiesNotUsable,
  ...symptomsOfServers,
  ...symptomsOfRoles,
  ...symptomsOfStreams,
  ...howItWorks,
  ...firstSteps,
];

const all = listed.filter((symptom) => symptom.vague !== true);
const harms = all.filter(({ harm }) => harm === true);
const vague = listed.filter((symptom) => symptom.vague === true);
const complaints = all.filter(({ asks }) => asks !== true);

/** A master and a slave, a replica and a crew on standby are in novels, too. */
const ofComputers =
  /postgres|pg_|\b(?:servers?|data\w*|db|rows?|tables?|replicat\w*|recovery|stream\w*|sync\w*|wal|logs?|containers?|pods?|nodes?|changes|records?|re-?start\w*|re-?boot\w*|cluster|fail-?over|quer\w*|read[- ]replicas?)\b/iu;

/** A sentence of its own, before or after the story. */
const isSolved =
  /(?:^|[.!\n]\s*)\[?(?:(?:it is|it['’]s|update:?|edit:?) )?(?:fixed|solved|resolved|never ?mind)\b\]?(?:[.!:]|$)/iu;

/** A longer text explains something; it does not ask. */
const longestQuestion = 6_000;

const ofOthers =
  /\b(?:mysql|mariadb|mongo(?:db)?|redis|kafka|cassandra|elasticsearch|sql server|oracle|etcd raft|zfs|btrfs|ceph|gluster\w*|drbd|solr|clickhouse|cockroach\w*|rabbitmq|nats|minio|hdfs|hadoop|couch\w*|influx\w*|scylla\w*|tidb|active directory|domain controllers?|zone transfers?|secondary dns|name ?servers?|gitlab geo|generators?|i2c|spi|modbus|uart|cylinder|clutch|web ?(?:servers?|apps?|sites?|deployments?|frontends?))\b/iu;
/** "In MySQL I would … How is it done here?" */
const compares =
  /\b(?:in|from|with|like|on) (?:mysql|mariadb|oracle|(?:ms )?sql server|mongo\w*)\b(?=[^]*\b(?:here|hot standby|equivalent|counterpart|the same)\b)/iu;
const ofPostgres =
  /postgres|\bpg_|\bpg\d*\b|patroni|repmgr|pgpool|pgbackrest|barman|\bwal\b|\b(?:wal|hot_standby|max_standby|primary|synchronous|archive|restore|recovery|replay)_[a-z]+/iu;

function sentences(text: string): readonly Sentence[] {
  const foreign = isForeign(text);
  return text
    .replaceAll(quotedOutput, '"…"')
    .split('\n')
    .filter((line) => !isOutput.test(line) && !isStep.test(line))
    .map((line) =>
      line.replaceAll(/(?<![\w*_])(?:\*{1,2}|_{1,2})(?=\S)([^*_\n]*[^\s*_])(?:\*{1,2}|_{1,2})(?![\w*_])/gu, '$1'),
    )
    .join('\n')
    .replaceAll(/(?<=[\w,)'"`])\n(?=[a-z(])/gu, ' ')
    .split(/[.!?](?=\s|$)|[。！？]|;(?=\s+[^\sa-z]|\s*$)|\n|\s[-–—]\s/u)
    .map((sentence) => sentence.replaceAll(/\s+/gu, ' ').trim())
    .map((sentence) => ({ said: sentence, meant: foreign ? gist(sentence).replaceAll(/\s+/gu, ' ').trim() : sentence }))
    .filter(({ said, meant }) => said.length < 400 && meant.split(' ').length >= 3 && !tellsOfBook.test(meant));
}

/** What a runbook lists or a chapter describes has not happened. */
const tellsOfBook =
  /^(?:the|this|our|that|an?|my|your) (?:[\w-]+ ){0,2}?(?:run-?book|chapters?|sections?|manual|guide|articles?|documentation|docs?|page|book|talk|course|play-?book|wiki|tutorial|readme|paper|post|procedure|checklist)s? (?:\w+ )?(?:lists?|describ\w+|explain\w*|shows?|cover\w*|tells?|teach\w*|documents?|contains?|discuss\w*|is about|has)\b(?!.*\bbut\b)/iu;

/** A message that stands in a sentence: the sentence is somebody's all the same. */
const quotedOutput = /["“`](?:[^"”`\n]{0,240}\b)?(?:LOG|FATAL|ERROR|PANIC|WARNING):[^"”`\n]*["”`]/gu;

/** What a program printed is for others to tell. */
const isOutput =
  /\b(?:LOG|FATAL|ERROR|PANIC|WARNING|DETAIL|HINT|CONTEXT|STATEMENT|NOTICE|INFO|DEBUG) ?:|^\s*\[?\d{4}-\d\d-\d\d[ T]\d\d:|^\s*(?:[-+|#>{}$]|[\w?]+ +\||(?:pg_(?!stat_|replication_slots|is_|last_)\w+|psql|initdb|postgres|waiting for server)(?:\.exe)?(?::| to )|\w+=|\w[\w.]* = (?:'|"|\S+[ \t]*(?:#|$)))|\|.*\||"[^"]*": /u;

/** What was done, one step after the other: what came of it is said elsewhere. */
const isStep =
  /^\s*(?:\d+[.)]|[-*•])\s+(?:please )?(?:run|simulate|create|start|stop|install|deploy|configure|set ?up|set|add|kill|bring|restart|reboot|promote|wait|execute|edit|make|use|delete|drop|remove|shut|scale|apply|connect|initiali[sz]e|take|enable|disable|perform|do|open|copy|launch|spin up|build|init)\b/iu;

/** "If the standby falls behind, …" and "to prevent that …" tell of no fault. */
const isClaim = (sentence: string, { asks }: Symptom): boolean =>
  asks === true || (!supposes.test(sentence) && isTold(sentence));

/** "I want to be alerted when the replica is behind" tells of no lag. */
const watches =
  /\b(?:alert(?:ed)?|monitor(?:ing)?|notif(?:y|ied)|know|detect|find out|warn(?:ed)?|check|measure|see) (?:me |us |it )?(?:when(?:ever)?|if|whether|how (?:far|much))\b/iu;

const beginsWithIf = /^(?:if|unless|should|in case)\b/iu;

/** What would be, if. */
const supposes = /\bwhat (?:if|would happen|happens)\b/iu;

const isTold = (sentence: string): boolean =>
  !isOver.test(sentence) &&
  !watches.test(sentence) &&
  (firstPerson.test(sentence) ||
    happened.test(sentence) ||
    !/^(?:[^:]{0,40}: )?(?:can|could|would|should|may|does|do|will|is it possible for) (?:a|an|any|one|you)\b|^(?:if|when|whenever|unless|should|in case|to (?:avoid|prevent|make|ensure|monitor|detect)|monitors?|alerts?|ensures?|prevents?|avoids?|detects?|how to (?:avoid|prevent|monitor|detect))\b|\b(?:is|was) (?:now )?(?:fixed|solved|resolved)\b|\b(?:can|may|might|could|would|will|must|should) (?:be|become|fall|lag|grow|stop|happen|occur|get|have|return)\b/iu.test(
      sentence,
    ));

/** "It has caught up and everything is fine", unless a "but" follows. */
const isOver =
  /\b(?:has|have|is) (?:now |since |already )?(?:caught up|recovered)\b(?!.*\b(?:but|however|except|until|again)\b)|\b(?:everything|all|replication) (?:is|(?:just )?works)(?: (?:fine|well|ok(?:ay)?|good|again))?(?=[,.!]|$)(?!.*\b(?:but|however|except|until)\b)|\bwent away\b|^\[?resolved\b|\blag (?:is|of|=) ?0\b(?!\.?\d)/iu;

/** "When the other node became the primary, …" */
const happened =
  /^when\b[^,]{0,80}\b(?:became|was|were|went|did|had|has|failed|crashed|died|restarted|rebooted|stopped|promoted|switched)\b/iu;

/** "When I stop the primary, …" tells of what happened. */
const firstPerson = /\b(?:I|we|my|our)\b/iu;

function explained(symptom: Symptom, sentence: string, text: string): Explanation {
  const service = managedServiceIn(text);
  const said = inWords(symptom, sentence, text);
  if (service === undefined) return said;
  // no shell and no file is in reach there
  return {
    ...said,
    means: `${said.means} ${service.name} runs this server: its files, its log and its replicas are seen in the console of the service, and its settings are in ${service.settings.replace(/;.*/u, '')}.`,
    candidates: said.candidates.map((one) =>
      one.check === null || /^psql [^;|]*$/u.test(one.check.command) ? one : { ...one, check: null },
    ),
    next: [],
  };
}

/** A question to be answered with yes or no. */
const whether = /^(?:can|could|may|is it (?:possible|ok(?:ay)?|safe)|do (?:I|we) (?:have|need)) (?:I|we|to)\b/iu;

const inWords = (
  { means, causes, todo, where, command, asks, steps }: Symptom,
  sentence: string,
  text: string,
): Explanation => ({
  ...shape({
    text: sentence,
    means,
    ...(todo === undefined ? {} : { advice: todo }),
    ...(where === undefined ? {} : { where }),
    command: command ?? 'standbylint postmortem -D <data directory>',
  }),
  kind: 'consequence',
  ...((asks === true || whether.test(sentence)) && { answers: steps === true ? 'steps' : 'points' }),
  candidates: likeliestFirst(
    [
      ...causes.filter(({ unless }) => unless?.test(text) !== true),
      ...causes.filter(({ unless }) => unless?.test(text) === true),
    ],
    cluesIn(text),
  ).map(({ cause, on, check, rule }, index) => ({
    cause,
    confidence: index === 0 ? 'medium' : 'low',
    rule: rule ?? null,
    check: check === undefined ? null : { on: on ?? 'standby', command: check },
  })),
});
