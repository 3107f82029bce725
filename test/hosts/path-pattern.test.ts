import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { localHost } from '../../src/hosts/local.ts';
import { matching } from '../../src/hosts/path-pattern.ts';

test('every sign that a name can have stands for itself beside one that stands for others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-pattern-'));
  onTestFinished(async () => rm(folder, { recursive: true }));
  const signs = [...Array.from({ length: 0x7e - 0x20 }, (_, at) => String.fromCodePoint(0x21 + at)), 'ü', '€', '😀'];
  for (const sign of signs) {
    if ('*?[/'.includes(sign)) continue;
    const path = join(folder, `a${sign}b.log`);
    await writeFile(path, '');
    expect(await matching(localHost(), [join(folder, `a${sign}*.log`)]), sign).toEqual([path]);
    await rm(path);
  }
});
