import type { Report } from '../findings/report.ts';
import { runnerCommand } from './for-logs.ts';
import { unprintable } from '../postgres/unprintable.ts';

/**
 * The public report as `--format json` prints it: one object, described by schemas/report.json. Characters that could
 * move a cursor or reverse text stand as \u escapes, those too that JSON would allow as they are: it means the same, and
 * nothing happens to who looks at it on a terminal or in a log.
 */
export const json = (report: Report): string => escapedJson(report);

/** `indent` 0: in one line. */
export const escapedJson = (value: object, indent = 2): string =>
  `${JSON.stringify(value, undefined, indent)
    .replaceAll(unprintable, (character) =>
      character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replaceAll(runnerCommand, String.raw`\u0023#`)}\n`;
