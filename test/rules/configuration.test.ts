import { acceptanceExpired } from '../../src/rules/configuration/acceptance-expired.ts';
import { acceptanceUnmatched } from '../../src/rules/configuration/acceptance-unmatched.ts';
import type { MetAcceptance } from '../../src/facts/policy.ts';
import { testRule } from './rule-tester.ts';

const anAcceptance = (change: Partial<MetAcceptance>): MetAcceptance => ({
  rule: 'primary/unbounded-slot-retention',
  subject: 'audit',
  reason: 'the consumer of slot audit moves in January',
  until: '2027-01-31',
  forThisRun: true,
  expired: false,
  meets: ['Inactive slot audit retains 2 GB of WAL, without a limit'],
  examined: true,
  ...change,
});

testRule(acceptanceExpired, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'it holds', facts: { acceptances: [anAcceptance({})] } },
    { name: 'it is over, and so is the finding', facts: { acceptances: [anAcceptance({ expired: true, meets: [] })] } },
  ],
  fails: [
    {
      name: 'it is over, and the finding is there',
      facts: { acceptances: [anAcceptance({ expired: true, until: '2026-10-31' })] },
      message: /was accepted until 2026-10-31 and is still there/u,
      risk: 'safe',
    },
  ],
});

testRule(acceptanceUnmatched, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'it matches', facts: { acceptances: [anAcceptance({ expired: true })] } },
    { name: 'it is of another run', facts: { acceptances: [anAcceptance({ meets: [], examined: false })] } },
  ],
  fails: [
    {
      name: 'it matches nothing',
      facts: { acceptances: [anAcceptance({ meets: [] })] },
      message: /accepts primary\/unbounded-slot-retention for "audit" until 2027-01-31/u,
    },
  ],
});
