import { notThatFar, stageOf } from '../facts/login.ts';
import type { ConnectionPlan, ReplicationLogin } from '../facts/connection.ts';
import { notApplicable, pass, unexamined } from '../findings/judgement.ts';
import type { Judgement } from '../findings/judgement.ts';

/**
 * What a rule about the password file says without a look at that file: only a login that ended because a password was
 * asked for and none was there makes the file a fault. Undefined when that is so.
 */
export function settledWithoutPassfile(login: ReplicationLogin, plan: ConnectionPlan): Judgement | undefined {
  const stage = stageOf(login);
  if (stage.stage === 'accepted')
    return plan.password.from === 'none'
      ? pass('the login succeeded and needed no password')
      : pass(`the login succeeded with the password from ${plan.password.words}`);
  if (stage.stage === 'client-stopped' && stage.why === 'no-password') return undefined;
  if (plan.password.from !== 'none') return notApplicable(`the password comes from ${plan.password.words}`);
  return unexamined(notThatFar(stage.attempt));
}
