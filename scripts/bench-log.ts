// Reading a server's log of 1 GiB: how long, how much memory, next to `grep -cE` of the same patterns. The targets are the
// project's own promise; the exit status is 1 when one is missed. `tsx scripts/bench-log.ts [MiB]`
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readLog } from '../src/postgres/log/read-log.ts';
import { logSummary } from '../src/postgres/log/log-summary.ts';
import { messageCatalogue } from '../src/postgres/messages/catalogue.ts';
import { messageFilter } from '../src/postgres/messages/message-filter.ts';
import { recognise } from '../src/postgres/messages/recognise.ts';

const targets = { times: 2, mebibytes: 250 };
const [mode = '1024', given = ''] = process.argv.slice(2);

/** In a process of its own, so that the memory is that of the reading alone. */
async function read(file: string): Promise<void> {
  const begin = performance.now();
  const catalogue = await messageCatalogue();
  const summary = logSummary();
  const chunks = createReadStream(file, { highWaterMark: 1_048_576 });
  let records = 0;
  for await (const record of readLog(chunks, { filter: messageFilter(catalogue) })) {
    records += 1;
    summary.add(record, recognise(catalogue, record, { major: 17 }));
  }
  const { sightings } = summary.result();
  const seconds = (performance.now() - begin) / 1000;
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ seconds, mebibytes, records, sightings: sightings.length }));
}

async function compare(mebibytes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-bench-'));
  try {
    const file = join(folder, 'postgresql.log');
    await writeLog(file, mebibytes * 1_048_576);
    const patterns = join(folder, 'patterns');
    const count = await writePatterns(patterns);
    // both read the file from the cache of the operating system
    execFileSync('cat', [file], { stdio: ['ignore', 'ignore', 'inherit'] });
    const grep = grepSeconds(file, patterns);
    const ours = measured(file);
    const times = ours.seconds / grep.seconds;
    const lines = [
      `${mebibytes} MiB, ${count} patterns, Node ${process.versions.node}`,
      `grep -cE       ${grep.seconds.toFixed(2)} s   ${grep.lines} lines`,
      `standbylint    ${ours.seconds.toFixed(2)} s   ${ours.records} records   ${ours.mebibytes.toFixed(0)} MiB`,
      `ratio          ${times.toFixed(2)}   aim ${targets.times}, and ${targets.mebibytes} MiB`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    process.exitCode = times <= targets.times && ours.mebibytes < targets.mebibytes ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly seconds: number;
  readonly mebibytes: number;
  readonly records: number;
}

function measured(file: string): Measured {
  const self = fileURLToPath(import.meta.url);
  const output = execFileSync(process.execPath, [...process.execArgv, self, 'read', file], { encoding: 'utf8' });
  const found: Measured = JSON.parse(output);
  return found;
}

function grepSeconds(file: string, patterns: string): { readonly seconds: number; readonly lines: string } {
  const begin = performance.now();
  const { stdout } = spawnSync('grep', ['-cE', '-f', patterns, file], {
    env: { ...process.env, LC_ALL: 'C' },
    encoding: 'utf8',
  });
  return { seconds: (performance.now() - begin) / 1000, lines: stdout.trim() };
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

/** A busy server's day: mostly durations, statements, errors of queries and connections; a standby's own messages between. */
async function writeLog(file: string, size: number): Promise<void> {
  const handle = await open(file, 'w');
  try {
    let time = Date.parse('2026-11-20T00:00:00Z');
    let random = 42;
    const next = (below: number): number => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return (random >>> 8) % below;
    };
    for (let written = 0; written < size;) {
      const lines: string[] = [];
      for (let index = 0; index < 5000; index += 1) {
        time += next(40);
        const stamp = new Date(time).toISOString().replace('T', ' ').replace('Z', ' UTC');
        const prefix = `${stamp} [${20_000 + next(400)}] `;
        const kind = next(1000);
        const shape = kind < 3 ? standbyLines[next(standbyLines.length)] : ordinaryLines[next(ordinaryLines.length)];
        lines.push(...(shape ?? '').split('\n').map((line) => (line.startsWith('\t') ? line : `${prefix}${line}`)));
      }
      const text = `${lines.join('\n')}\n`;
      await handle.write(text);
      written += text.length;
    }
  } finally {
    await handle.close();
  }
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

if (mode === 'read') await read(given);
else await compare(Number(mode));
