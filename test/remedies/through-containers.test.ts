import { assert as holds, constantFrom, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { AttemptOutcome, ConnectionAttempt } from '../../src/facts/connection.ts';
import type { AdminServer } from '../../src/facts/identity.ts';
import type { ContainerNear } from '../../src/facts/containers.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import type { Fault } from '../../src/findings/judgement.ts';
import { unseen } from '../../src/facts/observed.ts';
import { parseSystemIdentifier, parseTimelineId } from '../../src/postgres/lsn.ts';
import { containerOfPrimary } from '../../src/derived/container-of-primary.ts';
import { connectionRefused } from '../../src/rules/network/connection-refused.ts';
import { nameNotResolved } from '../../src/rules/network/name-not-resolved.ts';
import { primaryHangs } from '../../src/rules/network/primary-hangs.ts';
import { timedOut } from '../../src/rules/network/timed-out.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { world } from '../rules/rule-tester.ts';
import { healthyStandby } from '../rules/standby-world.ts';
import { anAdminServer, aRefusedLogin, anAttempt, systemIdentifier } from '../rules/world.ts';

const other = parseSystemIdentifier('42');
if (other === undefined) throw new Error('42 does not parse');

const timelineId = (number: number) => {
  const parsed = parseTimelineId(String(number));
  if (parsed === undefined) throw new Error(`${number} does not parse`);
  return parsed;
};

const unresolved: AttemptOutcome = { kind: 'not-resolved', code: 'ENOTFOUND', message: 'name or service not known' };
const refused: AttemptOutcome = { kind: 'refused', phase: 'connect', message: 'connection refused' };
const late: AttemptOutcome = { kind: 'timed-out', phase: 'connect', message: 'no answer within 5 s' };

const inNetwork = (name: string, address: string, ...aliases: readonly string[]) => ({
  name,
  aliases,
  addresses: [address],
});
const aContainer = (change: Partial<ContainerNear> = {}): ContainerNear => ({
  id: '0123456789abcdef',
  name: 'pg-primary',
  state: 'running',
  networks: [inNetwork('pg-net', '172.18.0.2')],
  exposed: [5432],
  published: [],
  isOfCompose: false,
  cluster: { systemIdentifier, state: 'in production' },
  ...change,
});
const own = aContainer({
  id: 'fedcba9876543210',
  name: 'pg-standby',
  networks: [inNetwork('pg-net', '172.18.0.3')],
  cluster: undefined,
});

interface Case {
  readonly outcome?: AttemptOutcome;
  readonly attempt?: Partial<ConnectionAttempt>;
  readonly own?: ContainerNear;
  readonly others?: readonly ContainerNear[];
  /** That of --admin; undefined: --admin was not given. */
  readonly admin?: AdminServer;
  /** There is no standby yet. */
  readonly isNew?: true;
}

function worldOf({ outcome = unresolved, attempt = {}, others, ...given }: Case) {
  const containers = { engine: 'docker', own: given.own ?? own, others: others ?? [aContainer()] } as const;
  const login = aRefusedLogin(
    anAttempt({ host: 'db', address: undefined, certificate: undefined, ...attempt, outcome }),
  );
  const facts = { containers, replicationLogin: login, adminServer: given.admin ?? unseen('not-asked', 'no --admin') };
  return given.isNew === true ? world(facts) : world(facts, healthyStandby);
}

function faultOf(rule: AnyRule, given: Case): Fault {
  const { result } = judge(rule, worldOf(given));
  if (result.outcome !== 'failed') throw new Error(`${rule.id} is ${result.outcome}`);
  const [first] = result.faults;
  if (first === undefined) throw new Error('a failed rule has a fault');
  return first;
}

/** What would be typed as it is printed. */
const starts = ({ remedy }: Fault) =>
  (remedy?.steps ?? []).flatMap(({ kind, text }) =>
    kind !== 'manual' && / (?:start|unpause) /u.test(text) ? [text] : [],
  );

const told = ({ title, remedy }: Fault) => [title, ...(remedy?.steps ?? []).map(({ text }) => text)];

describe('a primary in another container', () => {
  it('that is stopped or paused is started', () => {
    const stopped = aContainer({ name: 'db', state: 'stopped' });
    expect(told(faultOf(nameNotResolved, { others: [stopped] }))).toEqual([
      'Container "db" is not running',
      'docker start db',
    ]);
    const paused = aContainer({ state: 'paused' });
    const attempt = { host: 'pg-primary', address: '172.18.0.2' };
    expect(told(faultOf(timedOut, { outcome: late, attempt, others: [paused] }))).toEqual([
      'Container "pg-primary" is paused',
      'docker unpause pg-primary',
    ]);
    // the kernel accepts its connections
    const silent: AttemptOutcome = { ...late, phase: 'login' };
    expect(told(faultOf(primaryHangs, { outcome: silent, attempt, others: [paused] }))).toEqual([
      'Container "pg-primary" is paused',
      'docker unpause pg-primary',
    ]);
  });

  it('has the network of another container: nothing is said of names and networks', () => {
    const alone = { ...own, inNetworkOfAnother: true } as const;
    expect(told(faultOf(nameNotResolved, { own: alone }))[0]).not.toContain('network');
  });

  it('in another network: both are connected to one', () => {
    const named = aContainer({ name: 'db', networks: [inNetwork('back', '172.19.0.2')] });
    const title = 'Containers "pg-standby" and "db" share no network';
    expect(told(faultOf(nameNotResolved, { others: [named] }))).toEqual([
      title,
      'docker network connect back pg-standby',
    ]);
    const inDefault = { ...named, networks: [inNetwork('bridge', '172.17.0.2')] };
    expect(told(faultOf(nameNotResolved, { others: [inDefault] }))).toEqual([
      title,
      'docker network connect pg-net db',
    ]);
    const both = { own: { ...own, networks: [inNetwork('bridge', '172.17.0.3')] }, others: [inDefault] };
    expect(told(faultOf(nameNotResolved, both))).toEqual([
      title,
      'docker network create replication',
      'docker network connect replication pg-standby',
      'docker network connect replication db',
    ]);
    const only = (name: string) => ({
      own: { ...own, networks: [{ name, aliases: [], addresses: [] }] },
      others: [named],
    });
    expect(told(faultOf(nameNotResolved, only('none')))).toEqual([
      title,
      'docker network disconnect none pg-standby',
      'docker network connect back pg-standby',
    ]);
    expect(told(faultOf(nameNotResolved, { own: { ...own, networks: [] }, others: [named] }))).toEqual([
      title,
      'docker network connect back pg-standby',
    ]);
    expect(told(faultOf(nameNotResolved, only('pasta')))[1]).toMatch(/^Create the container pg-standby again/u);
  });

  it('with another name is found by its cluster', () => {
    const [title, edit] = told(faultOf(nameNotResolved, {}));
    expect(title).toBe('Host "db" does not lead to the container "pg-primary"');
    expect(edit).toContain('host=pg-primary');
  });

  it('on a port that only the machine of Docker has', () => {
    const published = aContainer({ name: 'db', published: [{ outside: 5433, inside: 5432 }] });
    const attempt = { host: 'db', address: '172.18.0.2', port: 5433 };
    expect(told(faultOf(connectionRefused, { outcome: refused, attempt, others: [published] }))[0]).toBe(
      'Port 5433 of "db" is not open inside its network',
    );
    const local = { host: 'localhost', address: '127.0.0.1', port: 5433 };
    expect(
      faultOf(connectionRefused, { outcome: refused, attempt: local, others: [published] }).remedy?.steps[0]?.text,
    ).toMatch(/host=db[\s\S]*port=5432|port=5432[\s\S]*host=db/u);
    const foreign = aContainer({ id: 'a', name: 'web', published: [], cluster: undefined });
    expect(
      told(faultOf(connectionRefused, { outcome: refused, attempt: local, others: [foreign, published] }))[0],
    ).toBe('Host "localhost" is the standby\'s own container');
  });

  it('is not told where it cannot be known', () => {
    const generic = 'Host name "db" does not resolve';
    const states = ['in archive recovery', 'in production'] as const;
    for (const others of [
      [],
      [aContainer({ cluster: { systemIdentifier: other, state: 'in production' } })],
      [aContainer({ cluster: { systemIdentifier, state: 'in archive recovery' } })],
      [aContainer({ state: 'stopped' })],
      states.map((state, at) =>
        aContainer({ id: `${at}`, name: `n${at}`, cluster: { systemIdentifier: other, state } }),
      ),
      [aContainer(), aContainer({ id: 'b', name: 'second' })],
    ])
      expect(told(faultOf(nameNotResolved, { others }))[0]).toBe(generic);
    const far = { host: 'db.example.com', address: '203.0.113.9' };
    expect(told(faultOf(connectionRefused, { outcome: refused, attempt: far }))[0]).toMatch(/^No server listens at/u);
  });

  it('is not started beside the one that was promoted in its place', () => {
    const of = (at: number) => ({ systemIdentifier, state: 'in production', timeline: timelineId(at) }) as const;
    const old = aContainer({ name: 'db', state: 'stopped', cluster: of(1) });
    const promoted = aContainer({ id: 'b', name: 'next', cluster: of(2) });
    const fault = faultOf(nameNotResolved, { others: [old, promoted] });
    const [title, ...steps] = told(fault);
    expect(title).toBe('Container "db" is not running, and "next" is a primary');
    expect(steps.join('\n')).toContain('host=next');
    expect(steps.join('\n')).not.toContain('docker start');
    // whether it was promoted is not shown: a copy may have been started without standby.signal
    const unclear = told(faultOf(nameNotResolved, { others: [old, { ...promoted, cluster: of(1) }] }));
    expect(unclear).toEqual([
      title,
      expect.stringMatching(/^If next was promoted, .*docker stop next\. Then: docker start db$/u),
    ]);
    // a standby of it is none
    const standby = { ...promoted, cluster: { ...of(2), state: 'in archive recovery' } } as const;
    expect(told(faultOf(nameNotResolved, { others: [old, standby] }))).toEqual([
      'Container "db" is not running',
      'docker start db',
    ]);
  });

  it('is not started beside a primary that --admin has reached outside of the engine', () => {
    const of = (at: number) => ({ systemIdentifier, state: 'shut down', timeline: timelineId(at) }) as const;
    const others = [aContainer({ name: 'db', state: 'stopped', cluster: of(1) })];
    for (const admin of [anAdminServer({ timeline: timelineId(2) }), anAdminServer()])
      expect(starts(faultOf(nameNotResolved, { others, admin }))).toEqual([]);
    // what feeds the standby in a cascade is one itself
    const middle = [{ ...others[0], cluster: { ...of(1), state: 'shut down in recovery' } } as ContainerNear];
    expect(starts(faultOf(nameNotResolved, { others: middle, admin: anAdminServer() }))).toEqual(['docker start db']);
    const paused = [aContainer({ name: 'db', state: 'paused', cluster: of(1) })];
    const silent: AttemptOutcome = { ...late, phase: 'login' };
    const attempt = { host: 'db', address: '172.18.0.2' };
    for (const rule of [primaryHangs, timedOut]) {
      const { result } = judge(
        rule,
        worldOf({ others: paused, outcome: silent, attempt, admin: anAdminServer({ timeline: timelineId(2) }) }),
      );
      expect(JSON.stringify(result)).not.toContain('docker unpause');
    }
  });

  it('is not started where one was promoted that does not run, or where the standby has come to a later timeline', () => {
    const of = (at: number) => ({ systemIdentifier, state: 'shut down', timeline: timelineId(at) }) as const;
    const old = aContainer({ name: 'db', state: 'stopped', cluster: of(1) });
    const next = aContainer({ id: 'b', name: 'next', state: 'stopped', cluster: of(2) });
    expect(starts(faultOf(nameNotResolved, { others: [old, next] }))).toEqual([]);
    const two = ['x', 'y'].map((name) => aContainer({ id: name, name, cluster: { ...of(2), state: 'in production' } }));
    expect(starts(faultOf(nameNotResolved, { others: [old, ...two] }))).toEqual([]);
    const zero = aContainer({ name: 'db', state: 'stopped', cluster: { ...of(1), timeline: 0 as never } });
    expect(starts(faultOf(nameNotResolved, { others: [zero] }))).toEqual([]);
  });

  it('is started by a person where the data of another container was not read', () => {
    const db = aContainer({ name: 'db', state: 'stopped' });
    const dark = aContainer({ id: 'b', name: 'dark', cluster: undefined, isUnread: true });
    const fault = faultOf(nameNotResolved, { others: [db, dark] });
    expect(starts(fault)).toEqual([]);
    expect(told(fault)[1]).toMatch(/^First make sure .* dark .*Only if none is: docker start db$/u);
  });

  it('is reached on the port that its command gives to its server', () => {
    const attempt = { host: 'pg-primary', address: '172.18.0.2' };
    const on = (serverPort: number, state: ContainerNear['state'] = 'running') =>
      faultOf(connectionRefused, { outcome: refused, attempt, others: [aContainer({ serverPort, state })] });
    const [title, ...steps] = told(on(5544));
    expect(title).toBe('The server in "pg-primary" listens on port 5544, not 5432');
    expect(steps.join('\n')).toContain('port=5544');
    expect(steps.join('\n')).not.toContain('docker start');
    // it is the one that is asked
    expect(told(on(5432))[0]).not.toContain('listens on port');
  });

  it('is never localhost, nor the socket of a default directory: that is the own container', () => {
    const foreign = (name: string) =>
      aContainer({ name, cluster: { systemIdentifier: other, state: 'in production' } });
    const all: readonly (readonly [Partial<ConnectionAttempt>, AttemptOutcome, string])[] = [
      [{ host: 'localhost', address: '127.0.0.1' }, refused, 'Host "localhost" is'],
      [
        { host: '/var/run/postgresql' },
        { kind: 'no-socket', message: 'no such file or directory' },
        "Without a host, the standby's own container is",
      ],
    ];
    for (const [attempt, outcome, title] of all) {
      const given = { outcome, attempt };
      const [said, step] = told(
        faultOf(connectionRefused, { ...given, isNew: true, others: [foreign('a'), foreign('b')] }),
      );
      expect(told(faultOf(connectionRefused, { ...given, others: [foreign('a')] })).join(' ')).not.toContain(
        'primaries run in',
      );
      expect(said).toContain(title);
      expect(step).toContain('(primaries run in: a, b)');
      // the one that has its cluster is meant, also where a copy of it was never started
      const copy = aContainer({ name: 'copy', state: 'stopped' });
      const one = faultOf(connectionRefused, { ...given, others: [foreign('a'), aContainer(), copy] });
      expect(one.message).toContain('and not the one of the primary, pg-primary');
    }
    // a directory that may be a volume of both
    const shared = { host: '/sockets' };
    const none: AttemptOutcome = { kind: 'no-socket', message: 'no such file or directory' };
    expect(told(faultOf(connectionRefused, { outcome: none, attempt: shared, others: [foreign('a')] }))[0]).toMatch(
      /^No server listens at/u,
    );
  });

  it('is called by its name, and no container has a wrong one', () => {
    const foreign = aContainer({ name: 'a', cluster: { systemIdentifier: other, state: 'in production' } });
    const [title, step] = told(
      faultOf(nameNotResolved, { attempt: { host: 'pg-primry' }, isNew: true, others: [foreign] }),
    );
    expect(title).toBe('No container is called "pg-primry"');
    expect(step).toContain('(primaries run in: a)');
    // it may be a name of DNS
    const far = told(faultOf(nameNotResolved, { attempt: { host: 'db.example.com' }, isNew: true, others: [foreign] }));
    expect(far[0]).toBe('Host name "db.example.com" does not resolve');
  });

  it('never leads to a container of another cluster, nor to itself', () => {
    const near = record({
      name: constantFrom('db', 'pg-primary', 'third'),
      state: constantFrom('running', 'stopped', 'paused', 'restarting'),
      systemIdentifier: constantFrom(systemIdentifier, other),
      cluster: constantFrom('in production', 'in archive recovery', 'shut down'),
      network: constantFrom('pg-net', 'back', 'bridge'),
    } as const);
    holds(
      property(
        near,
        constantFrom(unresolved, refused, late),
        constantFrom('db', 'localhost', '172.18.0.9'),
        (one, outcome, host) => {
          const container = aContainer({
            name: one.name,
            state: one.state,
            networks: [inNetwork(one.network, '172.18.0.2')],
            cluster: { systemIdentifier: one.systemIdentifier, state: one.cluster },
          });
          const found = containerOfPrimary(
            { engine: 'docker', own, others: [container] },
            anAttempt({ host, outcome }),
            systemIdentifier,
          );
          if (found === undefined) return;
          expect(found.container.name).not.toBe(own.name);
          expect(found.container.cluster?.systemIdentifier).toBe(systemIdentifier);
        },
      ),
    );
  });
});
