import type { Thresholds } from '../facts/policy.ts';
import type { Observed } from '../facts/observed.ts';

/** From when on something is worth a word. Each with its reason: a standby that works must not be called slow. */

/**
 * A lag in seconds. Twice max_standby_streaming_delay's default of 30 s: a query may hold up replay for that long, and
 * the server ends it by itself.
 */
export const lagSeconds = 60;

/** A lag in bytes: max_wal_size's default of 1 GB. Without a slot the primary may remove what is older than that. */
const lagBytes = 1024n ** 3n;

/**
 * The time since the last replayed commit is a lag only where at least one segment waits: on an idle primary a few
 * hundred bytes (a running-xacts record each 15 s) lie between two looks, and the last commit may be hours old.
 */
export const lagBytesThatCount = 16n * 1024n ** 2n;

/** A limit for queries up to this ends a conflict soon enough by itself (max_standby_streaming_delay's default is 30 s). */
export const conflictEndsSoonSeconds = 300;

/** Queries cancelled by recovery, of which fewer are what a standby that is read on sees now and then. */
export const conflictsThatCount = 10;

/** A server that was started this many seconds ago may still be about to connect: wal_retrieve_retry_interval is 5 s. */
export const justStartedSeconds = 5;

/** Of what a slot may keep (max_slot_wal_keep_size), the part that is left when it becomes dangerous. */
const slotReserve = 0.2;

/**
 * Silence from the primary, in seconds. Where nothing is written the receiver asks for a sign of life after half of
 * wal_receiver_timeout (walreceiver.c, WalReceiverMain), and gets it in a round trip; a quarter more, 10 s at most, is
 * left for that. With a timeout of 0 it never asks, and silence tells nothing.
 */
export function silenceSeconds(receiverTimeoutMs: number): number | undefined {
  const timeout = receiverTimeoutMs / 1000;
  return timeout <= 0 ? undefined : timeout / 2 + Math.min(10, timeout / 4);
}

/** Where the configuration says nothing else. */
export const usualThresholds: Thresholds = {
  lagSeconds,
  lagBytes,
  spaceReserve: undefined,
  slotReserve,
  slotRetention: undefined,
};

export const thresholdsIn = (configured: Observed<Partial<Thresholds>>): Thresholds =>
  configured.status === 'seen' ? { ...usualThresholds, ...configured.value } : usualThresholds;
