import { describe, expect, it } from 'vitest';

import type { ContainerNear } from '../../src/facts/containers.ts';
import type { Facts } from '../../src/facts/facts.ts';
import { unseen } from '../../src/facts/observed.ts';
import type { PrimaryHere } from '../../src/facts/shared-storage.ts';
import { conditioned } from '../../src/remedies/conditions.ts';
import { safe, shell } from '../../src/remedies/remedy.ts';
import { fileMade } from '../../src/remedies/reversible.ts';
import { createdAgain } from '../../src/remedies/container-again.ts';
import { restart, start } from '../../src/remedies/server-control.ts';
import { aPatroniMember } from '../rules/manager/managers.ts';
import { world } from '../rules/rule-tester.ts';
import { aDataDirectory, aStoppedDirectory, healthyStandby } from '../rules/standby-world.ts';
import { anAdminServer, systemIdentifier } from '../rules/world.ts';
import { tli } from '../rules/timelines-world.ts';

const container: ContainerNear = {
  id: 'b'.repeat(64),
  name: 'pg-b',
  state: 'running',
  networks: [],
  exposed: [],
  published: [],
  isOfCompose: false,
  cluster: { systemIdentifier, state: 'in production', timeline: tli(2) },
};
const promoted: PrimaryHere = { container, engine: 'docker', timeline: tli(2) };
const signals = { ...aDataDirectory().signals, standby: false };
const starts = start('standby', { kind: 'pg_ctl', dataDirectory: '/data', binDirectory: undefined });
const remedy = safe('Start it.', shell('standby', 'chmod 0700 /data', 'change-mode', '/data'), starts);
const formerPrimary = (change: Parameters<typeof world>[0] = {}): Partial<Facts> =>
  world(
    {
      dataDirectory: aStoppedDirectory({ signals }),
      primariesHere: [promoted],
      adminServer: unseen('not-asked', 'no --admin connection was given'),
      ...change,
    },
    healthyStandby,
  );
const does = (facts: Partial<Facts>, given = remedy) => conditioned(given, facts).steps.map((step) => step.does);

describe('a server that would be a second primary of its cluster', () => {
  it('is not started, and the report says whom to ask', () => {
    const { summary, steps } = conditioned(remedy, formerPrimary());
    expect(summary).toBe('Find out which of the two is the primary before this one is started.');
    expect(steps.map(({ kind }) => kind)).toEqual(['manual']);
    expect(steps[0]?.text).toContain('the server in the container pg-b');
    expect(steps[0]?.text).toContain('--admin docker:pg-b, a superuser connection');
  });

  it('nor is it beside one that is stopped, or on this machine', () => {
    const stopped = formerPrimary({ primariesHere: [{ ...promoted, container: { ...container, state: 'stopped' } }] });
    expect(conditioned(remedy, stopped).steps[0]?.text).toMatch(/^If the stopped server in the container pg-b was/u);
    const cluster = { dataDirectory: '/srv/b', pid: 17, port: 5433 };
    expect(does(formerPrimary({ primariesHere: [{ cluster, timeline: tli(2) }] }))).toEqual(['by-hand']);
  });

  it('nor by a restart, or as a container that is created again', () => {
    const control = { kind: 'pg_ctl', dataDirectory: '/data', binDirectory: undefined } as const;
    expect(does(formerPrimary(), safe('', restart('standby', control)))).toEqual(['by-hand']);
    const inContainer = { kind: 'container', name: 'pg-a', dataDirectory: '/data' } as const;
    const again = createdAgain(inContainer, 'more memory') ?? [];
    expect(again.map((step) => step.does)).toEqual(['restart']);
    expect(does(formerPrimary(), safe('', ...again))).toEqual(['by-hand']);
  });

  it('nor is it beside a container whose data was not read, before a person has looked', () => {
    const other = (name: string, change: Partial<ContainerNear> = {}): ContainerNear => ({
      ...container,
      name,
      ...change,
    });
    const beside = (...others: readonly ContainerNear[]) =>
      formerPrimary({ primariesHere: [], containers: { engine: 'docker', own: other('pg-a'), others } });
    const dark = other('dark', { cluster: undefined, isUnread: true });
    const byDocker = safe('Start it.', start('standby', { kind: 'container', dataDirectory: '/data', name: 'pg-a' }));
    const [step] = conditioned(byDocker, beside(dark)).steps;
    expect(step?.kind).toBe('manual');
    expect(step?.text).toMatch(/^First make sure .* dark .*Only if none is: As root: docker start pg-a$/u);
    expect(does(beside(dark, { ...dark, name: 'darker' }))).toEqual(['by-hand']);
    expect(does(beside(other('redis', { cluster: undefined })))).toEqual(['change-mode', 'start']);
  });

  it.each([
    ['a manager makes a standby of it', { manager: aPatroniMember() }],
    ['it is a standby', { dataDirectory: aStoppedDirectory() }],
    ['no other primary is known', { primariesHere: [] }],
    ['--admin names the primary', { adminServer: anAdminServer() }],
  ])('is started where %s', (_, change) => {
    expect(does(formerPrimary(change))).toEqual(['change-mode', 'start']);
  });

  it('is started once it is made a standby', () => {
    const made = safe('', fileMade('standby', '/data/standby.signal'), starts);
    expect(does(formerPrimary(), made)).toEqual(['make-file', 'start']);
  });
});
