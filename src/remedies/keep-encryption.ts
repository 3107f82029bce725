import { ifSeen } from '../facts/observed.ts';
import type { ConnectionPlan } from '../facts/connection.ts';
import { textOf } from '../facts/settings.ts';
import type { Step } from '../findings/report.ts';
import { setParameter } from './command-line.ts';
import type { Change } from './command-line.ts';
import { connectWith } from './connecting.ts';
import type { ConnectionFacts } from './connecting.ts';
import { turnOnTls } from './turn-on-tls.ts';
import type { TlsSeen } from './turn-on-tls.ts';

/**
 * A connection that must be encrypted and cannot be as it is asked for: over TLS, which the server is made to offer where
 * it does not. What was required is never given up: without it the WAL, and a login that may be read, go over the wire.
 */
export function overTls(
  facts: ConnectionFacts & TlsSeen,
  plan: ConnectionPlan,
  host: string,
  { withoutGss }: { readonly withoutGss: boolean },
): readonly Step[] {
  const settings = ifSeen(facts.primarySettings);
  const offers = settings !== undefined && textOf(settings, 'ssl') === 'on';
  const pairs = [
    ...(withoutGss ? [['gssencmode', 'disable'] as const] : []),
    ...(requiresTls.test(plan.sslmode) ? [] : [['sslmode', 'require'] as const]),
  ];
  const changes = pairs.map(([keyword, value]) => setParameter(keyword, value, plan.sources[keyword] ?? 'the default'));
  return [
    ...(offers ? [] : turnOnTls(facts, host)),
    ...(changes.length === 0 ? [] : connectWith(facts, Object.fromEntries(pairs), together(changes))),
  ];
}

const requiresTls = /^(?:require|verify-ca|verify-full)$/u;

const together = (changes: readonly Change[]): Change => ({
  environment: Object.fromEntries(changes.flatMap(({ environment }) => Object.entries(environment ?? {}))),
  ...(changes.some(({ conninfo }) => conninfo !== undefined)
    ? { conninfo: Object.fromEntries(changes.flatMap(({ conninfo }) => Object.entries(conninfo ?? {}))) }
    : {}),
});
