import { fingerprintsOf, titleIdentity } from '../../findings/fingerprint.ts';
import type { Finding, Report } from '../../findings/report.ts';
import { severityRank } from '../../findings/report.ts';
import type { ExaminedTarget, FleetChanges, KnownFinding, SharedCause } from '../../findings/fleet-report.ts';

/**
 * Root causes over all targets, each once: one on a primary is the same for all of its standbys, and one on a standby is the
 * same where its title says the same. The gravest and the most frequent come first.
 */
export function sharedCauses(targets: readonly Pick<ExaminedTarget, 'target' | 'report'>[]): readonly SharedCause[] {
  const causes = new Map<string, SharedCause>();
  const serverOf = serversAmong(targets);
  for (const { target, report } of targets) {
    for (const finding of rootsOf(report)) {
      const primary = finding.where.side === 'primary' ? (report?.subject.primary ?? null) : null;
      const key = keyOf(finding, report && serverOf(report));
      const before = causes.get(key);
      const { rule, severity, title } = finding;
      causes.set(key, {
        ...(before ?? { rule, severity, title }),
        // a name says more than the address that it leads to
        primary:
          [before?.primary ?? null, primary]
            .filter((one) => one !== null)
            .toSorted()
            .at(-1) ?? null,
        targets: [...new Set([...(before?.targets ?? []), target])],
      });
    }
  }
  return [...causes.values()].toSorted(
    (a, b) => severityRank[a.severity] - severityRank[b.severity] || b.targets.length - a.targets.length,
  );
}

/** Notes are for the report of each target. */
export const rootsOf = (report: Report | null): readonly Finding[] =>
  report?.findings.filter(
    ({ causedBy, severity, accepted }) => causedBy === null && severity !== 'info' && accepted === undefined,
  ) ?? [];

const keyOf = ({ rule, severity, title, where: { side, file } }: Finding, primary: string | null): string =>
  JSON.stringify([
    ...[rule, severity, side, titleIdentity(title)],
    ...(side === 'primary' && primary !== null ? [primary, file ?? null] : []),
  ]);

/**
 * The server by its address, whatever name led there; null: none is known. On two machines `127.0.0.1` is not the same server,
 * unless it is one cluster; and an address that two networks may each have is two servers where it leads to two clusters.
 */
function serversAmong(targets: readonly Examined[]): (report: Report) => string | null {
  const clusters = new Map<string, Set<string>>();
  for (const { report } of targets) {
    const [server, cluster] = [report && addressOf(report), report && clusterOf(report)];
    if (server === null || cluster === null || cluster === undefined) continue;
    clusters.set(server, (clusters.get(server) ?? new Set()).add(cluster));
  }
  return (report) => {
    const server = addressOf(report);
    if (server === null) return null;
    const isOfMachine = ofMachine.test(server);
    if (!isOfMachine && !(ofNetwork.test(server) && (clusters.get(server)?.size ?? 0) > 1)) return server;
    return [server, clusterOf(report)].join(' ').trim();
  };
}

const addressOf = ({ subject: { primary, primaryAddress } }: Report): string | null =>
  primary === null || primaryAddress === undefined ? primary : primary.replace(/^.*(?=:\d+$)/u, primaryAddress);

function clusterOf({ topology = [] }: Report): string | undefined {
  const known = topology.filter(({ systemIdentifier }) => systemIdentifier !== undefined);
  return (known.find(({ side }) => side === 'primary') ?? known[0])?.systemIdentifier;
}

const ofMachine = /^(?:127\.|::1|\[::1\]|localhost:|\/|@)/u;

/** RFC 1918, 6598, 3927, 4193 and 4291: private, shared and link-local addresses. */
const ofNetwork =
  /^\[?(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|f[cd][\da-f]{2}:|fe[89ab][\da-f]:)/iu;

type Examined = Pick<ExaminedTarget, 'target' | 'report'>;

/** A run, and what it knew itself of an earlier one. */
export interface EarlierRun {
  readonly startedAt: string;
  readonly since?: FleetChanges | undefined;
  readonly targets: readonly Examined[];
}

/** What has changed since an earlier run; of a target that one of the two runs did not examine, nothing is said. */
export function changesSince(before: EarlierRun, now: Omit<EarlierRun, 'since'>): FleetChanges {
  const [then, today] = [examined(before.targets), examined(now.targets)];
  const inBoth = ({ target }: { readonly target: string }): boolean => then.has(target) && today.has(target);
  const first = firstSeen(before);
  const old = rootsByKey(before.targets.filter(inBoth), (key) => first.get(key) ?? before.startedAt);
  const found = rootsByKey(now.targets.filter(inBoth), (key) =>
    old.has(key) ? (first.get(key) ?? before.startedAt) : now.startedAt,
  );
  const missing = (from: typeof old, other: typeof old): readonly KnownFinding[] =>
    [...from].filter(([key]) => !other.has(key)).map(([, known]) => known);
  return {
    new: missing(found, old),
    gone: missing(old, found),
    same: [...found].filter(([key]) => old.has(key)).map(([, known]) => known),
  };
}

const examined = (targets: readonly Examined[]): ReadonlySet<string> =>
  new Set(targets.flatMap(({ target, report }) => (report === null ? [] : [target])));

/** By target and fingerprint. */
function rootsByKey(targets: readonly Examined[], since: (key: string) => string): ReadonlyMap<string, KnownFinding> {
  return new Map(
    targets.flatMap(({ target, report }) => {
      if (report === null) return [];
      const fingerprints = fingerprintsOf(report);
      return rootsOf(report).map(({ id, rule, title }) => {
        const fingerprint = fingerprints.get(id) ?? '';
        const key = `${target}\n${fingerprint}`;
        return [key, { target, rule, title, fingerprint, firstSeen: since(key) }] as const;
      });
    }),
  );
}

/** What the earlier run compared with one before it remembers. */
const firstSeen = ({ since }: EarlierRun): ReadonlyMap<string, string> =>
  new Map(
    [...(since?.new ?? []), ...(since?.same ?? [])].map((one) => [`${one.target}\n${one.fingerprint}`, one.firstSeen]),
  );
