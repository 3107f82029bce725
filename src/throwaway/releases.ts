import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

import { execa } from 'execa';
import glob from 'fast-glob';

/** One installed release of PostgreSQL that can make and run a server. */
export interface Release {
  readonly major: number;
  /** As the server says it: `15.18`, `19beta1`. */
  readonly version: string;
  /** The folder that holds initdb, postgres, pg_ctl, pg_basebackup and psql. */
  readonly bin: string;
}

/** Where packages put the programs: Debian and Ubuntu, the PGDG's RPMs, Homebrew (both of its prefixes), Postgres.app, a build from source. */
const usualPlaces: readonly string[] = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
  '/usr/local/pgsql/bin',
];

const programs: readonly string[] = ['initdb', 'postgres', 'pg_ctl', 'pg_basebackup', 'psql'];

/**
 * The releases on this machine, newest first, one for each major version. Of two installations of the same major version the one
 * found first counts: `otherPlaces` (folders, `*` allowed), then the usual places, then `PATH`.
 */
export async function findReleases(otherPlaces: readonly string[] = []): Promise<readonly Release[]> {
  const byMajor = new Map<number, Release>();
  for (const bin of [
    ...(await foldersLike(otherPlaces)),
    ...(await foldersLike(usualPlaces)),
    ...(await foldersOfPath()),
  ]) {
    const release = await releaseIn(bin);
    if (release !== null && !byMajor.has(release.major)) byMajor.set(release.major, release);
  }
  return [...byMajor.values()].sort((a, b) => b.major - a.major);
}

async function foldersLike(places: readonly string[]): Promise<readonly string[]> {
  const found = await glob(places.map((place) => join(place, 'initdb')));
  return found.map((program) => dirname(program)).sort();
}

/** A program on PATH may be a link into the folder that holds its siblings, as Homebrew and Fedora's alternatives make them. */
async function foldersOfPath(): Promise<readonly string[]> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const real = await Promise.all(folders.map((folder) => realpath(join(folder, 'initdb')).then(dirname, () => null)));
  return real.filter((folder) => folder !== null);
}

async function releaseIn(bin: string): Promise<Release | null> {
  const executable = await Promise.all(
    programs.map((program) =>
      access(join(bin, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (executable.includes(false)) return null;
  const { exitCode, stdout } = await execa(join(bin, 'postgres'), ['--version'], { reject: false });
  const version = /\(PostgreSQL\) (?<version>(?<major>\d+)\S*)/.exec(stdout)?.groups;
  if (exitCode !== 0 || version?.['version'] === undefined) return null;
  return { major: Number(version['major']), version: version['version'], bin };
}
