import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { editedText } from '../../src/fixes/edited-text.ts';
import { writtenLines } from '../../src/postgres/written-lines.ts';
import { backupName, editFile } from '../../src/remedies/edit-file.ts';
import type { Change } from '../../src/remedies/edit-file.ts';
import { exchangeInLine } from '../../src/remedies/sed.ts';

const now = new Date('2026-11-21T20:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'edit-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What stands in such files, and what makes a shell, a sed or a decoder stumble. */
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('host', 'all', ' ', '\t', 'md5', '=', '10.0.0.0/8', '# ', '0', 'max_connections'),
  },
  fc.constantFrom(
    "'",
    '"',
    '\\',
    '$HOME',
    '`id`',
    '&',
    '/',
    '|',
    '~',
    '*',
    '.',
    '[a]',
    '^',
    '%s',
    String.raw`\n`,
    '!',
    'ü',
    '漢',
    '😀',
  ),
  fc.constantFrom("primary_conninfo = 'host=a password=secret user=b'", 'ldapbindpasswd=x', '***'),
);
const line = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''));
const rawBytes = fc.constantFrom('', '', '', '\xff', '\xe4\xf6', '\xe2\x82', '\xfe\xff ');
const file = fc
  .record({
    lines: fc.array(fc.tuple(line, rawBytes), { maxLength: 6 }),
    end: fc.constantFrom('\n', '\n', '\r\n'),
    isEnded: fc.boolean(),
  })
  .map(({ lines, end, isEnded }) => {
    const bytes = lines.map(([text, raw]) => Buffer.concat([Buffer.from(text), Buffer.from(raw, 'latin1')]));
    const ended = bytes.map((one, at) =>
      Buffer.concat([one, Buffer.from(at < lines.length - 1 || isEnded ? end : '')]),
    );
    return Buffer.concat(ended);
  });
const text = line.filter((one) => !one.includes('***'));

describe('what is typed and what the tool does itself', () => {
  const check = (before: Buffer, makeChange: (lines: readonly string[]) => Change | undefined, locale: string) => {
    const path = join(folder, 'a file');
    const written = writtenLines(new TextDecoder().decode(before));
    const change = makeChange(written.lines);
    if (change === undefined) return;
    const { text: typed, edit } = editFile('primary', { file: path, now, written }, change);
    if (edit === undefined) throw new Error(`no edit for ${typed}`);
    writeFileSync(path, before);
    const ran = spawnSync('sh', ['-c', typed], { encoding: 'utf8', env: { ...process.env, LC_ALL: locale } });
    expect([ran.status, ran.stderr], typed).toEqual([0, '']);
    const native = editedText(before, edit);
    if (!native.ok) throw new Error(`${typed}: ${native.because}`);
    expect(readFileSync(path).toString('latin1'), typed).toBe(Buffer.from(native.bytes).toString('latin1'));
    expect(readFileSync(backupName(path, now)).equals(before)).toBe(true);
  };
  const locale = fc.constantFrom('C', 'C.UTF-8');
  const position = fc.nat(5);

  it('append the same bytes', () => {
    fc.assert(
      fc.property(file, fc.array(text, { minLength: 1, maxLength: 3 }), locale, (before, lines, where) =>
        check(before, () => ({ act: 'append', lines }), where),
      ),
      { numRuns: 120 },
    );
  });

  it('insert the same bytes', () => {
    fc.assert(
      fc.property(file, text, position, locale, (before, put, at, where) =>
        check(
          before,
          ({ length }) => (at < length ? { act: 'insert-before', line: at + 1, text: put } : undefined),
          where,
        ),
      ),
      { numRuns: 150 },
    );
  });

  it('make the same comments', () => {
    fc.assert(
      fc.property(file, fc.array(position, { minLength: 1, maxLength: 4 }), locale, (before, at, where) =>
        check(
          before,
          ({ length }) => {
            const lines = at.filter((one) => one < length).map((one) => one + 1);
            return lines.length === 0 ? undefined : { act: 'comment-out', lines };
          },
          where,
        ),
      ),
      { numRuns: 150 },
    );
  });

  it('exchange the same words', () => {
    fc.assert(
      fc.property(file, position, fc.nat(20), fc.nat(6), text, locale, (before, at, from, length, put, where) =>
        check(
          before,
          (lines) => {
            const was = lines[at];
            if (was === undefined) return undefined;
            const characters = Array.from(was);
            const becomes = [...characters.slice(0, from), put, ...characters.slice(from + length)].join('');
            return exchangeInLine(was, becomes) === undefined
              ? undefined
              : { act: 'replace', line: at + 1, becomes: [becomes] };
          },
          where,
        ),
      ),
      { numRuns: 300 },
    );
  });
});
