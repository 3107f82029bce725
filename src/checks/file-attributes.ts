import type { Host } from '../hosts/host.ts';

/**
 * What lsattr(1) shows of these paths: the lines of those that are immutable or append-only. Where several looks of this
 * process ask, those that come while it runs for another one are asked of the next one together: the start of a program
 * takes longer than all that it looks at. Nothing where it is missing, or does not end in time.
 */
export async function lockedPaths(host: Host, paths: readonly string[]): Promise<readonly string[]> {
  if (host.lookBegan === undefined) return lockedAmong(await shown(host, paths), paths);
  return new Promise((resolve, reject) => {
    waiting.push({ host, paths, resolve, reject });
    if (!isRunning) void next();
  });
}

interface Asked {
  readonly host: Host;
  readonly paths: readonly string[];
  readonly resolve: (lines: readonly string[]) => void;
  readonly reject: (error: unknown) => void;
}

const waiting: Asked[] = [];
let isRunning = false;

async function next(): Promise<void> {
  isRunning = true;
  for (let asked = together(); asked.length > 0; asked = together()) {
    const [first] = asked;
    try {
      const locked =
        first === undefined ? [] : await shown(first.host, [...new Set(asked.flatMap(({ paths }) => paths))]);
      for (const { paths, resolve } of asked) resolve(lockedAmong(locked, paths));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
  isRunning = false;
}

/** The first that waits, and as many others as a command line holds beside it. */
function together(): readonly Asked[] {
  let length = 0;
  const end = waiting.findIndex(({ paths }) => {
    length += paths.length;
    return length > mostPaths;
  });
  return waiting.splice(0, end === -1 ? waiting.length : Math.max(1, end));
}

const mostPaths = 8_000;

async function shown(host: Host, paths: readonly string[]): Promise<readonly string[]> {
  const ran = await host.run('lsattr', ['-d', '--', ...paths], { timeoutMs: longestMs, maxOutputBytes: mostOutput });
  // a letter for each attribute, and the path behind them
  return ran.ok ? (ran.value.stdout.match(/^[^ \n]*[ia][^ \n]* .*$/gmu) ?? []) : [];
}

const longestMs = 3_000;
const mostOutput = 8 * 1024 * 1024;

function lockedAmong(lines: readonly string[], paths: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const own = new Set(paths);
  return lines.filter((line) => own.has(line.replace(/^[^ ]* +/u, '')));
}
