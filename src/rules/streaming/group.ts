import type { AnyRule } from '../rule.ts';
import { breaksRepeatedly } from './breaks-repeatedly.ts';
import { conflicts } from './conflicts.ts';
import { lag } from './lag.ts';
import { nameNotUnique } from './name-not-unique.ts';
import { notConnected } from './not-connected.ts';
import { notSeenByPrimary } from './not-seen-by-primary.ts';
import { replayStuck } from './replay-stuck.ts';
import { stalled } from './stalled.ts';
import { upstreamReceivesNothing } from './upstream-receives-nothing.ts';
import { wrongUpstream } from './wrong-upstream.ts';
import { receiverSettings } from './receiver-settings.ts';

export const streamingRules = [
  notConnected,
  stalled,
  lag,
  upstreamReceivesNothing,
  wrongUpstream,
  conflicts,
  notSeenByPrimary,
  replayStuck,
  nameNotUnique,
  receiverSettings,
  breaksRepeatedly,
] as const satisfies readonly AnyRule[];
