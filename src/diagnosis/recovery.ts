import { capitalized } from '../findings/sentence.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Unseen } from '../facts/observed.ts';
import type { Finding, Recovery, Remedy, Step, StepAction } from '../findings/report.ts';
import type { Timelines } from '../facts/standby-wal.ts';
import { formatLsn } from '../postgres/lsn.ts';
import { factOf as fact } from './fact-of.ts';
import { knownToHave, signOfGap, whilePrimaryIsDown } from './primary-down.ts';
import { copyEffort } from '../derived/effort.ts';
import { formatBytes } from '../postgres/bytes.ts';
import { canServe, rewindConditions } from '../derived/rewind-conditions.ts';
import { whyNoRewind } from '../derived/rewind-serves.ts';
import { compareTimelines } from '../derived/timeline-comparison.ts';
import type { Diverged } from '../derived/timeline-comparison.ts';
import { neededWal, supplyOf } from '../derived/needed-wal.ts';

/**
 * How a broken standby comes back, and the figures that decide: from its control file, both timeline histories, the WAL
 * that its primary and the archive still have, and what the findings propose. A pure function.
 */
export function recoveryOf(facts: Partial<Facts>, findings: readonly Finding[]): Recovery {
  const roots = findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null);
  const lostFiles = roots.find(({ rule }) => rule === 'primary/files-missing');
  if (lostFiles !== undefined)
    return {
      way: 'unknown',
      because: `${sentence(lostFiles.title)} This standby may be the best remaining copy of the data: keep it, and do not take a base backup of that server.`,
      bytes: null,
      steps: lostFiles.remedy?.steps ?? [],
    };
  const shared = roots.find(({ rule }) => rule === 'standby/shared-storage');
  if (shared !== undefined && !copies(shared))
    return copied(
      facts,
      [],
      'The standby needs storage of its own: what two servers have written to the same files is not to be trusted.',
    );
  const part = roots.find(({ rule }) => rule === 'standby/incomplete-backup');
  const label = ifSeen(fact(facts, 'dataDirectory'))?.backupLabel?.label;
  if (part !== undefined && label !== undefined && label.incrementalFrom !== null)
    return {
      way: 'mend',
      because:
        'The full backup and the incremental backups after it are combined into a new directory: no new base backup is needed, as long as the primary or an archive has the WAL since this backup began.',
      bytes: null,
      steps: part.remedy?.steps ?? [],
    };
  const timelines = fact(facts, 'timelines');
  const controlFile = fact(facts, 'controlFile');
  if (timelines.status !== 'seen' || controlFile.status !== 'seen') return withoutHistories(facts, findings, roots);
  const seen = {
    timelines: timelines.value,
    controlFile: controlFile.value,
    dataDirectory: fact(facts, 'dataDirectory'),
    runningStandby: fact(facts, 'runningStandby'),
    localWal: fact(facts, 'localWal'),
    primaryWal: fact(facts, 'primaryWal'),
    slots: fact(facts, 'slots'),
    archive: fact(facts, 'archive'),
    primaryArchive: fact(facts, 'primaryArchive'),
    standbyConfiguration: fact(facts, 'standbyConfiguration'),
  };
  const comparison = compareTimelines(seen);
  const leading = roots.find(
    ({ rule, remedy }) => rule === 'timeline/system-identifier-differs' && remedy?.risk === 'safe',
  );
  if (comparison.kind === 'other-system' && leading !== undefined)
    return {
      way: 'mend',
      because:
        'Once primary_conninfo points to a server of its own cluster, this standby continues where it stopped, if the WAL since then still exists.',
      bytes: null,
      steps: fixSteps(roots, findings),
    };
  if (comparison.kind === 'other-system')
    return copied(
      facts,
      findings,
      'This directory is not a copy of the server that it follows, so nothing in it can be used.',
    );
  if (comparison.kind === 'diverged') return parted(facts, findings, comparison, timelines.value);
  const copying = roots.find(copies);
  const needed = comparison.kind === 'unknown' ? undefined : neededWal(seen);
  const supply = needed === undefined ? undefined : supplyOf(needed, seen);
  if (copying !== undefined && supply?.from !== 'nowhere') return copied(facts, findings, whyCopy(copying));
  if (comparison.kind === 'unknown') return unknown(comparison.why, roots);
  if (needed === undefined || supply === undefined) return unknown(notRead, roots);
  const { local, upstream, upstreamInRecovery } = timelines.value;
  const at =
    local.timeline === upstream.timeline
      ? `${formatLsn(needed.position)} of ${formatLsn(upstream.position)} on timeline ${upstream.timeline}`
      : `${formatLsn(needed.position)} on timeline ${local.timeline}, the primary ${formatLsn(upstream.position)} on timeline ${upstream.timeline}`;
  const behind = `The standby is ${formatBytes(needed.bytes)} behind its ${upstreamInRecovery === true ? 'upstream' : 'primary'} (${at})`;
  const missing = Number(needed.bytes);
  const rootSteps = fixSteps(roots, findings);
  switch (supply.from) {
    case 'primary':
      return needed.bytes < BigInt(needed.segmentSize)
        ? {
            way: 'mend',
            because: `Nothing is lost. ${behind} and catches up by itself.`,
            bytes: missing,
            steps: rootSteps,
          }
        : {
            way: 'catch-up',
            because: `${behind}, which still has that WAL: ${supply.because}.`,
            bytes: missing,
            steps: rootSteps,
          };
    case 'archive':
      return {
        way: 'from-archive',
        because: `${behind}, which has removed ${supply.first}. ${supply.archive.directory ?? 'The archive'} has ${supply.first} to ${supply.last} (${supply.segments} segments), which restore_command fetches; the primary has the rest.`,
        bytes: missing,
        steps: rootSteps,
      };
    case 'nowhere':
      return copied(
        facts,
        findings,
        `${behind}, which no longer has ${needed.name}: its oldest WAL begins at ${formatLsn(supply.oldest)}, and no archive has what is missing.`,
      );
    case 'perhaps-the-archive':
      return {
        way: 'unknown',
        because: `${behind}, which has removed ${needed.name}. Whether restore_command can fetch it is not known.`,
        bytes: missing,
        steps: stepsOf(findings.filter(({ rule }) => rule === 'wal/segment-removed')),
      };
    case 'unknown':
      return unknown(
        supply.why,
        roots,
        `${behind}. Whether it can catch up depends on WAL that was not checked: ${supply.why.because}.`,
      );
  }
}

