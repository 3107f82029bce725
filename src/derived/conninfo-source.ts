import type { Location } from '../findings/report.ts';
import type { StandbyConninfo } from '../facts/standby-configuration.ts';
import { at } from '../findings/judgement.ts';

/** Where primary_conninfo stands. */
export const whereItStands = ({ file, line }: StandbyConninfo): Location => at('standby', undefined, file, line);

/** The same in words. */
export const placeOf = ({ file, line }: Pick<StandbyConninfo, 'file' | 'line'>): string =>
  file === undefined ? 'the command line of the server' : `${file}, line ${line ?? 1}`;
