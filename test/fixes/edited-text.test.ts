import { describe, expect, it } from 'vitest';

import type { FileEdit, LineChange } from '../../src/findings/report.ts';
import { editedText } from '../../src/fixes/edited-text.ts';
import { exchanged } from '../../src/fixes/exchanged-line.ts';

/** In bytes: a character for each. */
function after(before: string, changes: readonly LineChange[], edit: Partial<FileEdit> = {}): string {
  const made = editedText(Buffer.from(before, 'latin1'), { file: '/f', copy: '/c', changes, ...edit });
  return made.ok ? Buffer.from(made.bytes).toString('latin1') : `line ${made.line}`;
}
const append = (text: string): LineChange => ({ act: 'append', text });

describe('the text after an edit', () => {
  it.each([
    ['a file that ends with a line feed', 'a\n', 'a\n\nx\ny\n'],
    ['one that does not', 'a', 'a\nx\ny\n'],
    ['an empty one', '', '\nx\ny\n'],
  ])('has what is appended at the end of %s', (_, before, becomes) => {
    expect(after(before, [append('x'), append('y')])).toBe(becomes);
  });

  it('of a file that is made has nothing else', () => {
    expect(after('', [append('x')], { absent: true })).toBe('x\n');
  });

  it('has lines that end as the others do', () => {
    const changes = [
      { act: 'insert-before', line: 2, was: 'b', text: 'new' },
      { act: 'replace', line: 2, was: 'b', text: '# b' },
      append('x'),
    ] as const;
    expect(after('a\r\nb\r\nc', changes, { crlf: true })).toBe('a\r\nnew\r\n# b\r\nc\r\nx\r\n');
  });

  it('counts lines as they are before any change', () => {
    const changes = [1, 3].flatMap((line): readonly LineChange[] => [
      { act: 'insert-before', line, was: `l${line}`, text: `before ${line}` },
    ]);
    expect(after('l1\nl2\nl3\n', changes)).toBe('before 1\nl1\nl2\nbefore 3\nl3\n');
  });

  it('changes one line by several replacements, one after another', () => {
    const changes = [
      { act: 'replace', line: 1, was: 'host=a port=1 password=***', text: 'host=b port=1 password=***' },
      { act: 'replace', line: 1, was: 'host=b port=1 password=***', text: 'host=b port=2 password=***' },
    ] as const;
    expect(after('host=a port=1 password=host=a\n', changes)).toBe('host=b port=2 password=host=a\n');
  });

  it.each([
    ['another text', 'a\nB\n'],
    ['nothing there', 'a\n'],
    ['a blank more', 'a\nb \n'],
    ['the line one further down', 'a\nnew\nb\n'],
  ])('is not made where a line is no longer what it was: %s', (_, before) => {
    expect(after(before, [{ act: 'replace', line: 2, was: 'b', text: '# b' }])).toBe('line 2');
    expect(after(before, [{ act: 'insert-before', line: 2, was: 'b', text: 'x' }])).toBe('line 2');
  });
});

describe('a line of which one piece is exchanged', () => {
  it.each([
    ['keeps what is masked', 'password=pw user=a', 'password=*** user=a', 'password=*** user=b', 'password=pw user=b'],
    [
      'keeps bytes that are no UTF-8',
      '\xe4\xf6 md5 \xe2\x82',
      '\ufffd\ufffd md5 \ufffd',
      '\ufffd\ufffd peer \ufffd',
      '\xe4\xf6 peer \xe2\x82',
    ],
    ['may lose what is masked', 'h:1:d:u:old', 'h:1:d:u:***', 'h:1:d:u:new', 'h:1:d:u:new'],
    ['becomes a comment', 'x\xff***', 'x\ufffd***', '# x\ufffd***', '# x\xff***'],
    ['gets characters of several bytes', 'a=1', 'a=1', 'a=ü漢😀', Buffer.from('a=ü漢😀').toString('latin1')],
  ])('%s', (_, line, was, becomes, result) => expect(exchanged(line, was, becomes)).toBe(result));

  it.each([
    ['another line', 'user=a', 'user=b', 'user=c'],
    ['two places that it could be', 'k=x, u=1, k=y, u=1, z', '***, u=1, ***', '***, u=2, ***'],
    ['a secret that would have to be made up', 'a=1', 'a=1', 'a=***'],
  ])('stays as it is: %s', (_, line, was, becomes) => expect(exchanged(line, was, becomes)).toBeUndefined());
});
