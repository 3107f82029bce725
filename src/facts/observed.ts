/**
 * What a check brings back. A refusal that we came to learn of (28000: no pg_hba.conf entry) is `seen`, as data; only
 * what could not be asked is `unseen`.
 */
export type Observed<T> = Seen<T> | NotApplicable | UnseenFact;

export interface Seen<T> {
  readonly status: 'seen';
  readonly value: T;
  /** Where it comes from, as a report names it: `pg_settings`, `the replication login`, `/proc/self/mountinfo`. */
  readonly source: string;
}

export interface NotApplicable {
  readonly status: 'not-applicable';
  readonly why: string;
}

export interface UnseenFact {
  readonly status: 'unseen';
  readonly why: Unseen;
}

/** Why something could not be seen, and what would make it visible. */
export interface Unseen {
  readonly kind: 'not-asked' | 'connection' | 'permission' | 'timed-out' | 'unreadable' | 'version' | 'tool';
  /** One sentence, for example `pg_hba_file_rules: permission denied for view`. The same cause has the same sentence. */
  readonly because: string;
  /** What would show it: `add --admin CONNINFO`, or a complete `GRANT …;`. */
  readonly remedy?: string;
  /** A connection given with --admin would show it. */
  readonly needsAdmin?: true;
}

export const seen = <T>(value: T, source: string): Seen<T> => ({ status: 'seen', value, source });
export const notApplicable = (why: string): NotApplicable => ({ status: 'not-applicable', why });
export const unseen = (kind: Unseen['kind'], because: string, remedy?: string): UnseenFact => ({
  status: 'unseen',
  why: remedy === undefined ? { kind, because } : { kind, because, remedy },
});

/** What nobody can see who has no --admin connection; `of`: what kind of connection, behind a comma. */
export const withoutAdmin = (kind: 'not-asked' | 'permission', because: string, of = ''): Unseen => ({
  kind,
  because,
  remedy: `add --admin CONNINFO${of}`,
  needsAdmin: true,
});

/** Derives a fact from another one; what was not seen stays unseen for the same reason. */
export function derive<T, U>(observed: Observed<T>, from: (value: T, source: string) => Observed<U>): Observed<U> {
  return observed.status === 'seen' ? from(observed.value, observed.source) : observed;
}

/**
 * The value where it was seen, and `undefined` otherwise, as where it was not looked for: for a rule that can say more when it
 * knows more.
 */
export const ifSeen = <T>(observed: Observed<T> | undefined): T | undefined =>
  observed?.status === 'seen' ? observed.value : undefined;
