import { describe, expect, it } from 'vitest';

import type { SettingsSeen } from '../../src/derived/in-force.ts';
import { delaySeconds } from '../../src/derived/replay-delay.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { aConfiguration, aDataDirectory, autoConf } from '../rules/standby-world.ts';

const stopped: Omit<SettingsSeen, 'standbyConfiguration'> = {
  runningStandby: notApplicable('it does not run'),
  dataDirectory: seen(aDataDirectory(), 'it'),
};

describe('how late a standby replays on purpose', () => {
  it.each([
    ['not at all', undefined, 0],
    ['in milliseconds, the unit of the setting', '1500', 1.5],
    ['in minutes', '5min', 300],
    ['a value that it is not', 'soon', undefined],
  ])('%s', (_, value, expected) =>
    expect(
      delaySeconds({
        ...stopped,
        standbyConfiguration: seen(
          aConfiguration(value === undefined ? [] : [['recovery_min_apply_delay', value, autoConf, 3]]),
          'the files',
        ),
      }),
    ).toBe(expected),
  );

  it('is not known where no setting was seen', () => {
    expect(
      delaySeconds({ ...stopped, standbyConfiguration: unseen('permission', 'postgresql.conf: closed') }),
    ).toBeUndefined();
  });
});
