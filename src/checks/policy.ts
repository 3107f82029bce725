import type { Facts } from '../facts/facts.ts';
import { notApplicable, seen } from '../facts/observed.ts';
import type { Policy } from '../findings/policy.ts';
import { defineCheck } from './check.ts';

/** What the configuration says that rules judge by. */
export const policyCheck = defineCheck({
  brings: ['thresholds', 'acceptances'],
  after: [],
  look: (_facts, { policy }) => Promise.resolve(policyFacts(policy)),
});

export const policyFacts = (policy: Policy | undefined): Pick<Facts, 'thresholds' | 'acceptances'> => ({
  thresholds: seen(policy?.thresholds ?? {}, policy?.file ?? 'the environment'),
  acceptances:
    policy === undefined || policy.accepted.length === 0
      ? notApplicable('the configuration accepts no findings')
      : seen(
          policy.accepted.map((one) => ({ ...one, expired: false, meets: [], examined: false })),
          policy.file ?? 'the environment',
        ),
});
