import { describe, expect, it } from 'vitest';

import { examinedText } from '../../src/derived/files-examined.ts';
import type { PrimaryFiles } from '../../src/facts/primary-files.ts';

const files = (examined: number, complete: boolean): PrimaryFiles => ({
  dataDirectory: '/main',
  serverUser: undefined,
  examined,
  complete,
  unreadable: [],
  links: undefined,
  names: [],
});

describe('how far the look at the files went', () => {
  it.each([
    ['to the end', files(1_234, true), 'a base backup can open all files: 1,234 entries checked (the server)'],
    [
      'not to the end',
      files(20_000, false),
      'a base backup can open the first 20,000 entries; the others were not checked (the server)',
    ],
  ])('%s', (_, given, text) => expect(examinedText(given, 'the server')).toBe(text));
});
