import { expect } from 'vitest';

import type { FormatName } from '../../src/report/formats.ts';

export const controls =
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])/u;

export const lineCount = (text: string): number => text.split('\n').length;

/** What must hold of a format whatever the report says; `calm` is the same report with plain words. */
export const holds: Readonly<Record<FormatName, (text: string, calm: string) => void>> = {
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
