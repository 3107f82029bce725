import { logSummary } from '../postgres/log/log-summary.ts';
import { readLog } from '../postgres/log/read-log.ts';
import type { Catalogue } from '../postgres/messages/catalogue.ts';
import { messageFilter } from '../postgres/messages/message-filter.ts';
import { recognise } from '../postgres/messages/recognise.ts';
import type { Answers } from './answers.ts';
import { ofSighting } from './sighting.ts';
import { toldTogether } from './weighing/said-together.ts';
import type { Seen } from './seen.ts';

/** A log too big to be held: record by record, its ordinary life left out. An interrupt ends it with what was read. */
export async function recogniseLog(
  chunks: AsyncIterable<Uint8Array>,
  messages: Catalogue,
  answers: Answers,
  signal: AbortSignal,
): Promise<readonly Seen[]> {
  const summary = logSummary();
  const filter = messageFilter(messages);
  for await (const record of readLog(until(signal, chunks), { filter }))
    summary.add(record, recognise(messages, record));
  const { sightings, ...course } = summary.result();
  return toldTogether(
    sightings.map((sighting) => ofSighting(sighting, course, answers, { tools: new Set(), paste: '' })),
    course,
  ).filter(({ recognition }) => (recognition?.entry.matters ?? 0) >= leastOfALog);
}

async function* until(signal: AbortSignal, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (signal.aborted) return;
    yield chunk;
  }
}

/** In a log, what matters less than this (of 1 to 5) is its ordinary life. */
const leastOfALog = 3;
