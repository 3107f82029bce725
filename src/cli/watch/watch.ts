import type { Report } from '../../findings/report.ts';
import { escapedJson } from '../../report/json.ts';
import type { CommandSurroundings } from '../command.ts';
import { statusOf } from '../output/exit-status.ts';
import { printedFormat } from '../options/outputs.ts';
import type { PostmortemOptions } from '../options/postmortem-options.ts';
import { printedText, standardOutput, writeReports } from '../output/report-output.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { changesWith } from './changes.ts';
import type { Change, Known } from './changes.ts';
import { Frame } from './frame.ts';
import { looksAt } from './looks.ts';
import type { Look } from './looks.ts';

/** Looks at the standby again and again until it is interrupted; ends with the exit status of the last look. */
export async function watch(
  options: PostmortemOptions & { readonly watchMs: number },
  { print, signal, endsByInterrupt }: CommandSurroundings,
): Promise<number> {
  checkFormats(options);
  const format = printedFormat(options.outputs);
  const surface = standardOutput();
  const isDrawn = format === 'stylish' && surface.isTty && surface.environment['TERM'] !== 'dumb';
  const frame = isDrawn ? new Frame(options) : undefined;
  let known: Known = new Map();
  let status = interrupted;
  try {
    const rhythm = { intervalMs: options.watchMs, signal };
    const looks = looksAt(
      options,
      frame === undefined ? rhythm : { ...rhythm, began: (...look) => frame.began(...look) },
    );
    for await (const look of looks) {
      endsByInterrupt?.();
      const { report } = look;
      const after = report === undefined ? { known, changes: [] } : changesWith(known, report, look.startedAt);
      known = after.known;
      status = report === undefined ? notExamined : await statusOf(report, options);
      try {
        // a program that follows the lines finds the files of the look that it has just read of
        if (report !== undefined) await writeReports(report, options);
      } finally {
        if (frame !== undefined) frame.show(look, known, after.changes);
        else await print(await lineOf(look, after.changes, options, status));
      }
    }
  } finally {
    frame?.end();
  }
  return status;
}

const interrupted = 130;
const notExamined = 3;

/** What comes again and again has to be read as it comes. */
function checkFormats({ outputs, fix }: PostmortemOptions): void {
  if (fix) throw new UsageError('--watch only looks, and --fix changes something.', 'Remove one of them.');
  const printed = printedFormat(outputs);
  if (printed !== undefined && !['stylish', 'json', 'nagios', 'prometheus', 'compact'].includes(printed))
    throw new UsageError(
      `--watch prints a report with each look, and --format ${printed} is one whole document.`,
      `Give it a file, which is replaced with each look: --format ${printed}=FILE. On standard output: stylish, json, nagios, prometheus or compact.`,
    );
  if (outputs.some(({ format }) => format === 'github'))
    throw new UsageError('--watch and --format github do not go together.', 'Remove one of them.');
}

async function lineOf(
  look: Look,
  changes: readonly Change[],
  options: PostmortemOptions,
  status: number,
): Promise<string> {
  const format = printedFormat(options.outputs);
  if (format === 'stylish' || format === 'json') return jsonLine(look, changes, status);
  if (look.report !== undefined) return printedText(look.report, options);
  if (format !== 'nagios') return '';
  const { inPlugin, pluginLine } = await import('../../report/nagios.ts');
  return pluginLine(3, inPlugin(look.because ?? ''));
}

/** One object a line, for a program that follows. */
function jsonLine(
  { number, startedAt, elapsedMs, report, because }: Look,
  changes: readonly Change[],
  status: number,
): string {
  const line = {
    ...{ schemaVersion: '1.0', tool: { name: 'standbylint', version }, command: 'watch', look: number },
    ...{ startedAt: startedAt.toISOString(), elapsedMs, status },
    because: because ?? null,
    changes: changes.map((one) => ({ ...one, since: one.since.toISOString(), at: one.at.toISOString() })),
    report: (report ?? null) satisfies Report | null,
  };
  return escapedJson(line, 0);
}
