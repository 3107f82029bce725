import { setTimeout as pause } from 'node:timers/promises';

import { justStartedSeconds } from '../../src/facts/thresholds.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';

/** Of a standby that was started a moment ago it is not said that it does not stream. */
export async function untilSettled(standby: ThrowawayServer): Promise<void> {
  const [row] = await standby.query('SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) AS age');
  await pause(Math.max(0, justStartedSeconds + 0.1 - Number(row?.['age'])) * 1000);
}
