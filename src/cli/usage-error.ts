/** The call itself is wrong: one clear sentence and what to write instead; exit status 2, no stack trace. */
export class UsageError extends Error {
  /** What to do, in one sentence; printed on a line of its own. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}
