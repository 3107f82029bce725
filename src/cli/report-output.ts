import type { Facts } from '../facts/facts.ts';
import type { Report } from '../findings/report.ts';
import type { Place } from '../hosts/host.ts';
import { json } from '../report/json.ts';
import { paintOf } from '../report/paint.ts';
import type { ReportingOptions } from './own-options.ts';
import { sceneOf } from './scene.ts';
import { colorLevel, textWidth } from './terminal.ts';
import type { Surface } from './terminal.ts';

/** A report in the format that was asked for, for standard output. */
export async function reportText(
  report: Report,
  facts: Partial<Facts>,
  own: Pick<ReportingOptions, 'format' | 'color' | 'full'>,
  place?: Place,
): Promise<string> {
  if (own.format === 'json') return json(report);
  const surface = standardOutput();
  const [{ stylish }, paint] = await Promise.all([
    import('../report/stylish.ts'),
    paintOf(colorLevel(own.color, surface)),
  ]);
  return stylish(report, { width: textWidth(surface), paint, scene: sceneOf(facts, place), full: own.full });
}

export const standardOutput = (): Surface => ({
  // both are undefined where it is no terminal, whatever their types say
  isTty: process.stdout.isTTY,
  columns: process.stdout.columns,
  environment: process.env,
});
