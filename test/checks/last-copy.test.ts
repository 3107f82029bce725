import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { lastCopyCheck } from '../../src/checks/last-copy.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { bytesInManifest } from '../../src/postgres/backup-manifest.ts';
import { aReceiver, aRunningStandby } from '../rules/standby-world.ts';
import { factsOf, postmortemOf } from './standby-surroundings.ts';

let folder = '';
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-copy-')));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const begin = new Date('2026-11-21T19:00:00.400Z');

/** What pg_basebackup leaves: the label first, the manifest last. */
async function aCopy({
  seconds = 40.6,
  startTime = '2026-11-21 19:00:00 UTC',
  method = 'streamed',
  label = 'backup_label.old',
  manifest = 'backup_manifest',
} = {}): Promise<void> {
  const write = async (name: string, text: string, at: number): Promise<void> => {
    await writeFile(join(folder, name), text);
    await utimes(join(folder, name), at, at);
  };
  const start = begin.getTime() / 1_000;
  await write(
    label,
    `START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000060\nBACKUP METHOD: ${method}\nBACKUP FROM: primary\nSTART TIME: ${startTime}\nLABEL: pg_basebackup base backup\nSTART TIMELINE: 1\n`,
    start,
  );
  await write(manifest, manifestOf(['PG_VERSION', 3n], ['base/1/1259', 812_000_000n]), start + seconds);
}

const manifestOf = (...files: readonly (readonly [path: string, size: bigint])[]): string =>
  `{ "PostgreSQL-Backup-Manifest-Version": 1,\n"Files": [\n${files
    .map(
      ([path, size]) =>
        `{ "Path": ${JSON.stringify(path)}, "Size": ${size}, "Last-Modified": "2026-11-21 19:00:00 GMT" }`,
    )
    .join(
      ',\n',
    )}\n],\n"WAL-Ranges": [\n{ "Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/2000100" }\n],\n"Manifest-Checksum": "aa"}\n`;

const measured = async () => (await factsOf(postmortemOf(folder), ['lastCopy'])).lastCopy;

describe('the last copy', () => {
  it('took from the label to the manifest', async () => {
    await aCopy();
    expect(await measured()).toMatchObject({ status: 'seen', value: { bytes: 812_000_003n } });
    expect(await measured()).toMatchObject({ value: { seconds: expect.closeTo(40.6, 3) } });
  });

  it.each([
    { name: 'no server has run on it yet', copy: { label: 'backup_label' } },
    { name: "in the primary's own zone", copy: { startTime: '2026-11-22 00:44:58 +0545' } },
  ])('$name', async ({ copy }) => {
    await aCopy(copy);
    expect(await measured()).toMatchObject({ status: 'seen' });
  });

  it.each([
    { name: 'too short to tell a rate', copy: { seconds: 3 } },
    { name: 'pg_rewind wrote the label', copy: { method: 'pg_rewind' } },
    { name: 'copied again by another program', copy: { startTime: '2026-11-21 12:34:56 UTC' } },
    { name: 'and so in a zone whose name says nothing', copy: { startTime: '2026-11-21 20:07:30 CET' } },
    { name: 'it did not finish', copy: { manifest: 'backup_manifest.tmp' } },
    { name: 'no manifest', copy: { manifest: 'another' } },
    { name: 'the clocks went backwards', copy: { seconds: -40 } },
  ])('is not measured: $name', async ({ copy }) => {
    await aCopy(copy);
    expect(await measured()).toMatchObject({ status: 'not-applicable' });
  });

  it('is not measured where tablespaces came first', async () => {
    await aCopy();
    await mkdir(join(folder, 'space'));
    await mkdir(join(folder, 'pg_tblspc'));
    await symlink(join(folder, 'space'), join(folder, 'pg_tblspc', '16384'));
    expect(await measured()).toMatchObject({ status: 'not-applicable' });
  });

  it('is not looked for where the standby streams', async () => {
    await aCopy();
    const { dataDirectory } = await factsOf(postmortemOf(folder), ['dataDirectory']);
    if (dataDirectory === undefined) throw new Error('no fact');
    const look = async (receiver: ReturnType<typeof aReceiver> | undefined) =>
      lastCopyCheck.look(
        { dataDirectory, runningStandby: seen(aRunningStandby({ receiver }), 'the test') },
        postmortemOf(folder),
      );
    expect(await look(aReceiver())).toEqual({ lastCopy: notApplicable('the standby streams') });
    expect(await look(undefined)).toMatchObject({ lastCopy: { status: 'seen' } });
    const gone = unseen('unreadable', 'gone');
    expect(await lastCopyCheck.look({ dataDirectory: gone, runningStandby: gone }, postmortemOf(folder))).toEqual({
      lastCopy: gone,
    });
  });
});

describe('backup_manifest', () => {
  it('is summed, wherever its pieces end and whatever the files are called', async () => {
    const file = fc.tuple(
      fc.oneof(fc.string(), fc.constantFrom('"Size": 7,', 'a", "Size": 9, "b', 'ä/"Size": 3,\n')),
      fc.bigInt({ min: 0n, max: 2n ** 40n }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(file), fc.integer({ min: 1, max: 400 }), async (files, length) => {
        const bytes = Buffer.from(manifestOf(...files));
        async function* pieces(): AsyncGenerator<Uint8Array> {
          for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
        }
        expect(await bytesInManifest(pieces())).toBe(files.reduce((sum, [, size]) => sum + size, 0n));
      }),
    );
  });
});
