import { readFileSync, statSync } from 'node:fs';

import { expect, it } from 'vitest';

import { hashOf, picturedPage } from './pictured.ts';

const pictures = new URL('../../docs/pictures/', import.meta.url);

it('the pictures in the README are of the page as it is: else run "npm run pictures"', () => {
  const pictured = readFileSync(new URL('report.sha256', pictures), 'utf8').trim();
  expect(hashOf(picturedPage())).toBe(pictured);
});

it.each(['report.png', 'report-phone.png'])('%s is small', (name) => {
  expect(statSync(new URL(name, pictures)).size).toBeLessThan(150_000);
});