const notRead: Unseen = { kind: 'unreadable', because: 'global/pg_control cannot be read' };

/** Without a word from the primary (or without a control file) only what the findings themselves propose is known. */
function withoutHistories(facts: Partial<Facts>, findings: readonly Finding[], roots: readonly Finding[]): Recovery {
  const copying = roots.find(copies);
  if (copying !== undefined) return copied(facts, findings, whyCopy(copying));
  const directory = fact(facts, 'dataDirectory');
  if (
    roots.some(({ rule }) => rule === 'standby/not-a-data-directory') &&
    !(directory.status === 'seen' && isDataDirectory(directory.value))
  )
    return unknown({ kind: 'unreadable', because: 'no data directory was examined' }, roots);
  const rewinding = roots.find(rewinds);
  if (rewinding !== undefined)
    return { way: 'rewind', because: rewinding.message, bytes: null, steps: rewinding.remedy?.steps ?? [] };
  const timelines = fact(facts, 'timelines');
  if (timelines.status === 'not-applicable')
    return {
      way: 'mend',
      because: `No loss is known beyond what the findings say. The histories were not compared: ${timelines.why}.`,
      bytes: null,
      steps: fixSteps(roots, findings),
    };
  const down = whilePrimaryIsDown(facts, roots);
  if (down !== undefined) return { ...down, steps: fixSteps(roots, findings) };
  const why = timelines.status === 'unseen' ? timelines.why : notRead;
  const sign = signInLog(facts);
  const reached = knownToHave(facts);
  const next = reached === undefined ? '' : `, WAL from about ${formatLsn(reached)} onward`;
  const found = unknown(
    why,
    roots,
    `It is not known whether the primary still has the WAL that this standby needs next${next}: ${why.because}.${sign} Fix the problems above first.`,
  );
  // one that is down does not come back by itself once it can connect again
  const onlyConnects = roots.length > 0 && roots.every(({ rule }) => ofConnection.test(rule));
  return onlyConnects && directory.status === 'seen' && directory.value.signals.standby
    ? { ...found, steps: fixSteps(roots, findings) }
    : found;
}

const ofConnection = /^(?:network|tls|hba|role|client|conninfo)\//u;

/** What the log says of WAL that is gone, or of another history: nothing that is proven. */
function signInLog(facts: Partial<Facts>): string {
  const log = ifSeen(fact(facts, 'serverLog'));
  const sign = log === undefined ? undefined : signOfGap(log.summary);
  return sign === undefined ? '' : ` Its log says: "${sign.record.message}".`;
}

