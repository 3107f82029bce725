import type { Location } from '../../facts/report.ts';
import type { StandbyConninfo } from '../../facts/standby.ts';
import { at } from '../../remedies/remedy.ts';

/** Where primary_conninfo stands. */
export const whereItStands = ({ file, line }: StandbyConninfo): Location => at('standby', undefined, file, line);

export const placeOf = ({ file, line }: Pick<StandbyConninfo, 'file' | 'line'>): string =>
  file === undefined ? 'the command line of the server' : `${file}, line ${line ?? 1}`;

/** A masked connection string as it can be typed: the one placeholder stands where the password belongs. */
export const toType = (masked: string): string => masked.replaceAll('***', '<password>');
