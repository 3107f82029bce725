import { receiverSettings } from '../../../src/rules/streaming/receiver-settings.ts';
import { aLogUntil } from '../a-log.ts';
import { testRule } from '../rule-tester.ts';
import { aRunningStandby, aWalSender, healthyStandby } from '../standby-world.ts';
import { now } from '../world.ts';

const having = (settings: Readonly<Record<string, string>>, receives = true) => {
  const standby = aRunningStandby();
  return aRunningStandby({
    ...(receives ? {} : { receiver: undefined, replay: { ...standby.replay, moves: false } }),
    settings: new Map([
      ...standby.settings,
      ...Object.entries(settings).map(
        ([name, value]) => [name, { value, pendingRestart: false, source: 'configuration file' }] as const,
      ),
    ]),
  });
};
const steps = (name: string, value: string) => [`ALTER SYSTEM SET ${name} = '${value}';`, 'SELECT pg_reload_conf();'];
const timedOut = aLogUntil(now, ['FATAL:  terminating walreceiver due to timeout']);

testRule(
  receiverSettings,
  {
    passes: [
      { name: 'the defaults', facts: { runningStandby: having({ wal_receiver_timeout: '60000' }) } },
      {
        name: 'a timeout of a few seconds that holds',
        facts: { runningStandby: having({ wal_receiver_timeout: '5000' }) },
      },
      { name: 'no timeout', facts: { runningStandby: having({ wal_receiver_timeout: '0' }) } },
    ],
    notApplicable: [{ name: 'a primary', facts: { runningStandby: aRunningStandby({ inRecovery: false }) } }],
    fails: [
      {
        name: 'a timeout by which each connection ends',
        facts: { runningStandby: having({ wal_receiver_timeout: '5' }, false), serverLog: timedOut },
        severity: 'error',
        steps: steps('wal_receiver_timeout', '60s'),
      },
      {
        name: 'a short timeout that has not ended a connection',
        facts: { runningStandby: having({ wal_receiver_timeout: '500' }) },
        severity: 'warning',
      },
      {
        name: 'a wait of an hour, and no connection',
        facts: { runningStandby: having({ wal_retrieve_retry_interval: '3600000' }, false) },
        severity: 'error',
        steps: steps('wal_retrieve_retry_interval', '5s'),
      },
      {
        name: 'a wait of an hour while it streams',
        facts: { runningStandby: having({ wal_retrieve_retry_interval: '3600000' }) },
        severity: 'warning',
      },
      {
        name: 'no reports, and commits wait for it',
        facts: {
          runningStandby: having({ wal_receiver_status_interval: '0' }),
          walSenders: [aWalSender({ syncState: 'sync' })],
        },
        severity: 'error',
        steps: steps('wal_receiver_status_interval', '10s'),
      },
      {
        name: 'no reports, and nobody waits for it',
        facts: { runningStandby: having({ wal_receiver_status_interval: '0' }) },
        severity: 'info',
      },
    ],
  },
  healthyStandby,
);
