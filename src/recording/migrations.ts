/** Makes a recording of one format into one of the next. */
type Migration = (recording: unknown) => unknown;

/** The first one makes format 1 into format 2, and so on: there is one less than there are formats. */
export const migrations: readonly Migration[] = [
  // what a log in another language leaves unread has a name that says so
  (recording) => renamed(recording, 'untold', 'unrecognised'),
  // what the server of --admin is to the examined one
  (recording) => renamed(recording, 'standing', 'identity'),
  // what is in it more than once is written once: it reads the same
  (recording) => recording,
];

/** A recording of an older format in the form of this release's. */
export const migrated = (recording: unknown, from: number, steps = migrations): unknown =>
  steps.slice(from - 1).reduce((before, step) => step(before), recording);

/** A key of any object in it, wherever it is. */
function renamed(value: unknown, from: string, to: string): unknown {
  const inner = (one: unknown): unknown => renamed(one, from, to);
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, inner(one)]));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key === from ? to : key, inner(one)]));
}
