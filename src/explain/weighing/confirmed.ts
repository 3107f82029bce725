import type { ExplainedCandidate, Explanation } from '../explanation.ts';

/** Something in the text that shows a cause. */
export interface Proof {
  readonly found: Explanation;
  /** What otherwise helps against the message does not help here. */
  readonly inVain: boolean;
}

/**
 * What else stands in the text (settings, lines of pg_hba.conf, a listing) may show which of the candidates it is: that one
 * comes first, in the words of what was found.
 */
export function confirmedBy(proofs: readonly Proof[], said: readonly Explanation[]): readonly Explanation[] {
  const found = proofs.flatMap(({ found: { candidates }, inVain }) =>
    candidates.filter(({ rule }) => rule !== null).map((one) => ({ ...one, inVain })),
  );
  if (found.length === 0) return said;
  return said.map((one) => {
    const shown = found.filter(({ rule }) => isCandidate(one, rule));
    if (shown.length === 0) return one;
    const others = one.candidates.filter(({ rule }) => !shown.some((proof) => isOf(rule, proof.rule)));
    return {
      ...one,
      ...(shown.some(({ inVain }) => inVain) ? { steps: [], advice: null } : {}),
      ...(shown.some(({ cause }) => asksForTls.test(cause)) ? { steps: [], advice: withTls } : {}),
      candidates: [
        ...shown.map(({ cause, rule, check }): ExplainedCandidate => {
          const candidate = one.candidates.find((other) => isOf(other.rule, rule));
          return {
            cause: `As this text shows: ${inSentence(cause)}`,
            confidence: 'high',
            rule,
            check: candidate?.check ?? check,
          };
        }),
        ...others,
      ],
    };
  });
}

/** A second line, without encryption, would let it in, and the password with it. */
const asksForTls = /hostssl: this connection is not encrypted/u;
const withTls =
  'The line is meant so: let the standby encrypt. sslmode=require in its primary_conninfo (for pg_basebackup: -d "sslmode=require"), and ssl = on on the primary (SHOW ssl), without which no connection matches a hostssl line.';

/** A name keeps its capital. */
const inSentence = (cause: string): string =>
  cause.replace(/^(?:The|An?|Its?|This|Group|No|Nothing) /u, (word) => word.toLowerCase());

const isCandidate = ({ candidates }: Explanation, found: string | null): boolean =>
  candidates.some(({ rule }) => isOf(rule, found));

const isOf = (rule: string | null, found: string | null): boolean =>
  rule !== null && (rule === found || rule === met.get(found ?? ''));

/** What a program meets, by what is found. */
const met: ReadonlyMap<string, string> = new Map([
  ['network/listen-addresses', 'network/connection-refused'],
  ['client/passfile-no-match', 'conninfo/no-password'],
  ['client/passfile-ignored', 'conninfo/no-password'],
]);
