import { readFile } from 'node:fs/promises';
import { text as wholeText } from 'node:stream/consumers';

import { errorCode } from '../hosts/local-answers.ts';
import type { Report, Severity } from '../findings/report.ts';
import type { CommandSurroundings } from './command.ts';
import { statusOf } from './output/exit-status.ts';
import type { ColorChoice } from './options/own-options.ts';
import { readOutputs } from './options/outputs.ts';
import { checkFiles, tellReport } from './output/report-output.ts';
import { UsageError } from './usage-error.ts';

export interface ReportCall {
  readonly file: string;
  readonly format: readonly string[];
  readonly failOn: Severity;
  readonly full: boolean;
  readonly color: ColorChoice;
}

/** Renders a report that was saved as JSON; nothing is looked at, and the exit status is that of the run that made it. */
export async function report(call: ReportCall, { print }: CommandSurroundings): Promise<number> {
  const own = { ...call, outputs: readOutputs(call.format) };
  await checkFiles(own.outputs);
  const name = call.file === '-' ? 'standard input' : call.file;
  const saved = await savedReport(await read(call.file), name);
  await tellReport(saved, own, print);
  return statusOf(saved, own);
}

/** Throws a {@link UsageError} where the text, of that name, is none. */
export async function savedReport(text: string, name: string): Promise<Report> {
  const value = parsed(text, name);
  const { reportProblem } = await import('./output/saved-report.ts');
  const problem = reportProblem(value);
  if (problem !== undefined)
    throw new UsageError(
      `${name} is not a report of standbylint: ${problem}.`,
      'Save one with --format json=FILE on preflight, clone or postmortem.',
    );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it fits the schema of the report
  return value as Report;
}

async function read(file: string): Promise<string> {
  if (file === '-') return wholeText(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'it does not exist' : String(error);
    throw new UsageError(
      `${file} could not be read: ${why}.`,
      'Give a file that --format json=FILE wrote, or - for standard input.',
    );
  }
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      `${name} is not a report of standbylint: it is not JSON.`,
      'Save one with --format json=FILE on preflight, clone or postmortem.',
    );
  }
}
