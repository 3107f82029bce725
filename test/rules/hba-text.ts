import { parseHbaFile } from '../../src/postgres/hba-file.ts';
import type { HbaLine } from '../../src/postgres/hba-line.ts';

/** The lines of a pg_hba.conf of PostgreSQL 15, as the primary of the healthy world would read them. */
export const parseHbaText = (file: string, text: string): readonly HbaLine[] =>
  parseHbaFile({ file, text, serverVersion: 15, ssl: true }).lines;
