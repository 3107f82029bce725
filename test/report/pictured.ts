import { createHash } from 'node:crypto';

import { htmlPage } from '../../src/report/html/page.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { sample } from './spoiled.ts';

/** The page that the README's pictures of the HTML report are made of. */
export const picturedPage = (): string =>
  htmlPage(sample, { rules: new Map(catalogue.map((rule) => [rule.id, rule])) });

export const hashOf = (page: string): string => createHash('sha256').update(page).digest('hex');
