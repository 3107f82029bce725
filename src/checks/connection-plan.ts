import { seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';

/** The connection as it was resolved from the command line, the environment and libpq's files. */
export const connectionPlan = defineCheck({
  brings: ['connectionPlan'],
  after: [],
  async look(_facts, { subject }) {
    return { connectionPlan: seen(subject.connection.plan, "the command line, the environment and libpq's files") };
  },
});
