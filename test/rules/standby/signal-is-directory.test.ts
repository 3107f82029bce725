import { signalIsDirectory } from '../../../src/rules/standby/signal-is-directory.ts';
import { testRule } from '../rule-tester.ts';
import { aDataDirectory, directory, healthyStandby } from '../standby-world.ts';

const signals = {
  standby: true,
  recovery: false,
  directories: ['standby.signal'],
  misnamed: [],
  recoveryConf: undefined,
};

testRule(
  signalIsDirectory,
  {
    fails: [
      {
        name: 'it streams, and cannot be promoted',
        facts: { dataDirectory: aDataDirectory({ signals }) },
        severity: 'warning',
        message: /when it is promoted, it cannot remove it and stops/,
        steps: [
          `mv ${directory}/standby.signal ${directory}/standby.signal.before-2026-11-21T200000`,
          `touch ${directory}/standby.signal`,
        ],
      },
    ],
  },
  healthyStandby,
);
