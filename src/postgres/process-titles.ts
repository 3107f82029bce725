import { parseLsn } from './lsn.ts';
import type { Lsn } from './lsn.ts';

/** What a process of a standby's server says of itself to ps(1) (utils/misc/ps_status.c). */
export type ProcessTitle =
  | {
      readonly kind: 'walreceiver';
      /** Behind the WAL that it has flushed since it began (walreceiver.c, XLogWalRcvFlush); undefined before the first. */
      readonly streamed: Lsn | undefined;
    }
  | {
      readonly kind: 'startup';
      /** The WAL file that it replays, or waits for (xlogrecovery.c, XLogFileRead and WaitForWALToBecomeAvailable). */
      readonly doing: 'recovering' | 'waiting for' | undefined;
      readonly file: string | undefined;
    };

/**
 * Reads `postgres: [CLUSTER_NAME: ]walreceiver streaming 0/3000148`. With update_process_title off the name of the process
 * stands there alone. Undefined for all other processes.
 */
export function parseProcessTitle(title: string): ProcessTitle | undefined {
  const [, kind, activity = ''] = /^postgres: (?:.*: )?(walreceiver|startup)(?: +(.*?))? *$/u.exec(title) ?? [];
  // a session, of a user with such a name
  if (kind === undefined || /^\S+ (?:\[local\]|\S+\(\d+\))/u.test(activity)) return undefined;
  if (kind === 'walreceiver')
    return { kind, streamed: parseLsn(/^streaming ([0-9A-F]+\/[0-9A-F]+)$/u.exec(activity)?.[1] ?? '') };
  const [, doing, file] = /^(recovering|waiting for) ([0-9A-F]{24})$/u.exec(activity) ?? [];
  return {
    kind: 'startup',
    doing: doing === 'recovering' || doing === 'waiting for' ? doing : undefined,
    file,
  };
}
