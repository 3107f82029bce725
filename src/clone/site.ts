import { currentLog, endOfLog, startStandby } from './basebackup/start-server.ts';
import type { NotStarted, StartedStandby } from './basebackup/start-server.ts';
import type { StartPlan } from './basebackup/commands.ts';
import type { Examination } from '../diagnosis/examination.ts';

/** Where a copy is made and its server is started: the machine itself, or a container, which is not looked at the same way while it runs. */
export interface CloneSite {
  /** Makes it ready for the copy; the way there may be another one afterwards. Throws where it cannot be. */
  readonly ready: () => Promise<Examination>;
  readonly start: (directory: string, plan: StartPlan, signal: AbortSignal) => Promise<Begun>;
}

export type Begun =
  | {
      readonly ok: true;
      /** The data directory of the server: the copy may have been moved. */
      readonly directory: string;
      readonly standby: Omit<StartedStandby, 'log'>;
      /** The way to the server that runs. */
      readonly examination: Examination;
      /** What it has written since. */
      readonly log: () => Promise<string | undefined>;
    }
  | { readonly ok: false; readonly why: NotStarted };

/** A machine that keeps its files and its programs whether the server runs or not. */
export const machineSite = (examination: Examination): CloneSite => ({
  ready: () => Promise.resolve(examination),
  start: async (directory, plan, signal) => {
    const { host } = examination;
    const started = await startStandby(host, directory, plan, signal);
    if (!started.ok) return started;
    const log = async (): Promise<string | undefined> =>
      endOfLog(host, await currentLog(host, directory, started.value.log));
    return { ok: true, directory, standby: started.value, examination, log };
  },
});
