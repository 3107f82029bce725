import type { Facts } from '../facts/facts.ts';
import { seen } from '../facts/observed.ts';
import type { Acceptance, MetAcceptance } from '../facts/policy.ts';
import { fingerprintsOf } from '../findings/fingerprint.ts';
import type { Policy } from '../findings/policy.ts';
import type { Finding, Report } from '../findings/report.ts';
import { severityRank } from '../findings/report.ts';
import { judge } from './judge.ts';
import type { Judged } from './judge.ts';

/**
 * What the configuration makes of what the rules found. It never hides an error: an ignored rule still tells what it finds
 * of severity error, and an accepted finding stays in the report. Pure functions.
 */
export function withoutIgnored(judged: readonly Judged[], { ignore, file }: Policy): readonly Judged[] {
  const because = `ignored in ${file ?? 'the environment'}`;
  return judged.map((one) => {
    const { rule, result } = one;
    if (!ignore.includes(rule.id)) return one;
    if (result.outcome === 'unexamined') return { rule, result: { outcome: 'not-applicable', because } };
    if (result.outcome !== 'failed') return one;
    const faults = result.faults.filter(
      (fault) => (fault.severity ?? rule.severity) === 'error' || fault.endangersData === true,
    );
    return { rule, result: faults.length === 0 ? { outcome: 'not-applicable', because } : { ...result, faults } };
  });
}

/** With the severities of the configuration, and with what is accepted. */
export function underPolicy(
  findings: readonly Finding[],
  judged: readonly Judged[],
  policy: Policy,
  run: Run,
): readonly Finding[] {
  const graded = findings.map((finding) => gradedBy(finding, policy));
  const meets = (finding: Finding): Acceptance | undefined =>
    policy.accepted.find((one) => !isOver(one, run.now) && speaksOf(one, finding, findings, run, policy));
  const dangerous = inDanger(judged);
  const of = new Map(
    graded.map((finding) => [finding.id, dangerous.has(finding.rule) ? undefined : meets(finding)] as const),
  );
  return graded
    .map((finding) => {
      // a consequence is accepted with its cause
      const acceptance =
        of.get(finding.id) ??
        (finding.causedBy === null || dangerous.has(finding.rule) ? undefined : of.get(finding.causedBy));
      if (acceptance === undefined) return finding;
      const { reason, until } = acceptance;
      return { ...finding, accepted: { reason, until } };
    })
    .toSorted(
      (a, b) =>
        Number(a.causedBy !== null) - Number(b.causedBy !== null) ||
        severityRank[a.severity] - severityRank[b.severity],
    );
}

/** What a run looked at, by which an acceptance may name it. */
export interface Run {
  readonly now: Date;
  readonly subject: Report['subject'];
}

/** The rules that judge the acceptances themselves, once it is known what these meet. */
export function withAcceptances(
  judged: readonly Judged[],
  findings: readonly Finding[],
  facts: Partial<Facts>,
  policy: Policy,
  run: Run,
): readonly Judged[] {
  if (policy.accepted.length === 0) return judged;
  const outcomes = new Map(judged.map(({ rule, result }) => [rule.id, result.outcome]));
  const met = policy.accepted.map((one): MetAcceptance => {
    const outcome = outcomes.get(one.rule) ?? (one.rule.startsWith('log/') ? outcomes.get('log/message') : undefined);
    const examined = outcome !== undefined && outcome !== 'unexamined' && outcome !== 'crashed';
    return {
      ...one,
      expired: isOver(one, run.now),
      meets: findings.filter((finding) => speaksOf(one, finding, findings, run, policy)).map(({ title }) => title),
      examined: examined && (one.forThisRun || namesOf(run, policy).includes(one.subject)),
    };
  });
  const known = { ...facts, acceptances: seen(met, policy.file ?? 'the environment') };
  return judged.map((one) => (one.rule.needs.includes('acceptances') ? judge(one.rule, known) : one));
}

/** A milder severity than error is for the configuration to say; an error stays one. */
function gradedBy(finding: Finding, { severity }: Policy): Finding {
  const configured = severity[finding.rule];
  if (configured === undefined || configured === finding.severity || finding.severity === 'error') return finding;
  return { ...finding, severity: configured, ownSeverity: finding.severity };
}

const isOver = ({ until }: Acceptance, now: Date): boolean => now.toISOString().slice(0, 10) > until;

/** By its fingerprint, by a name of this run, by its host or its file, or by a word of its title. */
function speaksOf(
  { rule, subject }: Acceptance,
  finding: Finding,
  findings: readonly Finding[],
  run: Run,
  policy: Policy,
): boolean {
  if (finding.rule !== rule) return false;
  const { where, title, id } = finding;
  if ([...namesOf(run, policy), where.host, where.file].includes(subject)) return true;
  return fingerprintsOf({ findings }).get(id) === subject || hasWord(title, subject);
}

const namesOf = ({ subject }: Run, { target }: Policy): readonly (string | null)[] => [
  target,
  subject.primary,
  subject.dataDirectory,
];

/** `s1` in `Slot "s1" is lost`, and not in `slot s10`. */
function hasWord(title: string, word: string): boolean {
  const isPart = (letter: string | undefined): boolean => letter !== undefined && /[\w-]/u.test(letter);
  for (let at = title.indexOf(word); at !== -1; at = title.indexOf(word, at + 1))
    if (!isPart(title[at - 1]) && !isPart(title[at + word.length])) return true;
  return false;
}

const inDanger = (judged: readonly Judged[]): ReadonlySet<string> =>
  new Set(
    judged.flatMap(({ rule, result }) =>
      rule.endangersData === true ||
      rule.id.startsWith('configuration/') ||
      (result.outcome === 'failed' && result.faults.some(({ endangersData }) => endangersData === true))
        ? [rule.id]
        : [],
    ),
  );
