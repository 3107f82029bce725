import { ownLoginFails } from '../../../src/rules/manager/own-login-fails.ts';
import { aLogUntil } from '../a-log.ts';
import { testRule } from '../rule-tester.ts';
import { healthyStandby } from '../standby-world.ts';
import { now } from '../world.ts';
import { aPatroniMember, aRepmgrNode } from './managers.ts';

const manager = aPatroniMember({ state: { unlocked: false, storeSilentSeconds: 4, cannotAsk: true } });

testRule(
  ownLoginFails,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'it asks', facts: { manager: aPatroniMember() } }],
    fails: [
      {
        name: 'the password is wrong',
        facts: {
          manager,
          serverLog: aLogUntil(now, ['FATAL:  password authentication failed for user "postgres"']),
        },
        message: /password authentication failed for user "postgres"/u,
        steps: [
          'Correct the password of postgresql.authentication.superuser in /etc/patroni/config.yml, on this member: that of the other members is right, where they can log in.',
          'patronictl -c /etc/patroni/config.yml reload shop db2 --force',
        ],
      },
      {
        name: 'the log does not say',
        facts: { manager },
        steps: [
          'Read in the log of the server why it refuses the login of postgresql.authentication.superuser in /etc/patroni/config.yml (password, pg_hba.conf, max_connections), and take the reason away.',
          'patronictl -c /etc/patroni/config.yml reload shop db2 --force',
        ],
      },
    ],
    notApplicable: [
      { name: 'repmgr', facts: { manager: aRepmgrNode() } },
      { name: 'its API does not answer', facts: { manager: aPatroniMember({ state: undefined }) } },
    ],
  },
  healthyStandby,
);
