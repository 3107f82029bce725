import { measuresOf } from '../../derived/measures.ts';
import { topologyOf } from '../../derived/topology.ts';
import type { Facts } from '../../facts/facts.ts';
import type { Report } from '../../findings/report.ts';
import type { Place } from '../../hosts/host.ts';
import { formatOf } from '../../report/formats.ts';
import type { Renderer } from '../../report/renderer.ts';
import type { FormatName } from '../../report/formats.ts';
import { noPaint, paintOf } from '../../report/paint.ts';
import type { ReportingOptions } from '../options/own-options.ts';
import { isForPeople, printedFormat } from '../options/outputs.ts';
import type { Output } from '../options/outputs.ts';
import { sceneOf } from './scene.ts';
import { colorLevel, textWidth } from '../terminal/terminal.ts';
import type { Surface } from '../terminal/terminal.ts';

/** Before anything is looked at. */
export async function checkFiles(outputs: readonly Pick<Output, 'file'>[]): Promise<void> {
  if (outputs.every(({ file }) => file === undefined)) return;
  const { checkOutputs } = await import('./report-files.ts');
  await checkOutputs(outputs);
}

type Shown = Pick<ReportingOptions, 'outputs' | 'color' | 'full'>;

/** The public report: with the machines by their names, the figures that were measured, and the servers. */
export const publicReport = (report: Report, facts: Partial<Facts>, place?: Place, machine?: string): Report => ({
  ...report,
  scene: sceneOf(facts, place, machine),
  measures: measuresOf(facts),
  topology: topologyOf(facts),
});

/** The report for standard output; empty where every format goes to a file. */
export async function printedText(report: Report, own: Shown): Promise<string> {
  const name = printedFormat(own.outputs);
  return name === undefined ? '' : render(report, await formatOf(name).renderer(), own, name);
}

/** Prints the report and writes it to the files that are asked for. */
export async function tellReport(report: Report, own: Shown, print: (text: string) => Promise<void>): Promise<void> {
  const text = await printedText(report, own);
  if (text !== '') await print(text);
  await writeReports(report, own);
}

/** The same for a copy that is to be made: in another place, what is typed next follows the report for people. */
export async function tellCopy(
  report: Report,
  { facts, place }: { readonly facts: Partial<Facts>; readonly place: Place | undefined },
  own: Shown,
  print: (text: string) => Promise<void>,
): Promise<void> {
  if (place === undefined || !isForPeople(own.outputs)) return tellReport(report, own, print);
  const { copyText } = await import('../examination/places.ts');
  await print(`${await printedText(report, own)}${copyText(report, facts, place)}`);
  await writeReports(report, own);
}

/** The files that are asked for, and what a format adds to another one. */
export async function writeReports(report: Report, own: Shown): Promise<void> {
  for (const { format, file } of own.outputs) {
    const { renderer, appends } = formatOf(format);
    if (file !== undefined) {
      const { writeReport } = await import('./report-files.ts');
      // a file is no terminal: colors are in it only where they are asked for
      const text = await render(report, await renderer(), own, format, { ...standardOutput(), isTty: false });
      await writeReport(file, text);
    }
    const other = appends && process.env[appends.variable];
    if (appends === undefined || other === undefined || other === '') continue;
    const { appendReport } = await import('./report-files.ts');
    await appendReport(other, appends.variable, await render(report, await appends.renderer(), own, format));
  }
}

async function render(
  report: Report,
  renderer: Renderer,
  { color, full }: Shown,
  name: FormatName,
  surface = standardOutput(),
): Promise<string> {
  const paint = name === 'stylish' ? await paintOf(colorLevel(color, surface)) : noPaint;
  const view = { width: textWidth(surface), paint, full };
  if (formatOf(name).explainsRules !== true) return renderer(report, view);
  const { catalogue } = await import('../../rules/catalogue.ts');
  return renderer(report, { ...view, rules: new Map(catalogue.map((rule) => [rule.id, rule])) });
}

export const standardOutput = (): Surface => ({
  // both are undefined where it is no terminal, whatever their types say
  isTty: process.stdout.isTTY,
  columns: process.stdout.columns,
  environment: process.env,
});
