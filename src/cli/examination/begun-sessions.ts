import type { ResolvedConnection } from '../../servers/connection.ts';
import type { PostmortemOptions } from '../options/postmortem-options.ts';
import type { SessionLimits } from '../options/own-options.ts';
import { placeOfSession } from './examination.ts';

/** Sessions at places that are on their way, and what carries them. */
export interface BegunSessions {
  readonly admin: Promise<ResolvedConnection | undefined> | undefined;
  readonly standby: Promise<ResolvedConnection | undefined> | undefined;
  /** Each of their connections brings a shell of its own from then on. */
  readonly close: () => void;
}

/** Begins to go to the places of --admin and --standby, which takes as long as the way to that of -D, beside it. */
export async function beginSessions(
  { admin, standby }: Pick<PostmortemOptions, 'admin' | 'standby'>,
  limits: SessionLimits,
): Promise<BegunSessions> {
  const { sessionAt } = await import('./session-at.ts');
  const ends: (() => void)[] = [];
  let isOver = false;
  const keep = (end: () => void): void => {
    if (isOver) end();
    else ends.push(end);
  };
  const begun = (option: 'admin' | 'standby', written: string | undefined): BegunSessions['admin'] => {
    const place = written === undefined ? undefined : placeOfSession(written);
    const session = place && sessionAt(place, `--${option}`, limits, keep);
    // told to whoever waits for it: there may be nobody, where -D names no place
    session?.catch(() => undefined);
    return session;
  };
  return {
    admin: begun('admin', admin),
    standby: begun('standby', standby),
    close: () => {
      isOver = true;
      for (const end of ends.splice(0)) end();
    },
  };
}
