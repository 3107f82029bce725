import type { Finding, Remedy, Severity, Step } from '../findings/report.ts';
import { severityRank } from '../findings/report.ts';
import type { AnyRule } from '../rules/rule.ts';
import type { Judged } from './judge.ts';
import type { Fault } from '../findings/judgement.ts';

/**
 * Links findings to their root causes and ranks them: root causes first, then by severity, then in catalogue order. The
 * ids f1, f2, … follow that order, so the same facts give the same report. What endangers data comes before what keeps the
 * server from starting, and that before what else is wrong: nothing else can be tried until then. `asRoot`: how a fault is told that nothing explains.
 */
export function link(
  judged: readonly Judged[],
  asRoot: (rule: AnyRule, fault: Fault) => Fault = (_rule, fault) => fault,
): readonly Finding[] {
  const drafts = judged.flatMap(({ rule, result }) =>
    result.outcome === 'failed'
      ? result.faults.map((fault) => ({ rule, fault, severity: fault.severity ?? rule.severity }))
      : [],
  );
  type Draft = (typeof drafts)[number];

  const directCause = (draft: Draft): Draft | undefined =>
    drafts
      .filter((other) => other.rule !== draft.rule && explains(other, draft))
      // a milder finding never explains a graver one: a warning is no reason for an error
      .filter((other) => severityRank[other.severity] <= severityRank[draft.severity])
      .sort(
        (a, b) =>
          severityRank[a.severity] - severityRank[b.severity] ||
          // a standby starts without its primary, too: what is wrong with its files comes before
          (draft.rule.id === 'standby/not-running' ? Number(isOfTheWay(a.rule)) - Number(isOfTheWay(b.rule)) : 0),
      )[0];

  const rootOf = (draft: Draft, seen: readonly Draft[] = []): Draft => {
    const cause = directCause(draft);
    if (cause === undefined) return draft;
    const path = [...seen, draft];
    // rules that explain each other: the first of them is the root, or none would be
    if (path.includes(cause)) return drafts.find((one) => path.indexOf(one) >= path.indexOf(cause)) ?? draft;
    return rootOf(cause, path);
  };

  const roots = new Map(drafts.map((draft) => [draft, rootOf(draft)]));
  const isConsequence = (draft: Draft): boolean => roots.get(draft) !== draft;
  const ofStart = new Set(drafts.filter(({ fault }) => fault.isFailedStart === true).map((draft) => roots.get(draft)));
  const ranked = drafts.toSorted(
    (a, b) =>
      Number(isConsequence(a)) - Number(isConsequence(b)) ||
      severityRank[a.severity] - severityRank[b.severity] ||
      Number(b.fault.endangersData === true) - Number(a.fault.endangersData === true) ||
      Number(ofStart.has(b)) - Number(ofStart.has(a)),
  );
  // it is not known yet whether the file may be made
  const noStart = drafts.some(({ rule, fault }) => rule.beforeStart === true && !makesReady(fault.remedy));
  const idOf = new Map(ranked.map((draft, index) => [draft, `f${index + 1}`]));
  const id = (draft: Draft): string => idOf.get(draft) ?? '';

  return ranked.map((draft) => {
    const { rule } = draft;
    const root = roots.get(draft);
    const fault = root === draft ? asRoot(rule, draft.fault) : draft.fault;
    return {
      id: id(draft),
      rule: fault.as ?? rule.id,
      severity: draft.severity,
      title: fault.title ?? rule.title,
      message: fault.message,
      where: fault.where,
      evidence: fault.evidence,
      frame: fault.frame ?? null,
      causedBy: root === undefined || root === draft ? null : id(root),
      causes: ranked.filter((other) => other !== draft && roots.get(other) === draft).map(id),
      remedy: (noStart ? withoutStart(fault.remedy) : fault.remedy) ?? null,
      docs: rule.source === undefined ? `docs/rules/${rule.id}.md` : (rule.docs.references[0] ?? rule.source),
    };
  });
}

interface Linked {
  readonly rule: AnyRule;
  readonly severity: Severity;
  readonly fault: Fault;
}

function explains(other: Linked, { rule, fault }: Linked): boolean {
  // what another company calls an error is no reason why a server does not stream
  if (other.rule.source !== undefined) return false;
  const named = (other.rule.explains ?? []).includes(rule.id);
  if (fault.isFailedStart === true && isOfTheWay(other.rule) && !startsNot(other.rule)) return false;
  if (named) return rule.beforeStart !== true || !startsWithout(other.fault.remedy, fault.remedy);
  if (rule.effect !== 'of-any' || other.rule.effect !== undefined) return false;
  return other.severity === 'error' && !(rule.explains ?? []).includes(other.rule.id);
}

const replacesData = ({ does }: Step): boolean => does === 'copy' || does === 'rewind';

const makesReady = (remedy: Remedy | undefined): boolean =>
  remedy?.steps.some((step) => replacesData(step) || step.does === 'make-file') === true;

/** What else the remedy does is done; what has other data by then may start. */
function withoutStart(remedy: Remedy | undefined): Remedy | undefined {
  if (remedy === undefined || remedy.steps.some(replacesData)) return remedy;
  const steps = remedy.steps.filter(({ on, does }) => on !== 'standby' || does !== 'start');
  return steps.length === 0 ? undefined : { ...remedy, steps };
}

/** The steps of a remedy start the server on the data that it has, and make no file that the other one makes. */
function startsWithout(remedy: Remedy | undefined, other: Remedy | undefined): boolean {
  const steps = remedy?.steps ?? [];
  if (!steps.some(({ on, does }) => on === 'standby' && (does === 'start' || does === 'restart'))) return false;
  if (steps.some(replacesData)) return false;
  const made = new Set(steps.flatMap(({ does, paths = [] }) => (does === 'make-file' ? paths : [])));
  return !(other?.steps ?? []).some(
    ({ does, paths = [] }) => does === 'make-file' && paths.some((path) => made.has(path)),
  );
}

/** A server comes to its primary, and to what its primary keeps for it, only once it has started. */
const isOfTheWay = ({ id }: AnyRule): boolean =>
  /^(?:(?:client|network|tls|hba|role|primary|slot|conninfo|streaming)\/|wal\/segment-removed$)/u.test(id);

/** It says so itself: a slot's name that the server does not take, WAL that was written with wal_level = minimal. */
const startsNot = ({ explains: named }: AnyRule): boolean => named?.includes('standby/not-running') === true;
