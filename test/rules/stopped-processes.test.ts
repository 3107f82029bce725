import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { judge } from '../../src/diagnosis/judge.ts';
import type { ConnectionAttempt } from '../../src/facts/connection.ts';
import type { HeldProcess } from '../../src/facts/machine.ts';
import { unseen } from '../../src/facts/observed.ts';
import { notPostgresql } from '../../src/rules/network/not-postgresql.ts';
import { primaryHangs } from '../../src/rules/network/primary-hangs.ts';
import { timedOut } from '../../src/rules/network/timed-out.ts';
import { primaryProcessStopped } from '../../src/rules/primary/process-stopped.ts';
import { processStopped } from '../../src/rules/standby/process-stopped.ts';
import { stalled } from '../../src/rules/streaming/stalled.ts';
import { testRule, world } from './rule-tester.ts';
import type { Changes } from './rule-tester.ts';
import { aConninfo, aReceiver, aRunningStandby, healthyStandby, someProcesses } from './standby-world.ts';
import { aRefusedLogin, anAttempt } from './world.ts';

const late = (phase: 'connect' | 'tls', change: Partial<ConnectionAttempt> = {}): Changes => ({
  replicationLogin: aRefusedLogin(
    anAttempt({
      certificate: undefined,
      ...change,
      outcome: { kind: 'timed-out', phase, message: 'no answer within 5 s' },
    }),
  ),
});
const closed: Changes = {
  replicationLogin: aRefusedLogin(
    anAttempt({
      certificate: undefined,
      outcome: { kind: 'closed', phase: 'tls', message: 'it closed the connection' },
    }),
  ),
};
const http: Changes = {
  replicationLogin: aRefusedLogin(
    anAttempt({ certificate: undefined, outcome: { kind: 'not-postgresql', answered: 'HTTP/1.1 400' } }),
  ),
};
const process = (kind: string, pid: number, held: HeldProcess['held'] = 'stopped'): HeldProcess => ({
  pid,
  kind,
  held,
  title: kind,
});
const stillPrimary =
  'Find out who stopped the primary. If another server was promoted in its place, do not let it continue: two primaries would accept writes.';
const postmaster = process('postmaster', 4242);
const notConnected: Changes = { runningStandby: aRunningStandby({ receiver: undefined }) };
const connected: Changes = {
  runningStandby: aRunningStandby({ receiver: aReceiver({ senderHost: 'db1', senderPort: 5432 }) }),
};

testRule(
  primaryHangs,
  {
    notApplicable: [
      {
        name: 'nothing is known of what is there',
        facts: { ...late('tls'), ...notConnected },
        because: /network\/not-postgresql/,
      },
      { name: 'it answers in another protocol', facts: { ...http, ...connected } },
      {
        name: 'the standby streams from another port',
        facts: {
          ...late('tls'),
          runningStandby: aRunningStandby({ receiver: aReceiver({ senderHost: 'db1', senderPort: 6000 }) }),
        },
      },
    ],
    unexamined: [{ name: 'no connection comes about', facts: { ...late('connect'), ...connected } }],
    fails: [
      {
        name: 'the standby is connected to it still',
        facts: { ...late('tls'), ...connected },
        message: /is connected to db1, port 5432 .*the address is right, and the server there hangs/,
        risk: 'safe',
      },
      {
        name: 'all of it is stopped, on this machine',
        facts: {
          ...late('tls'),
          ...connected,
          upstreamProcesses: someProcesses(postmaster, process('walsender', 4250), process('checkpointer', 4243)),
        },
        message: /Its postmaster and 2 more of its 8 processes on this host .* are stopped/,
        risk: 'disruptive',
        steps: [stillPrimary, 'kill -CONT 4250 4243 4242'],
      },
      {
        name: 'the postmaster alone, before a standby is known to have streamed',
        facts: { ...late('tls'), ...notConnected, upstreamProcesses: someProcesses(postmaster) },
        message: /Its postmaster \(process 4242 on this host, in .*\) is stopped/,
        steps: [stillPrimary, 'kill -CONT 4242'],
      },
      {
        name: 'it waits for a disk',
        facts: { ...late('tls'), upstreamProcesses: someProcesses(process('postmaster', 4242, 'waiting')) },
        message: /waits in the kernel \(state D\)/,
        risk: 'safe',
      },
      {
        name: 'it is not stopped',
        facts: { ...late('tls'), upstreamProcesses: someProcesses() },
        message: /is not stopped: it is busy/,
      },
    ],
  },
  healthyStandby,
);

