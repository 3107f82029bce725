import { createHash } from 'node:crypto';

import type { Finding, Report } from './report.ts';

/**
 * What makes a finding the same in two runs: its rule, where it is, and the object that its title names. Figures in a
 * title (sizes, durations, positions) change from run to run and do not count. Two findings of one report that are alike
 * in all of that are told apart by their order.
 */
export function fingerprintsOf({ findings }: Pick<Report, 'findings'>): ReadonlyMap<string, string> {
  const seen = new Map<string, number>();
  return new Map(
    findings.map((finding) => {
      const whole = identityOf(finding);
      const before = seen.get(whole) ?? 0;
      seen.set(whole, before + 1);
      return [finding.id, hash(before === 0 ? whole : `${whole}\n${before}`)];
    }),
  );
}

/** A title without its figures, which change from run to run. */
export const titleIdentity = (title: string): string => title.replaceAll(figure, '#');

const identityOf = ({ rule, where, title }: Finding): string =>
  [rule, where.side, where.file ?? '', titleIdentity(title)].map((part) => JSON.stringify(part)).join('\n');

/** `1.2 GB`, `5 min`, `0/3000148`, `42`; a digit in a name (`db1`, `slot_2`) is part of the name. */
const figure = /(?<![\w.-])(?:[\dA-F]+\/[\dA-F]+|\d[\d.,]*)(?![\w-])/gu;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
