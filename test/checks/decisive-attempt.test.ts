import { describe, expect, it } from 'vitest';

import { decisiveAttempt } from '../../src/checks/decisive-attempt.ts';
import type { AttemptOutcome } from '../../src/facts/connection.ts';
import { anAttempt } from '../rules/world.ts';

const at = (host: string, outcome: AttemptOutcome) => anAttempt({ host, address: host, outcome });
const passedOver: AttemptOutcome = { kind: 'wrong-session-attributes', message: 'session is read-only' };
const down: AttemptOutcome = { kind: 'refused', phase: 'connect', message: 'connection refused' };
const noEntry: AttemptOutcome = {
  kind: 'server-refused',
  refusal: 'no-hba-entry',
  error: { sqlstate: '28000', message: 'no pg_hba.conf entry', detail: undefined, hint: undefined, routine: undefined },
};

describe('the attempt whose failure counts, where target_session_attrs passes over the standbys of a list', () => {
  it.each<readonly [string, ReadonlyArray<readonly [string, AttemptOutcome]>, string]>([
    [
      'the primary refuses',
      [
        ['10.0.0.1', passedOver],
        ['10.0.0.2', noEntry],
      ],
      '10.0.0.2',
    ],
    [
      'the primary is down',
      [
        ['10.0.0.2', down],
        ['10.0.0.1', passedOver],
      ],
      '10.0.0.2',
    ],
    [
      'a standby that has no TLS',
      [
        ['10.0.0.1', { kind: 'tls-not-offered' }],
        ['10.0.0.1', passedOver],
        ['10.0.0.2', down],
      ],
      '10.0.0.2',
    ],
    [
      'there are only standbys',
      [
        ['10.0.0.1', passedOver],
        ['10.0.0.2', passedOver],
      ],
      '10.0.0.2',
    ],
  ])('%s', (_, attempts, host) =>
    expect(decisiveAttempt(attempts.map(([place, outcome]) => at(place, outcome)))?.host).toBe(host),
  );
});
