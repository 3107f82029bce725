import { chown, link, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Report } from '../../src/findings/report.ts';
import { advance, parseWalFileName, walFileName, walSegmentSize } from '../../src/postgres/lsn.ts';
import { median } from './figure.ts';
import type { Figure } from './figure.ts';
import { postmortem } from './pair.ts';
import type { Pair } from './pair.ts';
import { needRoom } from './room.ts';

const databases = 10;
const relationsOfEach = 20_000;
const segments = 10_000;
const rounds = 9;

/**
 * Two data directories of a standby that is down, as its copies: one as initdb made it, the other with 200,000 files of
 * relations and 10,000 WAL segments more.
 */
export async function directory(pair: Pair): Promise<readonly Figure[]> {
  const { standby } = pair;
  const folder = join(standby.folder, 'directories');
  await needRoom(standby.folder, 512, 3 * segments);
  try {
    await standby.stop();
    const copies = { small: join(folder, 'small', 'data'), large: join(folder, 'large', 'data') };
    for (const copy of Object.values(copies)) {
      await standby.run('mkdir', ['-p', join(copy, '..')]);
      await standby.run('cp', ['-a', standby.dataDirectory, copy]);
    }
    const { uid, gid } = standby.runAs ?? { uid: -1, gid: -1 };
    const begin = performance.now();
    const base = join(copies.large, 'base');
    const asTemplate = (folder: string): Promise<unknown> => standby.run('cp', ['-a', join(base, '1'), folder]);
    await addRelations(base, asTemplate, (path) => chown(path, uid, gid));
    await addSegments(join(copies.large, 'pg_wal'), (path) => chown(path, uid, gid));
    const made = ((performance.now() - begin) / 1000).toFixed(0);
    console.log(`${databases * relationsOfEach} files and ${segments} segments more, made in ${made} s`);
    return [await compare(pair, copies)];
  } finally {
    await rm(folder, { recursive: true, force: true });
    await standby.start();
  }
}

async function compare(
  pair: Pair,
  { small, large }: { readonly small: string; readonly large: string },
): Promise<Figure> {
  const taken: { readonly small: number; readonly large: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const [one, other] = [await pair.run(postmortem(pair, small)), await pair.run(postmortem(pair, large))];
    if (round > 0) taken.push({ small: one.elapsedMs, large: other.elapsedMs });
  }
  const outcomes = await Promise.all([small, large].map(async (path) => outcomesOf(pair, path)));
  if (outcomes[0] !== outcomes[1]) throw new Error(`The two are not told alike:\n${outcomes.join('\n')}`);
  for (const name of ['small', 'large'] as const) {
    const all = taken.map((round) => round[name]);
    console.log(`${name.padEnd(32)}${[Math.min(...all), median(all)].map((ms) => ms.toFixed(0).padStart(8)).join('')}`);
  }
  const more = median(taken.map((round) => round.large - round.small)) / 1000;
  return { what: 'standbylint postmortem of a large directory', measured: more, atMost: 0.5, unit: 's more' };
}

async function outcomesOf(pair: Pair, dataDirectory: string): Promise<string> {
  const { output } = await pair.run([...postmortem(pair, dataDirectory), '--format', 'json']);
  const report: Report = JSON.parse(output);
  return report.rules.map(({ id, outcome }) => `${id} ${outcome}`).join('; ');
}

/** Hard links, which are made in a fifth of the time: nobody looks into them. */
async function addRelations(
  base: string,
  asTemplate: (folder: string) => Promise<unknown>,
  own: (path: string) => Promise<void>,
): Promise<void> {
  for (let database = 0; database < databases; database += 1) {
    const folder = join(base, String(20_000 + database));
    await asTemplate(folder);
    const first = join(folder, '100000');
    await writeFile(first, '');
    await own(first);
    for (let number = 1; number < relationsOfEach; number += 1)
      await link(first, join(folder, String(100_000 + number)));
  }
}

/** Behind the first one that is there, and archived; each with the header of its first page (xlog_internal.h), else empty. */
async function addSegments(wal: string, own: (path: string) => Promise<void>): Promise<void> {
  const size = walSegmentSize(16 * 1024 * 1024);
  const [first] = (await readdir(wal)).toSorted();
  const there = size === undefined || first === undefined ? undefined : parseWalFileName(first, size);
  if (size === undefined || first === undefined || there?.kind !== 'segment') throw new Error(`${wal}: no segment`);
  const header = Buffer.alloc(40);
  const file = await open(join(wal, first));
  await file.read(header, 0, header.length, 0);
  await file.close();
  for (let number = 1; number <= segments; number += 1) {
    const start = advance(there.start, BigInt(-number * size));
    if (start === undefined) throw new Error(`no segment lies ${number} behind ${first}`);
    const name = walFileName(there.timeline, start, size);
    header.writeBigUInt64LE(start, 8);
    const segment = await open(join(wal, name), 'w', 0o600);
    await segment.write(header);
    await segment.truncate(size);
    await segment.close();
    const done = join(wal, 'archive_status', `${name}.done`);
    await writeFile(done, '', { mode: 0o600 });
    for (const path of [join(wal, name), done]) await own(path);
  }
}
