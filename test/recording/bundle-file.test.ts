import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

import { bundleFile, membersOf } from '../../src/recording/bundle-file.ts';
import type { Document } from '../../src/recording/bundle-file.ts';
import { readFactsFile } from '../../src/recording/facts-file.ts';
import { fitsInTar, memberOf, tarOf } from '../../src/recording/tar.ts';
import { aStandby } from './worlds.ts';

const time = new Date('2026-11-21T20:00:00Z');

describe('a tar file', () => {
  it('is what tar(1) reads, with every name that fits', () => {
    const names = ['a', 'x'.repeat(100), `${'d'.repeat(155)}/${'f'.repeat(100)}`, 'dir/with blanks/ä "quoted" $(x)'];
    const members = names.map((name, at) => ({ name, content: Buffer.alloc(at * 511, at) }));
    const folder = mkdtempSync(join(tmpdir(), 'standbylint-tar-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'a.tar');
    writeFileSync(file, tarOf(members, time));
    const listed = execFileSync('tar', ['--quoting-style=literal', '-tf', file], { encoding: 'utf8' });
    expect(listed.trim().split('\n')).toEqual(names);
    for (const { name, content } of members)
      expect(execFileSync('tar', ['-xOf', file, name])).toEqual(Buffer.from(content));
    const long = execFileSync('tar', ['-tvf', file], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
    expect(long).toMatch(/^-rw------- 0\/0 +0 2026-11-21 20:00 a$/mu);
  });

  it('gives back what was put in, by name; the same makes the same', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[\w./-]{1,120}$/u), { maxLength: 8 }),
        fc.uint8Array(),
        (names, bytes) => {
          const members = names
            .filter((name) => fitsInTar(name) && !name.startsWith('./'))
            .map((name) => ({ name, content: bytes }));
          const archive = tarOf(members, time);
          expect(tarOf(members, time)).toEqual(archive);
          for (const { name } of members)
            expect(Buffer.from(memberOf(archive, name) ?? [])).toEqual(Buffer.from(bytes));
          expect(memberOf(archive, 'not there')).toBeUndefined();
        },
      ),
    ));

  it('a name that does not fit is not written', () => {
    expect(fitsInTar('x'.repeat(101))).toBe(false);
    expect(() => tarOf([{ name: 'x'.repeat(101), content: Buffer.alloc(0) }], time)).toThrow('too long');
  });
});

const documents: readonly Document[] = [
  { name: 'log/a.log.txt', from: '/a.log', text: "LOG:  password='hunter2' x\n" },
  { name: 'data-directory/pg_hba.conf', from: '/d/pg_hba.conf', text: 'local all all trust\n' },
];

describe('a bundle', () => {
  const recording = aStandby();
  const file = bundleFile(membersOf({ recording, documents, leftOut: [] }), recording);

  it('is read as its facts are, and is the same for the same', () => {
    const read = readFactsFile(file);
    expect(read.ok && read.recording).toStrictEqual(recording);
    const again = membersOf({ recording, documents: documents.toReversed(), leftOut: [] });
    expect(bundleFile(again, recording)).toEqual(file);
  });

  it('masks what no check has masked', () => {
    const members = membersOf({ recording, documents, leftOut: [] });
    expect(members.map(({ name }) => name)).toEqual([
      'README.txt',
      'facts.jsonl',
      'data-directory/pg_hba.conf',
      'log/a.log.txt',
    ]);
    expect(members.map(({ content }) => Buffer.from(content).toString()).join('')).not.toContain('hunter2');
  });

  it.each([
    ['without facts', gzipSync(tarOf([{ name: 'a', content: Buffer.from('b') }], time)), 'is not a file of facts'],
    [
      'cut within',
      gzipSync(tarOf([{ name: 'facts.jsonl', content: Buffer.alloc(600) }], time).subarray(0, 900)),
      'is not a file of facts',
    ],
    ['cut', file.subarray(0, file.length - 20), 'is not complete: its end is missing'],
  ])('%s is refused in a sentence', (_name, bytes, problem) => {
    const read = readFactsFile(bytes);
    expect(read.ok ? 'it is read' : read.problem).toBe(problem);
  });
});
