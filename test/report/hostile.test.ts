import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { formatNames, formatOf } from '../../src/report/formats.ts';
import type { FormatName } from '../../src/report/formats.ts';
import { escapedJson } from '../../src/report/json.ts';
import { githubSummary } from '../../src/report/github.ts';
import { noPaint } from '../../src/report/paint.ts';
import { hostile, spoiled } from './spoiled.ts';

const controls =
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])/u;

const lineCount = (text: string): number => text.split('\n').length;

/** The report with plain words in the same places. */
const plain = spoiled('word');

/** What must hold of a format whatever the report says; `calm` is the same report with plain words. */
const holds: Readonly<Record<FormatName, (text: string, calm: string) => void>> = {
  stylish: () => undefined,
  compact: (text, calm) => expect(lineCount(text)).toBe(lineCount(calm)),
  json: (text) => expect(JSON.parse(text)).toBeTypeOf('object'),
  sarif: (text) => {
    expect(JSON.parse(text)).toBeTypeOf('object');
    expect(text).not.toMatch(/^ *"text": .*\]\((?:javascript|http)/mu);
  },
  gitlab: (text, calm) => expect(lineCount(text)).toBe(lineCount(calm)),
  junit: (text, calm) => {
    expect(text).not.toContain(']]>');
    expect(text.replaceAll(/="[^"<>]*"/gu, '').replaceAll(/>[^<>]*</gu, '><')).toBe(
      calm.replaceAll(/="[^"<>]*"/gu, '').replaceAll(/>[^<>]*</gu, '><'),
    );
    expect(text).not.toMatch(/&(?!(?:amp|lt|gt|quot|#\d+);)|\ufffe/u);
  },
  github: (text, calm) => {
    const commands = (whole: string): readonly (string | undefined)[] =>
      whole.split('\n').map((line) => /^::\w+/u.exec(line)?.[0]);
    expect(commands(text)).toEqual(commands(calm));
    for (const line of text.split('\n').filter((one) => one.startsWith('::')))
      expect(line).toMatch(/^::(?:error|warning|notice) (?:(?:file|line|title)=[^:,]*,?)+::/u);
  },
  markdown: (text) => {
    const outside = text
      .replaceAll(/^( *)(`{3,})\w*\n[\s\S]*?\n\1\2$/gmu, '')
      .replaceAll(/(?<!\\|`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/gu, '');
    expect(outside).not.toMatch(/<(?!!-- -->)|(?<![\\\w])\[|(?<![\w>])@\w/u);
    for (const row of text.split('\n').filter((line) => line.startsWith('| ')))
      expect(row.replaceAll('\\|', '').split('|')).toHaveLength(4);
  },
  nagios: (text) => {
    expect(text.split('\n')).toHaveLength(2);
    expect(text.split('|')).toHaveLength(2);
    expect(text).not.toMatch(/[<>]/u);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
  },
  prometheus: (text, calm) => {
    expect(lineCount(text)).toBe(lineCount(calm));
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) standbylint_\w+ .+|standbylint_\w+\{(?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)*\} [\d.]+)$/u,
      );
  },
  html: (text, calm) => {
    expect(tagsOf(text)).toEqual(tagsOf(calm));
    expect(text).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/u);
  },
};

/** The tags of a page, without what is written in them and between them. */
const tagsOf = (page: string): readonly string[] => page.replaceAll(/="[^"]*"/gu, '').match(/<[^>]*>/gu) ?? [];

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
