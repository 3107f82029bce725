import type { Thresholds } from './policy.ts';
import type { Observed } from './observed.ts';

/** From when on something is worth a word. Each with its reason: a standby that works must not be called slow. */

/**
 * A lag in seconds. Twice max_standby_streaming_delay's default of 30 s: a query may hold up replay for that long, and
 * the server ends it by itself.
 */
export const lagSeconds = 60;

/** A lag in bytes: max_wal_size's default of 1 GB. Without a slot the primary may remove what is older than that. */
const lagBytes = 1024n ** 3n;

/** A limit for queries up to this ends a conflict soon enough by itself (max_standby_streaming_delay's default is 30 s). */
export const conflictEndsSoonSeconds = 300;

/** A server that was started this many seconds ago may still be about to connect: wal_retrieve_retry_interval is 5 s. */
export const justStartedSeconds = 5;

/** Of what a slot may keep (max_slot_wal_keep_size), the part that is left when it becomes dangerous. */
const slotReserve = 0.2;

/** Where the configuration says nothing else. */
const usualThresholds: Thresholds = {
  lagSeconds,
  lagBytes,
  spaceReserve: undefined,
  slotReserve,
  slotRetention: undefined,
};

export const thresholdsIn = (configured: Observed<Partial<Thresholds>>): Thresholds =>
  configured.status === 'seen' ? { ...usualThresholds, ...configured.value } : usualThresholds;
