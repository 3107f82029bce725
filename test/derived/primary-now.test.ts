import { describe, expect, it } from 'vitest';

import { isPrimaryNow } from '../../src/derived/primary-now.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { aRunningStandby } from '../rules/standby-world.ts';

describe('a server that runs as a primary', () => {
  it.each<readonly [string, Parameters<typeof isPrimaryNow>[0], boolean]>([
    ['it is not in recovery', seen(aRunningStandby({ inRecovery: false }), 'it'), true],
    ['it is in recovery', seen(aRunningStandby(), 'it'), false],
    ['it could not be asked', unseen('connection', 'no server answers'), false],
    ['none runs', notApplicable('no server runs'), false],
  ])('%s', (_, running, primary) => expect(isPrimaryNow(running)).toBe(primary));
});
