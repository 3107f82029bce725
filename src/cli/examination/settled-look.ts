import { setTimeout as pause } from 'node:timers/promises';

import type { Facts } from '../../facts/facts.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Report } from '../../findings/report.ts';
import { retrySeconds } from '../../derived/retry-interval.ts';

interface Look {
  readonly report: Report;
  readonly facts: Partial<Facts>;
}

/**
 * Looks, and looks again where the standby has only not tried again yet: its primary lets it in, nothing is found that keeps
 * it from connecting, and it tries once in wal_retrieve_retry_interval. That is so in the seconds after a fix.
 */
export async function settledLook<Looked extends Look>(
  look: () => Promise<Looked>,
  signal: AbortSignal,
): Promise<Looked> {
  let looked = await look();
  if (!isAway(looked)) return looked;
  const { rulesOfStandbys } = await import('../../rules/catalogue.ts');
  const effects = new Set<string>(rulesOfStandbys.filter((rule) => 'effect' in rule).map(({ id }) => id));
  const until = performance.now() + retryMs(looked.facts);
  while (mayYetConnect(looked, effects) && performance.now() < until) {
    await pause(betweenLooksMs, undefined, { signal });
    looked = await look();
  }
  return looked;
}

const betweenLooksMs = 1_000;

/** Nobody waits longer for a standby whose interval was raised. */
const longestMs = 10_000;

function retryMs({ runningStandby }: Partial<Facts>): number {
  const running = valueOf(runningStandby);
  return running === undefined ? 0 : Math.min(retrySeconds(running) * 1_000, longestMs) + betweenLooksMs;
}

function isAway({ facts }: Look): boolean {
  const running = valueOf(facts.runningStandby);
  return running?.inRecovery === true && running.receiver?.status !== 'streaming' && !running.receiverHidden;
}

function mayYetConnect(look: Look, effects: ReadonlySet<string>): boolean {
  const { report, facts } = look;
  if (!isAway(look) || valueOf(facts.replicationLogin)?.outcome.accepted !== true) return false;
  const errors = report.findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null);
  return (report.verdict === 'broken' || report.verdict === 'unknown') && errors.every(({ rule }) => effects.has(rule));
}

const valueOf = <T>(fact: Observed<T> | undefined): T | undefined => (fact === undefined ? undefined : ifSeen(fact));
