import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import type { ExaminedTarget } from '../../findings/fleet-report.ts';
import type { AnalyzeCall } from '../recording/judged-recording.ts';

const asked = 'standbylint: judges for another thread';

/** The program in another thread, which judges some of the files of a call, one after the other. */
export class OtherThread {
  readonly #worker: Worker;
  readonly #come: ExaminedTarget[] = [];
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(program: string, files: readonly string[], call: AnalyzeCall) {
    const argv = wordsFor(files, call);
    this.#worker = new Worker(program, { argv, workerData: asked, stdout: true, stderr: true });
    this.#worker.on('message', (text: string) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what answering() sent
      this.#come.push(JSON.parse(text) as ExaminedTarget);
      this.#wake();
    });
    this.#worker.on('error', () => undefined);
    this.#worker.on('exit', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** What came of the next of its files; undefined: it has ended, and that file is still to be judged. */
  async next(): Promise<ExaminedTarget | undefined> {
    while (this.#come.length === 0 && !this.#isOver)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#come.shift();
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function wordsFor(files: readonly string[], call: AnalyzeCall): string[] {
  const { config, target, acceptUnexamined, failOn } = call;
  return [
    'analyze',
    ...(config === undefined ? [] : ['--config', config]),
    ...(target === undefined ? [] : ['--target', target]),
    ...(acceptUnexamined.length === 0 ? [] : ['--accept-unexamined', acceptUnexamined.join(',')]),
    ...['--fail-on', failOn, '--', ...files],
  ];
}

/** In that thread: takes what came of one file. As text, which is handed over at once; a report is a thousand objects. */
export const answering = (): ((examined: ExaminedTarget) => void) | undefined =>
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  workerData === asked ? (examined) => parentPort?.postMessage(JSON.stringify(examined)) : undefined;

/** The file of the built program; undefined where it is part of another one, or runs in a thread already. */
export function programHere(): string | undefined {
  const { 1: file } = process.argv;
  if (!isMainThread || file === undefined) return undefined;
  try {
    return basename(realpathSync(file)) === 'standbylint.js' ? file : undefined;
  } catch {
    return undefined;
  }
}
