import { derive, seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';

/** The connection as it was resolved: pg_basebackup's, or the one of a standby's WAL receiver. */
export const connectionPlan = defineCheck({
  brings: ['connectionPlan'],
  after: ['upstream'],
  async look({ upstream }) {
    return { connectionPlan: derive(upstream, ({ connection, from }) => seen(connection.plan, from)) };
  },
});
