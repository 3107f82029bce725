import { seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';

/** The moment of the examination: rules have no clock of their own. */
export const clock = defineCheck({
  brings: ['now'],
  after: [],
  look: (_facts, { now }) => Promise.resolve({ now: seen(now(), "this machine's clock") }),
});
