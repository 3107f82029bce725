import type { ReadLogFile } from '../../facts/server-log.ts';
import type { Host } from '../../hosts/host.ts';
import { logSummary } from '../../postgres/log/log-summary.ts';
import type { LogSummaryBuilder } from '../../postgres/log/log-summary.ts';
import { readLog } from '../../postgres/log/read-log.ts';
import { messageCatalogue } from '../../postgres/messages/catalogue.ts';
import { messageFilter } from '../../postgres/messages/message-filter.ts';
import { recognise } from '../../postgres/messages/recognise.ts';
import { lettingOthersRun } from '../letting-others-run.ts';
import type { LogPlace } from './log-place.ts';
import { logTail } from './log-tail.ts';

/** Reads one file after the other, the oldest first, into one summary. */
export class LogReader {
  readonly files: ReadLogFile[] = [];
  readonly problems: string[] = [];
  /** What a person can do about the last of them, where that is known. */
  hint: string | undefined;
  readonly summary: LogSummaryBuilder = logSummary();
  readonly #host: Host;
  readonly #major: number | undefined;
  readonly #timeoutMs: number;

  constructor(host: Host, major: number | undefined, timeoutMs: number) {
    this.#host = host;
    this.#major = major;
    this.#timeoutMs = timeoutMs;
  }

  /** Records of before `since` are left out; those without a time are not. */
  async read(place: LogPlace, bytes: number, since?: Date): Promise<void> {
    const { path } = place;
    const giveWay = lettingOthersRun();
    const catalogue = await messageCatalogue();
    await giveWay();
    const name = path === '-' ? 'standard input' : path;
    const tail = await logTail(this.#host, place, bytes, this.#timeoutMs);
    if (!tail.ok) {
      this.problems.push(`${name}: ${tail.problem.message}`);
      this.hint = tail.problem.hint;
      return;
    }
    const { pieces, torn, ended } = tail.value;
    const filter = messageFilter(catalogue);
    await giveWay();
    for await (const record of readLog(pieces, { torn, filter })) {
      await giveWay();
      if (since !== undefined && record.time !== undefined && record.time < since) continue;
      this.summary.add(record, recognise(catalogue, record, { major: this.#major }));
    }
    const { problem, readBytes, late } = ended();
    if (problem !== undefined) this.problems.push(`${name}: ${problem}`);
    this.files.push({ path: name, readBytes, whole: !torn && !late });
  }
}
