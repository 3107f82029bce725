import type { PrimaryFiles } from '../facts/primary-files.ts';
import { formatCount } from '../postgres/bytes.ts';

/** How far the look at the primary's files went. */
export const examinedText = ({ examined, complete }: PrimaryFiles, source: string): string =>
  complete
    ? `a base backup can open all files: ${formatCount(examined)} entries checked (${source})`
    : `a base backup can open the first ${formatCount(examined)} entries; the others were not checked (${source})`;
