import { describe, expect, it } from 'vitest';

import { lastingThere, placed, placing } from '../../src/diagnosis/placed.ts';
import type { ExaminedPlace } from '../../src/facts/machine.ts';
import type { Facts } from '../../src/facts/facts.ts';
import { seen, unseen } from '../../src/facts/observed.ts';
import { shell, sql } from '../../src/remedies/remedy.ts';
import { aFinding, aReport } from '../report/reports.ts';
import { aRunningStandby, aStoppedDirectory } from '../rules/standby-world.ts';

type Container = Extract<ExaminedPlace, { readonly kind: 'container' }>;

const container: Container = {
  kind: 'container',
  engine: 'docker',
  name: 'pg',
  state: 'running',
  image: 'sha256:0123456789abcdef',
  network: 'net',
  superuser: 'postgres',
};
const pod: ExaminedPlace = {
  kind: 'pod',
  context: undefined,
  namespace: 'shop',
  name: 'pg-1',
  container: 'postgres',
  controller: undefined,
  asRoot: true,
  superuser: 'postgres',
};
const machine: ExaminedPlace = { kind: 'ssh', destination: 'admin@db2' };

const touch = shell('standby', 'touch /data/x', 'make-file', '/data/x');
const reload = sql('standby', 'SELECT pg_reload_conf();', 'reload');
const onPrimary = sql('primary', 'SELECT pg_reload_conf();', 'reload');
const report = aReport({
  findings: [
    aFinding({
      title: 'There is no room on this host',
      message: 'On this host nothing is free.',
      remedy: { summary: 'Make room on this machine.', risk: 'safe', steps: [touch, reload, onPrimary] },
    }),
  ],
});
const texts = (place: ExaminedPlace | undefined, facts: Partial<Facts> = {}, given = report) =>
  placed(given, facts, place).findings[0]?.remedy?.steps.map(({ text }) => text);
const ownedBy = (uid: number, name: string): Partial<Facts> => ({
  dataDirectory: seen({ ...aStoppedDirectory(), owner: { uid, gid: uid, name } }, 'it'),
});
const loggedInAs = (user: string, superuser: boolean): Partial<Facts> => ({
  runningStandby: seen({ ...aRunningStandby(), login: { user, superuser } }, 'it'),
});

describe('a report is put where it is read', () => {
  it.each<readonly [string, ExaminedPlace | undefined, string, string]>([
    ['this machine', undefined, 'There is no room on this host', 'On this host nothing is free.'],
    ['another machine', machine, 'There is no room on db2', 'On db2 nothing is free.'],
    ['a container', container, 'There is no room in the container pg', 'In the container pg nothing is free.'],
    ['a pod', pod, 'There is no room in the pod shop/pg-1', 'In the pod shop/pg-1 nothing is free.'],
  ])('%s', (_, place, title, message) => {
    expect(placed(report, {}, place).findings[0]).toMatchObject({ title, message });
    const { text, outside } = placing(report, {}, place);
    expect(text('There is no room on this host')).toBe(title);
    expect(outside).toBe(place?.kind === 'container' || place?.kind === 'pod');
  });

  it('steps of another machine are typed on it', () => {
    expect(texts(machine)).toEqual(texts(undefined));
    expect(placing(report, {}, undefined).steps([touch])).toEqual([touch]);
    expect(placing(report, {}, machine).steps([touch])).toEqual([touch]);
  });

  it.each<readonly [string, Partial<Facts>, Partial<Container>, string]>([
    ['nobody knows whose the directory is', {}, {}, 'postgres'],
    ['its owner', ownedBy(999, 'pgdata'), {}, 'pgdata'],
    ['it is root’s, which is the fault', ownedBy(0, 'root'), {}, 'postgres'],
    ['the container was made with a user', ownedBy(999, 'pgdata'), { made: made('1000') }, '1000'],
    ['it is not seen', { dataDirectory: unseen('permission', 'no') }, {}, 'postgres'],
  ])('who types there: %s', (_, facts, change, user) => {
    expect(texts({ ...container, ...change }, facts)?.[0]).toBe(`docker exec -u ${user} pg touch /data/x`);
    if (change.made === undefined) expect(texts(pod, facts)?.[0]).toContain(`su -s /bin/sh ${user} -c 'touch /data/x'`);
  });

  it.each<readonly [string, Partial<Facts>, string]>([
    ['a superuser has logged in', loggedInAs('admin', true), 'admin'],
    ['somebody else has', loggedInAs('app', false), 'postgres'],
    ['nobody has', { runningStandby: unseen('connection', 'refused') }, 'postgres'],
  ])('as which superuser: %s', (_, facts, user) => {
    expect(texts(container, facts)?.[1]).toContain(`psql -X -U ${user} `);
    expect(texts(pod, facts)?.[1]).toContain(`psql -X -U ${user} `);
  });

  describe('a primary in a container beside it', () => {
    const beside: Container = {
      ...container,
      others: new Map([
        ['172.18.0.2', { name: 'pg-primary', superuser: 'postgres' }],
        ['172.18.0.9', { name: 'else', superuser: 'postgres' }],
      ]),
    };
    const given = { ...report, subject: { ...report.subject, primary: '172.18.0.2:5432' } };
    const login = (superuser: boolean): Partial<Facts> => ({
      adminLogin: seen({ user: 'boss', superuser, monitor: true }, 'it'),
    });

    it.each<readonly [string, Partial<Facts>, string]>([
      ['by the role that --admin has', login(true), 'boss'],
      ['by the image’s, where that is none', login(false), 'postgres'],
      ['by the image’s, without --admin', {}, 'postgres'],
    ])('%s', (_, facts, user) => {
      expect(texts(beside, facts, given)?.[2]).toBe(
        `docker exec -u postgres pg-primary psql -X -U ${user} -d postgres -c 'SELECT pg_reload_conf();'`,
      );
    });

    it('elsewhere it stays what it is', () => {
      expect(texts(beside, {}, report)?.[2]).toBe('SELECT pg_reload_conf();');
      expect(lastingThere(given, undefined)).toBe(given);
      expect(lastingThere(given, machine)).toBe(given);
      expect(lastingThere(report, beside)).toBe(report);
      expect(lastingThere(given, beside).findings).toHaveLength(1);
    });
  });
});

function made(user: string): NonNullable<Container['made']> {
  return { command: ['docker-entrypoint.sh', 'postgres'], user, compose: undefined, volumes: [] };
}
