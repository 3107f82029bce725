/** What every fault that keeps a standby from its primary leads to: for the `explains` of such a rule. */
export const notStreaming = ['streaming/not-connected', 'streaming/not-seen-by-primary'] as const;

/** What every fault that holds up replay leads to. */
export const replayStands = ['recovery/replay-paused', 'streaming/replay-stuck', 'streaming/lag'] as const;
