import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { formatNames, formatOf } from '../../src/report/formats.ts';
import { escapedJson } from '../../src/report/json.ts';
import { githubSummary } from '../../src/report/github.ts';
import { noPaint } from '../../src/report/paint.ts';
import { hostile, spoiled } from './spoiled.ts';
import { controls, holds, lineCount } from './what-holds.ts';

/** The report with plain words in the same places. */
const plain = spoiled('word');

describe.each(formatNames)('%s', (name) => {
  it('lets no text of a server break out', async () => {
    const renderer = await formatOf(name).renderer();
    const render = (report: Report): string => renderer(report, { width: 80, paint: noPaint, full: true });
    const calm = render(plain);
    fc.assert(
      fc.property(hostile, (words) => {
        const text = render(spoiled(words));
        expect(text).not.toMatch(controls);
        if (name !== 'github') expect(text).not.toMatch(/^\s*::[a-z-]+(?: [^\n]*)?::/imu);
        expect(text).not.toMatch(/##\w*\[/u);
        holds[name](text, calm);
      }),
      { numRuns: 60 },
    );
  });
});

it('writes a job summary that is Markdown of the same kind', () => {
  fc.assert(
    fc.property(hostile, (words) => {
      holds.markdown(githubSummary(spoiled(words)), '');
    }),
    { numRuns: 30 },
  );
});

it('writes JSON in one line that moves no cursor, as a fleet and a watch do', () => {
  fc.assert(
    fc.property(hostile, (words) => {
      const text = escapedJson(spoiled(words), 0);
      expect(text).not.toMatch(controls);
      expect(lineCount(text)).toBe(2);
      expect(JSON.parse(text)).toEqual(JSON.parse(escapedJson(spoiled(words))));
    }),
    { numRuns: 30 },
  );
});
