import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { withOrigins } from '../../src/diagnosis/connection-origin.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { rulesOfCopies } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { world } from '../rules/rule-tester.ts';
import { aPlan, aRefusedLogin, anAttempt } from '../rules/world.ts';

const rules: readonly AnyRule[] = rulesOfCopies;
const refused = aRefusedLogin(
  anAttempt({ encryption: 'none', outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } }),
);
const faultWith = (sources: Readonly<Record<string, string>>) => {
  const facts = world({ replicationLogin: refused, connectionPlan: aPlan({ sources }) });
  const judged = withOrigins(
    rules.filter(({ id }) => id === 'network/connection-refused').map((rule) => judge(rule, facts)),
    facts,
  );
  const result = judged[0]?.result;
  const fault = result?.outcome === 'failed' ? result.faults[0] : undefined;
  return { message: fault?.message ?? '', step: fault?.remedy?.steps.at(-1)?.text ?? '' };
};

test('what a connection got from the environment or from a service file is named, with what changes it there', () => {
  const outside = fc.constantFrom('PGHOST', 'PGPORT', 'PGHOSTADDR', 'line 3 of /etc/pg_service.conf');
  const inside = fc.constantFrom('-h', '-p', 'the connection string', 'the default');
  fc.assert(
    fc.property(fc.constantFrom('host', 'port', 'hostaddr'), outside, inside, (keyword, place, other) => {
      const { message, step } = faultWith({ host: other, port: other, [keyword]: place });
      expect(message).toContain(`Not given with the connection: ${keyword} from ${place}.`);
      expect(step).toContain(place.startsWith('PG') ? `unset ${place}` : `correct ${place}`);
      expect(faultWith({ host: other, port: other }).message).not.toContain('Not given');
    }),
    { numRuns: 40 },
  );
});

test('what has no part in the fault is not named', () => {
  expect(faultWith({ host: '-h', port: '-p', user: 'PGUSER', sslmode: 'PGSSLMODE' }).message).not.toContain(
    'Not given',
  );
});
