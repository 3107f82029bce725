/** Makes a recording of one format into one of the next. */
type Migration = (recording: unknown) => unknown;

/** The first one makes format 1 into format 2, and so on: there is one less than there are formats. */
const migrations: readonly Migration[] = [];

/** A recording of an older format in the form of this release's. */
export const migrated = (recording: unknown, from: number, steps = migrations): unknown =>
  steps.slice(from - 1).reduce((before, step) => step(before), recording);