testRule(
  processStopped,
  {
    passes: [
      {
        name: 'a process waits for a disk',
        facts: { ownProcesses: someProcesses(process('startup', 4244, 'waiting')) },
      },
    ],
    fails: [
      {
        name: 'the WAL receiver',
        facts: { ownProcesses: someProcesses(process('walreceiver', 4250)) },
        severity: 'error',
        message: /^On the standby, process 4250 \(walreceiver\) is stopped by a signal \(state T\): no WAL is received/,
        risk: 'disruptive',
        steps: ['kill -CONT 4250'],
      },
      {
        name: 'everything',
        facts: {
          runningStandby: unseen('connection', 'no answer'),
          ownProcesses: someProcesses(postmaster, process('startup', 4244), process('checkpointer', 4243)),
        },
        message: /accepts no new connections; no WAL is replayed\. The server was not queried/,
        steps: ['kill -CONT 4244 4243 4242'],
      },
      {
        name: 'a session',
        facts: { ownProcesses: someProcesses(process('another', 5000)) },
        severity: 'warning',
        message: /may hold locks/,
      },
      {
        name: 'a debugger',
        facts: { ownProcesses: someProcesses(process('startup', 4244, 'traced')) },
        message: /held by a debugger/,
        risk: 'safe',
      },
    ],
  },
  healthyStandby,
);

testRule(
  primaryProcessStopped,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'all run on', facts: { upstreamProcesses: someProcesses() } }],
    notApplicable: [{ name: 'the postmaster', facts: { upstreamProcesses: someProcesses(postmaster) } }],
    fails: [
      {
        name: 'a WAL sender',
        facts: { upstreamProcesses: someProcesses(process('walsender', 901)) },
        severity: 'warning',
        steps: ['kill -CONT 901'],
      },
      {
        name: 'the WAL sender of this standby',
        facts: { upstreamProcesses: someProcesses(process('walsender', 900)) },
        severity: 'error',
        message: /this standby is sent nothing/,
        steps: ['kill -CONT 900'],
      },
      {
        name: 'the checkpointer',
        facts: { upstreamProcesses: someProcesses(process('checkpointer', 4243)) },
        severity: 'error',
        message: /a base backup waits for one/,
      },
    ],
  },
  healthyStandby,
);

const silent: Changes = {
  runningStandby: aRunningStandby({ receiver: aReceiver({ secondsSinceMessage: 45 }) }),
};

it('the primary is not blamed for a WAL receiver that is stopped', () => {
  const facts = { ...silent, ownProcesses: someProcesses(process('walreceiver', 4250)) };
  expect(judge(stalled, world(facts, healthyStandby)).result.outcome).toBe('not-applicable');
});

it('a WAL sender that is stopped on this machine is named, and continued', () => {
  const facts = { ...silent, upstreamProcesses: someProcesses(process('walsender', 901)) };
  const { result } = judge(stalled, world(facts, healthyStandby));
  expect(result).toMatchObject({
    outcome: 'failed',
    faults: [{ remedy: { steps: [{ on: 'primary', text: 'kill -CONT 901' }] } }],
  });
});

it.each([
  ['packets are dropped', timedOut, late('connect')],
  ['it is closed without a word', notPostgresql, closed],
] as const)('where the standby has streamed from, primary_conninfo stays: %s', (_, rule, facts) => {
  const { result } = judge(rule, world({ ...facts, ...connected }, healthyStandby));
  const text = JSON.stringify(result.outcome === 'failed' ? result.faults.map(({ remedy }) => remedy) : result);
  expect(text).toContain('do not change primary_conninfo');
  expect(text).not.toMatch(/correct the address|In primary_conninfo/u);
});

it('only what is stopped is continued, and the postmaster last', () => {
  const held = fc.uniqueArray(
    fc.record({
      pid: fc.integer({ min: 2, max: 99_999 }),
      held: fc.constantFrom('stopped', 'waiting'),
      kind: fc.constantFrom('walreceiver', 'startup', 'checkpointer', 'another', 'walsender'),
      title: fc.string(),
    }),
    { selector: ({ pid }) => pid, maxLength: 6 },
  );
  fc.assert(
    fc.property(held, fc.boolean(), (children, all) => {
      const processes = [...(all ? [{ ...postmaster, pid: 100_000 }] : []), ...children];
      const stopped = processes.filter((one) => one.held === 'stopped').map(({ pid }) => pid);
      const { result } = judge(processStopped, world({ ownProcesses: someProcesses(...processes) }, healthyStandby));
      expect(result.outcome).toBe(stopped.length === 0 ? 'passed' : 'failed');
      if (stopped.length === 0) return;
      const [fault] = result.outcome === 'failed' ? result.faults : [];
      const text = fault?.remedy?.steps[0]?.text ?? '';
      const pids = text.replace('kill -CONT ', '').split(' ').map(Number);
      expect(pids.toSorted((a, b) => a - b)).toEqual(stopped.toSorted((a, b) => a - b));
      expect(!all || pids.at(-1) === 100_000).toBe(true);
    }),
  );
});

it('an address that never was streamed from is for the reader to correct', () => {
  const facts = { ...late('connect'), ...notConnected, standbyConninfo: aConninfo({ writtenAt: undefined }) };
  const { result } = judge(timedOut, world(facts, healthyStandby));
  expect(JSON.stringify(result)).toContain('correct the address');
});
