import type { Location } from '../findings/report.ts';
import type { NeededSetting } from '../facts/start-needs.ts';
import { at } from '../findings/judgement.ts';

/** Where a setting of the standby stands: the side alone where it is the server's default, or on its command line. */
export const whereSet = ({ source }: NeededSetting): Location =>
  source?.kind === 'file' ? at('standby', undefined, source.file, source.line) : at('standby');

/** The same in words, as the source of an evidence. */
export const placeOfSetting = ({ source }: NeededSetting): string =>
  source === undefined
    ? 'the default'
    : source.kind === 'file'
      ? `${source.file}, line ${source.line}`
      : `the command line (${source.written})`;
