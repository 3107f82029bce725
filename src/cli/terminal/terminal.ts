import type { ColorChoice } from '../options/own-options.ts';

/** What a stream and the environment say of a terminal. */
export interface Surface {
  readonly isTty: boolean;
  readonly columns: number | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** chalk's levels: none, 16 colours, 256, all. */
export type ColorLevel = 0 | 1 | 2 | 3;

/** The flag wins over NO_COLOR, that over FORCE_COLOR, and that over what the stream is. */
export function colorLevel(choice: ColorChoice, { isTty, environment }: Surface): ColorLevel {
  if (choice === 'never') return 0;
  if (choice === 'always') return levelOf(environment);
  if ((environment['NO_COLOR'] ?? '') !== '') return 0;
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced === '0' || forced === 'false' ? 0 : levelOf(environment);
  return isTty && environment['TERM'] !== 'dumb' ? levelOf(environment) : 0;
}

function levelOf(environment: Surface['environment']): ColorLevel {
  if (/^(truecolor|24bit)$/u.test(environment['COLORTERM'] ?? '')) return 3;
  return /-256(color)?$/u.test(environment['TERM'] ?? '') ? 2 : 1;
}

/** How wide a report is: as the terminal, between 60 and 100 columns; 80 where there is none. */
export function textWidth({ columns, environment }: Surface): number {
  const asked = Number(environment['COLUMNS']);
  // a terminal that was not told its size says 0
  const width = Number.isInteger(asked) && asked > 0 ? asked : columns || usualWidth;
  return Math.min(Math.max(width, narrowest), widest);
}

const usualWidth = 80;
const narrowest = 60;
const widest = 100;
