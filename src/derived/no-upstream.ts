import { ifSeen } from '../facts/observed.ts';
import { derived } from './derived.ts';
import { inForce, settingsFacts } from './in-force.ts';
import { noStandby } from './role-now.ts';

const goesBy = { needs: [], wants: [...settingsFacts, 'standbyConninfo'] } as const;

/** Why this server is to stream from nowhere; undefined where it is, or that was not seen. */
export const noUpstream = derived(goesBy, (facts): string | undefined => {
  const { runningStandby, standbyConninfo } = facts;
  if (runningStandby.status === 'not-applicable') return runningStandby.why;
  if (ifSeen(runningStandby)?.inRecovery === false) return noStandby;
  const conninfo = inForce('primary_conninfo', facts)?.value ?? ifSeen(standbyConninfo)?.text;
  return conninfo === '' || (conninfo === undefined && standbyConninfo.status === 'seen')
    ? 'primary_conninfo is not set: the standby uses only its archive'
    : undefined;
});