function parted(
  facts: Partial<Facts>,
  findings: readonly Finding[],
  comparison: Diverged,
  timelines: Timelines,
): Recovery {
  const controlFile = ifSeen(fact(facts, 'controlFile'));
  const conditions =
    controlFile === undefined
      ? []
      : rewindConditions(comparison, {
          controlFile,
          dataDirectory: fact(facts, 'dataDirectory'),
          standbyControl: fact(facts, 'standbyControl'),
          timelines,
          primary: fact(facts, 'primary'),
          primarySettings: fact(facts, 'primarySettings'),
          standbyConfiguration: fact(facts, 'standbyConfiguration'),
        });
  const where =
    comparison.fork === undefined
      ? 'The standby has diverged from its primary'
      : `The histories diverge at ${formatLsn(comparison.fork.lsn)} on timeline ${comparison.fork.timeline}`;
  const lost =
    comparison.lost === undefined
      ? ''
      : `, and ${bound[comparison.lost.bound]}${formatBytes(comparison.lost.bytes)} of WAL that exist only on the standby are discarded`;
  const rewinding = findings.find(rewinds);
  if (canServe(conditions) && rewinding !== undefined) {
    return {
      way: 'rewind',
      because: `${where}${lost}. All conditions of pg_rewind are met.`,
      conditions: conditions.map(({ what, says }) => `${what}: ${says}`),
      bytes: comparison.lost === undefined ? null : Number(comparison.lost.bytes),
      steps: rewinding.remedy?.steps ?? [],
    };
  }
  const slower = findings.find(({ remedy }) => remedy?.alternatives?.some(rewindsBy) === true);
  const why = slower === undefined ? whyNoRewind(conditions) : 'pg_rewind can be used too, but takes longer.';
  return copied(facts, findings, `${where}${lost}. ${why}`);
}

const bound = { exact: '', 'at-least': 'at least ', 'at-most': 'at most ' } as const;

function copied(facts: Partial<Facts>, findings: readonly Finding[], why: string): Recovery {
  const { cost, says } = copyEffort({
    copySize: fact(facts, 'copySize'),
    lastCopy: fact(facts, 'lastCopy'),
    serverLog: fact(facts, 'serverLog'),
    controlFile: fact(facts, 'controlFile'),
  });
  const finding = findings.find(copies);
  return {
    way: 'new-copy',
    because: cost.copyBytes === null ? why : `${why} ${says}`,
    bytes: cost.copyBytes,
    steps: finding?.remedy?.steps ?? [],
  };
}

/** What was not seen, and what shows it: a statement for the primary where it is one. */
function unknown(why: Unseen, roots: readonly Finding[], because = sentence(why.because)): Recovery {
  const { remedy } = why;
  const shows =
    remedy === undefined
      ? []
      : /^GRANT .*;$/su.test(remedy)
        ? [{ on: 'primary' as const, kind: 'sql' as const, does: 'change-role' as const, text: remedy }]
        : [{ on: 'standby' as const, kind: 'manual' as const, does: 'by-hand' as const, text: sentence(remedy) }];
  return { way: 'unknown', because, bytes: null, steps: [...stepsOf(roots), ...shows] };
}

/** What several of them end in, as a start of the server, stands once: behind all that it waits for. */
function stepsOf(findings: readonly Finding[]): readonly Step[] {
  const steps = findings.flatMap(({ remedy }) => remedy?.steps ?? []);
  const isSame = (one: Step, other: Step): boolean => one.on === other.on && one.text === other.text;
  return steps.filter(
    (step, at) => step.does === 'check-again' || steps.findLastIndex((other) => isSame(step, other)) === at,
  );
}

/** What fixes the causes; and a server that is down is started, where that is not among it. */
function fixSteps(roots: readonly Finding[], findings: readonly Finding[]): readonly Step[] {
  const steps = stepsOf(roots);
  const start = findings.find(({ rule }) => rule === 'standby/not-running')?.remedy?.steps ?? [];
  const starts = steps.some(({ on, does }) => on === 'standby' && does === 'start');
  return starts ? steps : [...steps, ...start];
}

/** Of two ways that serve the new copy is the first one only where it takes less time. */
const whyCopy = ({ title, remedy }: Finding): string =>
  `${sentence(title)} ${remedy?.alternatives === undefined ? 'Nothing cheaper fixes this.' : 'The alternatives take longer.'}`;

const copies = ({ remedy }: Finding): boolean => remedy !== null && doesOnStandby(remedy, 'copy');
const rewinds = ({ remedy }: Finding): boolean => remedy !== null && rewindsBy(remedy);
const rewindsBy = (way: Pick<Remedy, 'steps'>): boolean => doesOnStandby(way, 'rewind');
const doesOnStandby = ({ steps }: Pick<Remedy, 'steps'>, what: StepAction): boolean =>
  steps.some(({ on, does }) => on === 'standby' && does === what);

/** `the text` as a sentence: a capital at its beginning, one full stop at its end. */
const sentence = (text: string): string => `${capitalized(text).replace(/\.$/u, '')}.`;
