import type { Report } from '../facts/report.ts';

/** The public report as `--format json` prints it: one object, described by schemas/report.json. */
export const json = (report: Report): string => `${JSON.stringify(report, undefined, 2)}\n`;
