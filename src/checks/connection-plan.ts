import { derive, seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { upstreamOf } from './upstream.ts';

/** The connection as it was resolved: pg_basebackup's, or the one of a standby's WAL receiver. */
export const connectionPlan = defineCheck({
  brings: ['connectionPlan'],
  after: [],
  async look(_facts, surroundings) {
    return {
      connectionPlan: derive(await upstreamOf(surroundings), ({ connection, from }) => seen(connection.plan, from)),
    };
  },
});
