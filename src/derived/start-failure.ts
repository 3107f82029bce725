import type { Failure, LogSummary } from '../postgres/log/log-summary.ts';

/** What ended the last start. What came before a server was told to stop did not end it. */
export function startFailureIn(summary: LogSummary): Failure | undefined {
  const failure = summary.startFailure;
  const isOver = summary.sightings.some(
    ({ recognition, last }) =>
      /^received-(?:fast|smart)-shutdown$/u.test(recognition.id) && last.position > (failure?.position ?? 0),
  );
  return isOver ? undefined : failure;
}
