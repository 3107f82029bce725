import { assert, constantFrom, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seen, unseen } from '../../src/facts/observed.ts';
import { stepActions } from '../../src/findings/report.ts';
import { conditioned } from '../../src/remedies/conditions.ts';
import { destructive, manual, safe, shell } from '../../src/remedies/remedy.ts';
import { modeSet, moved } from '../../src/remedies/reversible.ts';
import { isSystemDirectory } from '../../src/remedies/system-directories.ts';
import { aDataDirectory, aLocalWal, healthyStandby } from '../rules/standby-world.ts';
import { world } from '../rules/rule-tester.ts';
import { aDirectory, aFileSystem } from '../rules/world.ts';

const taking = ['move-aside', 'make-directory', 'change-mode', 'change-owner', 'copy', 'rewind', 'start'] as const;

describe('what a remedy may touch', () => {
  const system = constantFrom(
    '/',
    '/etc',
    '/usr/lib',
    '/var',
    '/var/lib',
    '/home/x',
    '/root',
    '/boot/efi',
    '/dev/shm/d',
  );
  const spelt = system.chain((path) => constantFrom(path, `${path}/`, `${path}/./`, `/tmp/..${path}`));

  it('is never a directory of the system, whatever the step is and however it is spelt', () => {
    assert(
      property(spelt, constantFrom(...taking), nat({ max: 3 }), (path, does, before) => {
        const others = Array.from({ length: before }, () => shell('standby', 'true', 'run'));
        const { risk, steps } = conditioned(destructive('', ...others, shell('standby', 'x', does, '/data', path)), {});
        expect(risk).toBe('safe');
        expect(steps.map(({ kind }) => kind)).toEqual(['manual']);
        expect(steps[0]?.text).toMatch(/is a system directory, so it is not changed/u);
      }),
    );
  });

  it.each(['/var/lib/postgresql/15/main', '/srv/pg', '/home/x/data', '/usr/local/pgsql/data', '/mnt/disk/pg', '/data'])(
    'may be %s',
    (path) => {
      expect(isSystemDirectory(path)).toBe(false);
      const remedy = safe('', modeSet('standby', path, '0700', 0o755));
      expect(conditioned(remedy, {})).toEqual(remedy);
    },
  );

  it('is never a directory that holds something else', () => {
    const facts = world({ targetDirectory: aDirectory({ entries: ['notes.txt', 'photos'] }, { path: '/srv/x' }) });
    const [step] = conditioned(destructive('', moved('client', '/srv/x', '/srv/x.old')), facts).steps;
    expect(step?.kind).toBe('manual');
    expect(step?.text).toMatch(/^\/srv\/x contains files that do not belong to PostgreSQL, so it is not changed/u);
  });

  it.each([[['PG_15_202209061']], [['000000010000000000000003', 'archive_status']], [['lost+found']], [[]]])(
    'may be one that holds %j',
    (entries) => {
      const facts = world({ targetDirectory: aDirectory({ entries }, { path: '/srv/x' }) });
      const remedy = destructive('', moved('client', '/srv/x', '/srv/x.old'));
      expect(conditioned(remedy, facts)).toEqual(remedy);
    },
  );

  it('leaves out another way that may not be taken', () => {
    const cost = { copyBytes: null, replayBytes: null, downtimeSeconds: null };
    const other = { ...destructive('', moved('standby', '/etc', '/etc.old')), because: '', cost };
    const { alternatives } = conditioned({ ...safe('', manual('standby', 'x')), alternatives: [other] }, {});
    expect(alternatives).toBeUndefined();
  });

  it('knows of every step that takes a directory over', () => {
    expect(stepActions).toEqual(expect.arrayContaining([...taking]));
  });
});

describe('room for a new copy', () => {
  const path = '/var/lib/postgresql/15/standby';
  const remedy = destructive(
    '',
    moved('standby', path, `${path}.old`),
    shell('standby', 'pg_basebackup', 'copy', path),
  );
  const withFree = (freeBytes: number) => {
    const facts = world(
      { dataDirectoryPlace: aDirectory({ entries: ['base', 'global', 'pg_wal'] }, { path }) },
      healthyStandby,
    );
    const directory = healthyStandby.dataDirectory;
    if (directory?.fileSystem === undefined) throw new Error('no file system');
    return {
      ...facts,
      dataDirectory: seen({ ...directory, fileSystem: { ...directory.fileSystem, freeBytes } }, ''),
      copySize: seen(
        { dataBytes: 41n * 1024n ** 3n, walBytes: undefined, tablespaces: [], walBytesPerSecond: undefined },
        '',
      ),
    };
  };

  it('is known before the first step', () => {
    const { risk, steps } = conditioned(remedy, withFree(40 * 1024 ** 3));
    expect(risk).toBe('safe');
    expect(steps).toHaveLength(1);
    expect(steps[0]?.text).toMatch(
      /needs 42 GB \(the data directory, WAL\), but the file system .* has only 40 GB free/u,
    );
  });

  it.each([
    ['the tablespace in /mnt/space', 'space', 30],
    ['WAL', 'wal', 0.01],
  ])('is looked for on each file system: %s', (what, where, freeGigabytes) => {
    const system = (name: string, device: number, free: number) => ({
      ...(healthyStandby.dataDirectory?.fileSystem ?? aFileSystem),
      mountPoint: `/mnt/${name}`,
      device,
      freeBytes: where === name ? free * 1024 ** 3 : 1e15,
    });
    const facts = world(
      {
        dataDirectory: aDataDirectory({
          fileSystem: system('data', 1, freeGigabytes),
          tablespaces: [
            {
              oid: 16_385,
              link: `${path}/pg_tblspc/16385`,
              target: '/mnt/space',
              state: 'directory',
              empty: false,
              fileSystem: system('space', 2, freeGigabytes),
              fromMap: false,
            },
          ],
        }),
        localWal: aLocalWal({ path: '/mnt/wal', fileSystem: system('wal', 3, freeGigabytes) }),
        copySize: unseen('not-asked', 'no --admin'),
        localSize: { dataBytes: 1024n ** 3n, tablespaces: [{ oid: 16_385, bytes: 31n * 1024n ** 3n }] },
      },
      healthyStandby,
    );
    const [step, ...others] = conditioned(remedy, facts).steps;
    expect(others).toEqual([]);
    expect(step?.text).toContain(what);
    expect(step?.text).toMatch(/take the base backup into another file system/u);
  });

  it('is there', () => {
    expect(conditioned(remedy, withFree(42 * 1024 ** 3))).toEqual(remedy);
  });
});
