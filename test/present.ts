/** What must be there for a test to make sense. */
export function present<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('the test expected a value here');
  return value;
}
