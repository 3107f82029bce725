import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { FileEdit, LineChange } from '../../src/findings/report.ts';
import { editedText } from '../../src/fixes/edited-text.ts';
import { unifiedDiff } from '../../src/fixes/unified-diff.ts';
import { hasTool } from '../lab/tool.ts';

const diffOf = (before: string, changes: readonly LineChange[], edit: Partial<FileEdit> = {}): string => {
  const diff = unifiedDiff(Buffer.from(before), { file: '/f', copy: '/f.before', changes, ...edit });
  if (!diff.ok) throw new Error(diff.because);
  return diff.lines.join('\n');
};
const numbered = (count: number): string => Array.from({ length: count }, (_, at) => `line ${at + 1}\n`).join('');
const comment = (line: number): LineChange => ({ act: 'replace', line, was: `line ${line}`, text: `# line ${line}` });

describe('a unified diff', () => {
  it('shows three lines around what changes, and puts what is near together', () => {
    expect(
      diffOf(numbered(20), [comment(2), { act: 'insert-before', line: 4, was: 'line 4', text: 'new' }, comment(17)]),
    ).toBe(
      [
        '--- /f',
        '+++ /f',
        '@@ -1,6 +1,7 @@',
        ' line 1',
        '-line 2',
        '+# line 2',
        ' line 3',
        '+new',
        ' line 4',
        ' line 5',
        ' line 6',
        '@@ -14,7 +15,7 @@',
        ' line 14',
        ' line 15',
        ' line 16',
        '-line 17',
        '+# line 17',
        ' line 18',
        ' line 19',
        ' line 20',
      ].join('\n'),
    );
  });

  it('says which line of the file is another one now', () => {
    const edit = { file: '/f', copy: '/c', changes: [comment(2)] };
    expect(unifiedDiff(Buffer.from('line 1\nother\n'), edit)).toMatchObject({ ok: false, line: 2 });
  });

  it('shows no password', () => {
    const hba = 'host all all all ldap ldapbindpasswd="a b\\\nc" x=y\n';
    const conninfo = "primary_conninfo = 'host=a password=secret1 user=b'\n# old: password = secret2\n";
    const shown = diffOf(`${hba}${conninfo}restore_command = 'PGPASSWORD=secret3 cp %f %p'\n`, [
      { act: 'append', text: 'x = 1' },
    ]);
    expect(shown).not.toMatch(/a b|c" x|secret/u);
    expect(shown).toContain("\n primary_conninfo = 'host=a password=*** user=b'\n");
    const passfile = diffOf('h:1:d:u:secret', [{ act: 'append', text: 'h:2:d:u:<password>' }], { secret: true });
    expect(passfile).toBe(
      [
        '--- /f',
        '+++ /f',
        '@@ -1,1 +1,2 @@',
        '-***',
        String.raw`\ No newline at end of file`,
        '+***',
        '+h:2:d:u:<password>',
      ].join('\n'),
    );
  });

  it('of a file that is made names what was there: nothing', () => {
    expect(diffOf('', [{ act: 'append', text: 'x' }], { absent: true })).toBe(
      ['--- /dev/null', '+++ /f', '@@ -0,0 +1,1 @@', '+x'].join('\n'),
    );
  });

  it.skipIf(!hasTool('patch'))('is what patch makes the edited file of', () => {
    const folder = mkdtempSync(join(tmpdir(), 'diff-'));
    const file = join(folder, 'f');
    try {
      fc.assert(
        fc.property(
          fc.array(fc.constantFrom('a', 'b', 'c d', ''), { minLength: 1, maxLength: 24 }),
          fc.boolean(),
          fc.array(fc.tuple(fc.constantFrom('replace', 'insert-before', 'append'), fc.nat(23)), {
            minLength: 1,
            maxLength: 5,
          }),
          (lines, isEnded, wanted) => {
            const before = `${lines.join('\n')}${isEnded ? '\n' : ''}`;
            const count = before.split('\n').length - (before.endsWith('\n') ? 1 : 0);
            const changes = wanted.flatMap(([act, at], index): readonly LineChange[] => {
              const was = lines[at];
              if (act === 'append') return [{ act, text: `appended ${index}` }];
              if (was === undefined || at >= count) return [];
              if (act === 'insert-before') return [{ act, line: at + 1, was, text: `inserted ${index}` }];
              return wanted.some(([other, place], before_) => before_ < index && other === 'replace' && place === at)
                ? []
                : [{ act: 'replace', line: at + 1, was, text: `replaced ${index}` }];
            });
            const edit = { file: 'f', copy: 'c', changes };
            const edited = editedText(Buffer.from(before), edit);
            if (!edited.ok || changes.length === 0) return;
            writeFileSync(file, before);
            const diff = `${diffOf(before, changes, { file: 'f' })}\n`;
            const ran = spawnSync('patch', ['-s', '-p0'], { cwd: folder, input: diff, encoding: 'utf8' });
            expect([ran.status, ran.stdout], diff).toEqual([0, '']);
            expect(readFileSync(file).equals(Buffer.from(edited.bytes)), diff).toBe(true);
          },
        ),
        { numRuns: 100 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
