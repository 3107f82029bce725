/**
 * Silence from the primary, in seconds. Where nothing is written the receiver asks for a sign of life after half of
 * wal_receiver_timeout (walreceiver.c, WalReceiverMain), and gets it in a round trip; a quarter more, 10 s at most, is
 * left for that. With a timeout of 0 it never asks, and silence tells nothing.
 */
export function silenceSeconds(receiverTimeoutMs: number): number | undefined {
  const timeout = receiverTimeoutMs / 1000;
  return timeout <= 0 ? undefined : timeout / 2 + Math.min(10, timeout / 4);
}
