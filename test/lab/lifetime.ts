import { onTestFinished } from 'vitest';

/** When something is cleaned up: after the test that made it (outside of a test: after the file), or after the file. Tests marked `concurrent` say `file`. */
export type Lifetime = 'test' | 'file';

type CleanUp = () => Promise<void>;

const untilFileEnds: CleanUp[] = [];

/** Ends what lives as long as its test file. The last made goes first: a standby before its primary. */
export async function endOfFile(): Promise<void> {
  const problems: unknown[] = [];
  for (const cleanUp of untilFileEnds.splice(0).reverse())
    await cleanUp().catch((error: unknown) => problems.push(error));
  if (problems.length > 0) throw new AggregateError(problems, 'Not everything was cleaned up.');
}

/** Has this done when the test or the file ends, also when it fails. */
export function afterwards(cleanUp: CleanUp, lifetime: Lifetime = 'test'): void {
  if (lifetime === 'test' && afterThisTest(cleanUp)) return;
  untilFileEnds.push(cleanUp);
}

function afterThisTest(cleanUp: CleanUp): boolean {
  try {
    onTestFinished(cleanUp);
    return true;
  } catch {
    return false; // vitest: "can only be called inside a test"
  }
}
