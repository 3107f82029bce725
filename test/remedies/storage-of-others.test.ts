import { assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seen } from '../../src/facts/observed.ts';
import { stepActions } from '../../src/findings/report.ts';
import type { Step } from '../../src/findings/report.ts';
import type { SharedDirectory } from '../../src/facts/shared-storage.ts';
import { conditioned } from '../../src/remedies/conditions.ts';
import { destructive, manual, shell, sql } from '../../src/remedies/remedy.ts';
import { restart, start } from '../../src/remedies/server-control.ts';
import { anAdminServer } from '../rules/world.ts';
import { healthyStandby } from '../rules/standby-world.ts';
import { world } from '../rules/rule-tester.ts';

const cluster = { dataDirectory: '/srv/primary', pid: 17, port: 5432 };
const shared = (change: Partial<SharedDirectory> = {}): SharedDirectory => ({
  ours: { part: 'tablespace', path: '/srv/space', realPath: '/mnt/a/space', oid: 16_385 },
  theirs: { part: 'tablespace', path: '/srv/space', realPath: '/mnt/a/space', oid: 16_385 },
  relation: 'same',
  sameFiles: true,
  cluster,
  ...change,
});
const sharing = (...all: readonly SharedDirectory[]) =>
  world({ sharedStorage: { shared: all, others: [cluster] } }, healthyStandby);

const touching = ['move-aside', 'make-directory', 'change-mode', 'change-owner', 'put-back', 'copy', 'rewind'] as const;
const harmless = stepActions.filter((does) => ![...touching, 'start', 'restart'].some((one) => one === does));

describe('storage that another server uses', () => {
  it('is never moved, given away or written to, however the path is spelled', () => {
    const paths = constantFrom(
      '/srv/space',
      '/srv/space/',
      '/srv/./space',
      '/srv/space/PG_15_202209061',
      '/mnt/a/space',
      '/mnt/a',
    );
    assert(
      property(paths, constantFrom(...touching), constantFrom('standby', 'client'), (path, does, on) => {
        const remedy = destructive('', shell(on, 'true', 'run'), shell(on, 'x', does, '/data', path));
        const { risk, steps } = conditioned(remedy, sharing(shared({ sameFiles: false })));
        expect(risk).toBe('safe');
        expect(steps.map(({ kind }) => kind)).toEqual(['manual']);
        expect(steps[0]?.text).toContain('/srv/space is storage of the server on /srv/primary (process 17, port 5432)');
      }),
    );
  });

  it.each([
    { kind: 'pg_ctl' as const, dataDirectory: '/data', binDirectory: '/usr/lib/postgresql/15/bin' },
    { kind: 'pg_ctlcluster' as const, version: '15', cluster: 'main' },
    { kind: 'systemd' as const, unit: 'postgresql@15-main' },
    { kind: 'container' as const, name: 'pg', dataDirectory: '/data' },
    { kind: 'container' as const, dataDirectory: '/data' },
    { kind: 'unknown' as const },
  ])('keeps its server stopped, whatever starts it: $kind', (control) => {
    for (const step of [start('standby', control), restart('standby', control)]) {
      const [only, ...others] = conditioned(destructive('', step), sharing(shared())).steps;
      expect(others).toEqual([]);
      expect(only).toMatchObject({ kind: 'manual', does: 'by-hand' });
      expect(only?.text).toMatch(/^Do not start, move or overwrite anything in this directory/u);
    }
  });

  it('is let alone by a new copy that a person is to make where the old one is', () => {
    const byHand: Step = { ...manual('standby', 'Make a new copy.'), does: 'copy' };
    expect(conditioned(destructive('', byHand), sharing(shared())).steps[0]?.text).not.toContain(
      'Take a new base backup',
    );
  });

  it.each(harmless)('leaves a step as it is that does not touch it: %s', (does) => {
    const remedy = destructive('', shell('standby', 'x', does, '/srv/space'));
    expect(conditioned(remedy, sharing(shared()))).toEqual(remedy);
  });

  it.each([
    ['a copy into another directory', shell('standby', 'x', 'copy', '/srv/beside', '/srv/spaces'), shared()],
    ['the primary, which is restarted', sql('primary', 'x', 'restart'), shared()],
    [
      'a start beside another release in the same directory',
      start('standby', { kind: 'unknown' }),
      shared({ sameFiles: false }),
    ],
  ])('is not touched by %s', (_name, step, one) => {
    const remedy = destructive('', step);
    expect(conditioned(remedy, sharing(one))).toEqual(remedy);
  });

  it('is the directory of the very primary that --admin reaches', () => {
    const identity = { is: 'another-server' as const, which: 'the standby itself' as const };
    const facts = {
      ...world({}, healthyStandby),
      adminServer: seen(anAdminServer({ identity, inRecovery: false }), ''),
    };
    const moved = destructive('', shell('standby', 'mv', 'move-aside', '/data', '/data.old'));
    expect(conditioned(moved, facts).steps[0]?.text).toMatch(/is the data directory of the server that --admin/u);
    const inRecovery = { ...facts, adminServer: seen(anAdminServer({ identity, inRecovery: true }), '') };
    expect(conditioned(moved, inRecovery)).toEqual(moved);
  });
});
