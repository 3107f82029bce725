import { UsageError } from '../../usage-error.ts';

/** Throws a {@link UsageError} for what is no JSON. */
export function parsedJson(text: string, by: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${by} did not answer in JSON.`);
  }
}
