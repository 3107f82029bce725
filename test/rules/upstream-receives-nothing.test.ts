import type { UpstreamStandby } from '../../src/facts/upstream-standby.ts';
import { upstreamReceivesNothing } from '../../src/rules/streaming/upstream-receives-nothing.ts';
import { testRule } from './rule-tester.ts';
import { aRunningStandby, aWalSender, healthyStandby } from './standby-world.ts';
import { anAttempt, aSession, lsn } from './world.ts';

const upstream = (change: Partial<UpstreamStandby> = {}): UpstreamStandby => ({
  receiver: { runs: true, host: undefined, port: undefined },
  restores: false,
  position: lsn('0/3000000'),
  moved: false,
  primary: undefined,
  ...change,
});
const ahead = (position: string, archives = false) => ({
  primary: { position: lsn(position), archives, segmentSize: 16 * 1024 ** 2 },
});
const session = (change: Parameters<typeof aSession>[0] = {}) => ({
  replicationLogin: { attempts: [anAttempt()], outcome: { accepted: true as const, session: aSession(change) } },
});
const address = anAttempt().address;
const followed = {
  runningStandby: aRunningStandby({ senders: [aWalSender({ address, applicationName: '17/main' })] }),
};
const none = { runs: false } as const;

testRule(
  upstreamReceivesNothing,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'a cascade', facts: { upstreamStandby: upstream() } },
      { name: 'it has all of the primary', facts: { upstreamStandby: upstream(ahead('0/3000000')) } },
      { name: 'it receives', facts: { upstreamStandby: upstream({ ...ahead('0/5000000'), moved: true }) } },
      {
        name: 'it follows an archive, whose last segment is not full',
        facts: { upstreamStandby: upstream({ ...ahead('0/4000000', true), receiver: none, restores: true }) },
      },
      {
        name: 'another server of its machine follows this one',
        facts: { ...followed, ...session({ ownAddress: true }), upstreamStandby: upstream() },
      },
      {
        name: 'it has another upstream, and its neighbor follows this one',
        facts: { ...followed, upstreamStandby: upstream({ receiver: { runs: true, host: '10.0.0.9', port: 5499 } }) },
      },
    ],
    notApplicable: [{ name: 'a primary', facts: { runningStandby: aRunningStandby({ inRecovery: false }) } }],
    unexamined: [
      { name: 'it shows nothing', facts: { upstreamStandby: upstream({ receiver: undefined }) } },
      {
        name: 'its archive may bring more',
        facts: { upstreamStandby: upstream({ receiver: none, restores: undefined }) },
      },
    ],
    fails: [
      {
        name: 'the primary goes on without it',
        facts: { upstreamStandby: upstream(ahead('0/3100000')) },
        message: /The primary is 1 MB ahead/,
      },
      {
        name: 'its archive should have brought more',
        facts: { upstreamStandby: upstream({ ...ahead('0/9000000', true), receiver: none, restores: true }) },
        message: /96 MB ahead/,
      },
      {
        name: 'it has no receiver',
        facts: { upstreamStandby: upstream({ receiver: none }) },
        message: /without a WAL receiver and without a restore_command/,
      },
      {
        name: 'a signal file was put on the primary',
        facts: { upstreamStandby: upstream({ receiver: none, hasConninfo: false }) },
        message: /neither a primary_conninfo nor a restore_command/,
        steps: [
          'If db1:5432 is the primary, and its signal file was put there by mistake, run SELECT pg_promote(); on it: this standby follows it to its new timeline. If it is a standby, set its primary_conninfo: standbylint postmortem on db1 prints how.',
        ],
      },
      {
        name: 'a standby at its address follows this one',
        facts: { ...followed, upstreamStandby: upstream() },
        message: /and follows this one/,
      },
      {
        name: 'a standby of its name follows this one',
        facts: {
          ...followed,
          ...session({ ownAddress: true, settings: new Map([['cluster_name', '17/main']]) }),
          upstreamStandby: upstream(),
        },
        message: /17\/main from/,
      },
      {
        name: 'its receiver leads here',
        facts: {
          ...followed,
          upstreamStandby: upstream({ receiver: { runs: true, host: 'db2', port: 5433 } }),
        },
        message: /it is connected to port 5433/,
      },
    ],
  },
  healthyStandby,
);
