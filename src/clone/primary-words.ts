import { senderWords } from '../checks/primary/sender-log.ts';
import type { Evidence } from '../findings/report.ts';
import type { LogRecord } from '../postgres/log/log-record.ts';
import { inFull } from '../derived/sighting-evidence.ts';
import { said } from './story.ts';
import type { Examination } from '../diagnosis/examination.ts';

/** What the primary's log says of a base backup that failed, and how a step tells it. */
export async function primaryWords(
  { examination }: { readonly examination: Examination },
  since: Date,
): Promise<{ readonly records: readonly LogRecord[]; readonly details: readonly Evidence[] }> {
  const words = await senderWords(since, examination.facts, examination.surroundings);
  if (words.status === 'not-applicable') return { records: [], details: [] };
  if (words.status === 'unseen') return { records: [], details: [said("primary's log", words.why.because)] };
  const { records, source } = words.value;
  const details = records.slice(-mostShown).map((record) => said("primary's log", inFull(record), source));
  return {
    records,
    details: details.length === 0 ? [said("primary's log", 'nothing about this base backup', source)] : details,
  };
}

const mostShown = 5;
