import { describe, expect, it } from 'vitest';

import type { Step } from '../../src/findings/report.ts';
import { inVolume } from '../../src/remedies/in-volume.ts';
import { manual, safe, shell, sql } from '../../src/remedies/remedy.ts';
import { fileMade, modeSet } from '../../src/remedies/reversible.ts';
import { aDataDirectory, healthyStandby } from '../rules/standby-world.ts';
import { world } from '../rules/rule-tester.ts';

const path = '/var/lib/docker/volumes/pg/_data';
const inside = (volume: string | undefined) =>
  world(
    {
      dataDirectory: aDataDirectory({ path, owner: { uid: 999, gid: 998, name: '999' } }),
      standbyControl: {
        control: { kind: 'container', name: 'db2', dataDirectory: path, ...(volume === undefined ? {} : { volume }) },
        running: false,
      },
    },
    healthyStandby,
  );

describe("in a container's volume", () => {
  it.each<[string, Step, string]>([
    [
      'a file',
      fileMade('standby', `${path}/standby.signal`),
      `touch ${path}/standby.signal && chown 999:998 ${path}/standby.signal`,
    ],
    ['a mode', modeSet('standby', path, '0700', 0o755), `chmod 0700 ${path}`],
    [
      'a copy',
      shell('standby', `pg_basebackup -D ${path}`, 'copy', path),
      `pg_basebackup -D ${path} && chown -R 999:998 ${path}`,
    ],
    [
      'a new file',
      {
        ...shell('standby', 'printf x >> f', 'edit-file', '/d/f'),
        edit: { file: '/d/f', copy: '/d/c', changes: [], absent: true },
      },
      'printf x >> f && chown 999:998 /d/f',
    ],
  ])('root types it, and its owner gets %s', (_what, step, command) => {
    const [typed, ...others] = inVolume(safe('', step), inside('pg')).steps;
    expect(others).toEqual([]);
    expect(typed).toMatchObject({ kind: 'manual', does: step.does, text: `As root: ${command}`, paths: step.paths });
  });

  it.each<[string, Step]>([
    ['a sentence', manual('standby', 'x')],
    ['SQL', sql('standby', 'x', 'reload')],
    ['what is typed on the primary', shell('primary', 'x', 'run')],
  ])('%s stays as it is', (_what, step) => {
    expect(inVolume(safe('', step), inside('pg'))).toEqual(safe('', step));
  });

  it('and nowhere else', () => {
    const remedy = safe('', fileMade('standby', `${path}/standby.signal`));
    expect(inVolume(remedy, inside(undefined))).toEqual(remedy);
  });
});
