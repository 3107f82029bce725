import { describe, expect, it } from 'vitest';

import { notApplicable, seen } from '../../src/facts/observed.ts';
import { newCopySteps } from '../../src/remedies/new-copy.ts';
import type { NewCopySeen } from '../../src/remedies/new-copy.ts';
import {
  aConfiguration,
  aConninfo,
  aDataDirectory,
  aFreshCopy,
  aLocalWal,
  directory,
  standardSettings,
} from '../rules/standby-world.ts';
import { aDirectory, aFileSystem, aPrimary, now } from '../rules/world.ts';

const facts: NewCopySeen = {
  now,
  dataDirectory: aDataDirectory(),
  dataDirectoryPlace: aDirectory({ realPath: directory }),
  localWal: aLocalWal(),
  standbyConfiguration: aConfiguration(standardSettings.slice(-1)),
  standbyConninfo: aConninfo(),
  standbyControl: seen(
    { control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: '/bin' }, running: true },
    'the test',
  ),
  slots: seen([], 'the test'),
  tablespaces: notApplicable('none'),
  primary: aPrimary(),
  installedTools: notApplicable('none'),
};
const copying = `/bin/pg_basebackup -d 'user=replicator passfile=/var/lib/postgresql/.pgpass host=db1 port=5432' -D`;
const texts = (change: Partial<NewCopySeen>) => newCopySteps({ ...facts, ...change }).map(({ text }) => text);
const all = (command: string) => `for f in .[!.]* ..?* *; do if [ -e "$f" ] || [ -L "$f" ]; then ${command}; fi; done`;
const into = (path: string, name: string) =>
  `mkdir -m 0700 ${path}/${name} && cd ${path} && ${all(`case $f in lost+found|${name}) ;; *) mv -- "$f" ${name}/ || exit;; esac`)}`;

describe('a new copy', () => {
  it('takes the place of a directory that is renamed', () => {
    expect(texts({}).slice(1, 3)).toEqual([
      `mv ${directory} ${directory}.before-standby-2026-11-21`,
      `${copying} ${directory} -R -X stream -c fast -P`,
    ]);
  });

  it.each([
    ['a mount point', { isMountPoint: true, movable: false }],
    ['in a folder that the server may not change', { movable: false }],
  ])('comes up in one that is %s', (_what, state) => {
    const mounted = aDirectory({ realPath: directory, ...state, entries: ['base', 'lost+found'] });
    expect(texts({ dataDirectoryPlace: mounted }).slice(1, 4)).toEqual([
      into(directory, 'before-standby-2026-11-21'),
      `${copying} ${directory}/data -R -X stream -c fast -P`,
      `cd ${directory}/data && ${all('mv -- "$f" .. || exit')} && cd .. && rmdir ${directory}/data`,
    ]);
  });

  it('of another release is made and started by the programs of that release', () => {
    const tool = { path: '/17/pg', version: '17.6', major: 17, binDirectory: '/17/bin' };
    const primary = aPrimary({ major: 17, version: '17.6' });
    const installedTools = seen({ basebackups: [tool], onPath: undefined, servers: [tool] }, 'the test');
    expect(texts({ primary, installedTools }).filter((text) => text.startsWith('/17/bin/'))).toHaveLength(3);
    expect(texts({ primary })).toEqual([
      'Install PostgreSQL 17 (server and pg_basebackup) on this machine: no programs of that release were found. Then run standbylint again.',
    ]);
    const settings = [...standardSettings, ['vacuum_defer_cleanup_age', '0', '/c', 1] as const];
    const old = { primary, installedTools, standbyConfiguration: aConfiguration(settings) };
    expect(texts(old).at(-2)).toBe(
      "cp -p /c /c.before-2026-11-21T200000 &&\nsed -e '1s/^/# /' /c.before-2026-11-21T200000 > /c",
    );
  });

  it('is not made where a file system is to be mounted', () => {
    const place = aDirectory({ realPath: directory }, { missingMount: '/var/lib/postgresql' });
    expect(texts({ dataDirectoryPlace: place })[0]).toContain('pg_ctl stop');
    expect(texts({ dataDirectoryPlace: place, dataDirectory: aFreshCopy() })).toEqual([
      expect.stringMatching(/^As root: mount \/var\/lib\/postgresql \(.* Then run standbylint again\.$/u),
    ]);
  });

  it('leaves what an earlier one has put aside', () => {
    const entries = ['before-standby-2026-11-21', 'base'];
    const mounted = aDirectory({ realPath: directory, isMountPoint: true, movable: false, entries });
    expect(texts({ dataDirectoryPlace: mounted })[1]).toBe(into(directory, 'before-standby-2026-11-21-2'));
  });

  it('goes into folders of the file systems that WAL and tablespaces have of their own', () => {
    const steps = texts({
      dataDirectory: aDataDirectory({
        tablespaces: [
          {
            oid: 16_400,
            link: `${directory}/pg_tblspc/16400`,
            target: '/space',
            state: 'directory',
            empty: false,
            isMountPoint: true,
            fromMap: false,
          },
        ],
      }),
      localWal: aLocalWal({ path: '/wal', fileSystem: { ...aFileSystem, mountPoint: '/wal' } }),
      tablespaces: seen([{ oid: 16_400, name: 'space', location: '/space', bytes: 1n }], 'the test'),
    });
    expect(steps.slice(2, 5)).toEqual([
      into('/wal', 'before-standby-2026-11-21'),
      into('/space', 'before-standby-2026-11-21'),
      `${copying} ${directory} --waldir=/wal/pg_wal -T /space=/space/pg_tblspc_16400 -R -X stream -c fast -P`,
    ]);
  });

  it('is for a person where pg_wal is mounted within what is mounted', () => {
    const steps = newCopySteps({
      ...facts,
      dataDirectoryPlace: aDirectory({ realPath: directory, isMountPoint: true, movable: false }),
      localWal: aLocalWal({ fileSystem: { ...aFileSystem, mountPoint: `${directory}/pg_wal` } }),
    });
    expect(steps.map(({ kind }) => kind)).toEqual(['shell', 'manual', 'shell']);
    expect(steps[1]?.text).toContain(`${directory}/pg_wal, which is a separate file system`);
  });
});
