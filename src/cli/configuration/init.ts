import { writeFile } from 'node:fs/promises';
import { posix, resolve } from 'node:path';

import { errorCode } from '../../hosts/local-answers.ts';
import { runningClusters } from '../../checks/other-clusters.ts';
import type { Host } from '../../hosts/host.ts';
import { localHost } from '../../hosts/local.ts';
import type { CommandSurroundings } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import type { Configuration } from './content.ts';
import { configurationFile } from './find.ts';

/** Writes a first configuration: a target for each standby on this machine. It replaces no file. */
export async function init(file: string | undefined, { print }: CommandSurroundings): Promise<number> {
  const path = resolve(file ?? configurationFile);
  const directories = await standbysOf(localHost());
  const targets = Object.fromEntries(
    namesOf(directories).map(([name, pgdata]) => [name, { command: 'postmortem', pgdata }]),
  );
  const content: Configuration = {
    options: { 'fail-on': 'error' },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a literal in Object.fromEntries is a string
    targets: targets as Configuration['targets'] & object,
    severity: {},
    thresholds: {},
    ignore: [],
    accepted: [],
  };
  try {
    await writeFile(path, `${JSON.stringify(content, undefined, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') throw new UsageError(`${path} exists already.`, 'Edit it, or give another FILE.');
    throw new UsageError(
      `${path} could not be written: ${code === 'EACCES' ? 'permission denied' : code === 'ENOENT' ? 'its directory does not exist' : String(code)}.`,
      'Give a FILE in a directory that you may write to.',
    );
  }
  const found = Object.keys(targets);
  await print(
    [
      `Wrote ${path}.`,
      ...(found.length === 0
        ? ['No standby was found on this machine: add targets to it, see docs/configuration.md.']
        : [
            `${found.length === 1 ? 'Its target is' : 'Its targets are'} ${found.join(', ')}: standbylint postmortem --target ${found[0] ?? ''}`,
          ]),
      '',
    ].join('\n'),
  );
  return 0;
}

/** Data directories with standby.signal: of running servers, of PGDATA, and where Debian's and RHEL's packages keep them. */
async function standbysOf(host: Host): Promise<readonly string[]> {
  const running = (await runningClusters(host)).filter(({ isStandby }) => isStandby);
  const places = [
    process.env['PGDATA'] ?? '',
    ...(await below(host, '/var/lib/postgresql', 2)),
    ...(await below(host, '/var/lib/pgsql', 2)),
  ];
  const stopped: string[] = [];
  for (const place of places)
    if (place !== '' && (await host.status(posix.join(place, 'standby.signal'))).ok) stopped.push(place);
  return [...new Set([...running.map(({ cluster }) => cluster.dataDirectory), ...stopped])].toSorted();
}

/** `/var/lib/postgresql/15/main`, `/var/lib/pgsql/15/data` */
async function below(host: Host, directory: string, depth: number): Promise<readonly string[]> {
  if (depth === 0) return [directory];
  const listed = await host.list(directory, { limit: 100 });
  if (!listed.ok) return [];
  const deeper = await Promise.all(
    listed.value.entries.map(async ({ name }) => below(host, posix.join(directory, name), depth - 1)),
  );
  return deeper.flat();
}

/** The last two parts of the directory: `15-main`. */
function namesOf(directories: readonly string[]): readonly (readonly [string, string])[] {
  const taken = new Map<string, number>();
  return directories.map((directory) => {
    const name =
      directory
        .split('/')
        .slice(-2)
        .join('-')
        .replaceAll(/[^A-Za-z0-9_.-]/gu, '-')
        .replace(/^[.-]+/u, '') || 'standby';
    const number = (taken.get(name) ?? 0) + 1;
    taken.set(name, number);
    return [number === 1 ? name : `${name}-${number}`, directory] as const;
  });
}
