import type { Timelines } from '../facts/standby-wal.ts';

/**
 * Of a server that is no standby by its own account: what it would follow is one, on the same timeline, and may follow this
 * very server. Two servers that are each configured for the other's place look like this.
 */
export const perhapsThePrimary = ({ sameSystem, local, upstream, upstreamInRecovery }: Timelines): boolean =>
  sameSystem && upstreamInRecovery === true && local.timeline === upstream.timeline;

export const whyPerhapsThePrimary =
  'the server that primary_conninfo leads to is a standby on the same timeline, and may follow this very server';
