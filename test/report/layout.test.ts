import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';

import { columns, justify, padEnd, wrap } from '../../src/report/layout.ts';
import { noPaint } from '../../src/report/paint.ts';
import { stylish } from '../../src/report/stylish.ts';
import { aFinding, aReport } from './reports.ts';

const scene = { endpoint: 'db1:5432', primaryName: 'db1', source: 'primary', copyBytes: 0 } as const;
const path = '/数据/备库/第二个集群/主目录';
const refusal =
  '致命错误:  用户 "复制用户" 密码认证失败，连接与 pg_hba.conf 第 97 行匹配。请检查密码是否正确；不要重试太多次。';

describe('the columns of a text', () => {
  it.each([
    ['standby', 7],
    ['✖ a → b · c │ d', 15],
    [path, 28],
    ['🐘', 2],
    ['👨‍👩‍👧‍👦', 2],
    ['e\u0301', 1],
    ['\u001B[31mred\u001B[39m', 3],
    ['ｱｲｳ', 3],
    ['한국어', 6],
  ])('%j: %i', (text, expected) => {
    expect(columns(text)).toBe(expected);
  });

  it('are the same for each character, whether or not the tables of string-width were asked', () => {
    for (let code = 0x20; code <= 0xffff; code += 1) {
      const text = String.fromCharCode(code);
      expect(columns(text), `U+${code.toString(16)}`).toBe(stringWidth(text));
    }
  });

  it('and for characters beside each other', () => {
    const unit = fc.constantFrom(
      'a',
      'é',
      '→',
      '✖',
      '⚠',
      '─',
      '中',
      '🐘',
      '\u0301',
      '\u200D',
      '\uFE0F',
      '\u20E3',
      '#',
      '한',
    );
    fc.assert(fc.property(fc.string({ unit }), (text) => columns(text) === stringWidth(text)));
  });
});

describe('wide characters', () => {
  it('stand in columns', () => {
    expect([`${padEnd(path, 30)}|`, `${padEnd('/data', 30)}|`].map(columns)).toEqual([31, 31]);
    expect(justify(path, 'rule', 40)?.gap).toHaveLength(40 - 28 - 4);
  });

  it('are wrapped at spaces and behind their own punctuation, and nothing is lost', () => {
    const lines = wrap(refusal, 40);
    expect(lines.filter((line) => stringWidth(line) > 40)).toEqual([]);
    expect(lines.join('').replaceAll(' ', '')).toBe(refusal.replaceAll(' ', ''));
    expect(lines.length).toBeGreaterThan(2);
  });

  it('of a path stay whole', () => {
    expect(wrap(`目录 ${path.repeat(4)} 不是空的`, 40)).toEqual(['目录', path.repeat(4), '不是空的']);
  });

  it.each([60, 80, 100])('a report with Chinese paths and messages fits into %i columns', (width) => {
    const report = aReport({
      findings: [
        aFinding({
          title: `${path} 里已经有别的集群`,
          message: refusal.repeat(3),
          frame: null,
          remedy: null,
          evidence: [
            { label: '服务器', value: '致命错误', source: '日志' },
            { label: 'server', value: 'FATAL', source: 'log' },
          ],
        }),
      ],
    });
    const lines = stylish(report, { width, paint: noPaint, scene, full: true }).split('\n');
    expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
    // what stands below each other begins in the same column
    const begins = ['致命错误  (', 'FATAL  ('].map((value) => {
      const line = lines.find((one) => one.includes(value)) ?? '';
      return stringWidth(line.slice(0, line.indexOf(value)));
    });
    expect(begins[0]).toBe(begins[1]);
  });
});
