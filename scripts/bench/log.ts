import { chmod, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Report } from '../../src/findings/report.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { median } from './figure.ts';
import type { Figure } from './figure.ts';
import { postmortem, withPeak } from './pair.ts';
import type { Pair } from './pair.ts';
import { needRoom } from './room.ts';

const mebibytes = 1024;
const rounds = 3;

/** A post-mortem that reads a whole log of 1 GiB, next to `grep -cE` of the patterns of the same messages. */
export async function log(pair: Pair): Promise<readonly Figure[]> {
  const { folder } = pair.standby;
  const [file, patterns] = [join(folder, 'large.log'), join(folder, 'patterns')];
  await needRoom(folder, mebibytes + 128, 2);
  try {
    await writeLog(file);
    const count = await writePatterns(patterns);
    for (const path of [file, patterns]) await chmod(path, 0o644);
    console.log(`${mebibytes} MiB, ${count} patterns`);
    return await compare(pair, file, patterns);
  } finally {
    for (const path of [file, patterns]) await rm(path, { force: true });
  }
}

async function compare(pair: Pair, file: string, patterns: string): Promise<readonly Figure[]> {
  const grep = ['env', 'LC_ALL=C', 'grep', '-cE', '-f', patterns, file];
  const ours = withPeak([...postmortem(pair), '--log', file, '--log-bytes', 'all', '--format', 'json']);
  // both read it from the cache of the operating system, where it has been since it was written
  const ratios: number[] = [];
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [one, other] = [await pair.run(grep), await pair.run(ours)];
    wasRead(other.output);
    ratios.push(other.elapsedMs / one.elapsedMs);
    peaks.push(other.peakBytes / 1e6);
    const [seconds, own] = [one, other].map(({ elapsedMs }) => (elapsedMs / 1000).toFixed(2));
    console.log(`grep ${seconds} s   standbylint ${own} s, ${peaks.at(-1)?.toFixed(0)} MB`);
  }
  return [
    { what: 'standbylint postmortem of a log of 1 GiB', measured: median(ratios), atMost: 2, unit: '× grep -cE' },
    { what: 'its memory', measured: Math.max(...peaks), atMost: 250, unit: 'MB' },
  ];
}

/** A log that could not be read to its end would be read in no time. */
function wasRead(output: string): void {
  const report: Report = JSON.parse(output);
  const rule = report.rules.find(({ id }) => id === 'log/message');
  if (rule === undefined || rule.outcome === 'unexamined') throw new Error(`The log was not read: ${rule?.because}`);
}

/** The formats of what the server logs, with `.*` for their values. */
async function writePatterns(file: string): Promise<number> {
  const { messages } = await messageCatalogue();
  const expressions = messages
    .filter(({ entry }) => entry.speaker === 'server' && entry.part === undefined && !entry.format.includes('\n'))
    .map(({ entry }) =>
      entry.format
        .replaceAll(/[.[\]{}()*+?^$|\\]/gu, String.raw`\$&`)
        .replaceAll(/%(?:[-0-9]|\\\.)*(?:ll|l|z)?[a-zA-Z]/gu, '.*'),
    );
  await writeFile(file, `${expressions.join('\n')}\n`);
  return expressions.length;
}

const blockMebibytes = 64;

/** A busy server's day: mostly durations, statements, errors of queries and connections; a standby's own messages between. */
async function writeLog(path: string): Promise<void> {
  const block = Buffer.from(someHours(blockMebibytes * 1_048_576), 'latin1');
  const file = await open(path, 'w');
  try {
    for (let written = 0; written < mebibytes * 1_048_576; written += block.length) await file.write(block);
  } finally {
    await file.close();
  }
}

function someHours(size: number): string {
  let time = Date.parse('2026-11-20T00:00:00Z');
  let random = 42;
  const next = (below: number): number => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return (random >>> 8) % below;
  };
  let text = '';
  while (text.length < size) {
    time += next(40);
    const stamp = new Date(time).toISOString().replace('T', ' ').replace('Z', ' UTC');
    const prefix = `${stamp} [${20_000 + next(400)}] `;
    const shapes = next(1000) < 3 ? standbyLines : ordinaryLines;
    for (const line of (shapes[next(shapes.length)] ?? '').split('\n'))
      text += line.startsWith('\t') ? `${line}\n` : `${prefix}${line}\n`;
  }
  return text;
}

const ordinaryLines: readonly string[] = [
  'app@shop LOG:  duration: 12.345 ms  statement: SELECT id, name, price FROM products WHERE category = 17 ORDER BY price LIMIT 50',
  "app@shop LOG:  duration: 0.812 ms  execute <unnamed>: SELECT * FROM replication_jobs WHERE state = $1\nDETAIL:  parameters: $1 = 'waiting'",
  "app@shop LOG:  duration: 3.207 ms  statement: UPDATE orders\n\tSET state = 'paid',\n\t    paid_at = now()\n\tWHERE id = 771239",
  'app@shop LOG:  connection authorized: user=app database=shop application_name=web',
  'app@shop ERROR:  duplicate key value violates unique constraint "orders_pkey"\nDETAIL:  Key (id)=(771239) already exists.\nSTATEMENT:  INSERT INTO orders (id, customer, total) VALUES (771239, 12, 99.90)',
  'app@shop ERROR:  deadlock detected\nDETAIL:  Process 20012 waits for ShareLock on transaction 9912; blocked by process 20013.\n\tProcess 20013 waits for ShareLock on transaction 9911; blocked by process 20012.\nHINT:  See server log for query details.\nCONTEXT:  while updating tuple (12,4) in relation "replication_slots_history"',
  'app@shop ERROR:  could not serialize access due to concurrent update\nSTATEMENT:  UPDATE accounts SET balance = balance - 10 WHERE id = 4',
  'app@shop ERROR:  relation "requested_wal" does not exist at character 15',
  'LOG:  checkpoint complete: wrote 1832 buffers (11.2%); 0 WAL file(s) added, 0 removed, 3 recycled; write=26.5 s, sync=0.1 s, total=26.7 s',
  'app@shop LOG:  disconnected after 20 queries',
  'LOG:  automatic vacuum of table "shop.public.orders": index scans: 1\n\tpages: 0 removed, 5120 remain, 480 scanned (9.38% of total)\n\ttuples: 1200 removed, 88000 remain, 0 are dead but not yet removable',
];

const standbyLines: readonly string[] = [
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000004 has already been removed',
  'LOG:  started streaming WAL from primary at 0/4000000 on timeline 1',
  'LOG:  waiting for WAL to become available at 0/4000018',
  'FATAL:  could not connect to the primary server: connection to server at "10.0.0.5", port 5432 failed: Connection refused\n\t\tIs the server running on that host and accepting TCP/IP connections?',
  'repl@[unknown] FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "repl", no encryption',
];
