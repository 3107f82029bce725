import type { ConnectionPlan } from '../facts/connection.ts';
import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Fault } from '../findings/judgement.ts';
import { isAssumed } from '../derived/assumed-role.ts';
import { manual } from '../remedies/remedy.ts';
import type { Judged } from './judge.ts';

/**
 * Says of a login that failed which of its parameters nobody gave with it: they come from the environment or from a
 * service file, and what is wrong there is corrected there. Only those that a group of rules is about, and that a finding
 * does not name by itself.
 */
export function withOrigins(judged: readonly Judged[], facts: Partial<Facts>): readonly Judged[] {
  const plan = facts.connectionPlan && ifSeen(facts.connectionPlan);
  const login = facts.replicationLogin && ifSeen(facts.replicationLogin);
  if (plan === undefined || login?.outcome.accepted !== false) return judged;
  const isStandby = facts.standbyConninfo !== undefined && ifSeen(facts.standbyConninfo) !== undefined;
  return judged.map(({ rule, result }) => {
    const keywords = parameters[rule.id.split('/')[0] ?? ''] ?? [];
    if (result.outcome !== 'failed' || !rule.needs.includes('replicationLogin')) return { rule, result };
    const faults = result.faults.map((fault) =>
      (fault.severity ?? rule.severity) === 'error' ? toldIn(fault, plan, keywords, isStandby) : fault,
    );
    return { rule, result: { outcome: 'failed', faults } };
  });
}

const parameters: Readonly<Record<string, readonly string[]>> = {
  network: ['host', 'hostaddr', 'port', 'target_session_attrs'],
  tls: ['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslcrl'],
  hba: ['user', 'host', 'hostaddr'],
  role: ['user', 'host', 'hostaddr'],
  client: ['user'],
};

function toldIn(fault: Fault, plan: ConnectionPlan, keywords: readonly string[], isStandby: boolean): Fault {
  const said = JSON.stringify([fault.message, fault.evidence, fault.remedy]);
  const outside = keywords.flatMap((keyword) => {
    const source = plan.sources[keyword] ?? '';
    const isOutside = /^PG[A-Z]+$|^line \d+ of /u.test(source) || (keyword === 'user' && isAssumed(plan) && !isStandby);
    return isOutside && !said.includes(source) ? [{ keyword, source }] : [];
  });
  if (outside.length === 0) return fault;
  const origins = outside.map(({ keyword, source }) => `${keyword} from ${source}`).join(', ');
  const places = outside.map(({ source }) => source).filter((one, at, all) => all.indexOf(one) === at);
  const variables = places.filter((place) => place.startsWith('PG'));
  const lines = places.filter((place) => place.startsWith('line '));
  const given = outside
    .map(({ keyword }) => (isStandby ? keyword : (options[keyword] ?? `-d ${keyword}=…`)))
    .join(', ');
  const ways = [
    isStandby ? `set ${given} in primary_conninfo` : `give ${given}`,
    ...(variables.length === 0
      ? []
      : [
          `${isStandby ? 'remove' : 'unset'} ${variables.join(', ')}${isStandby ? " from the server's environment" : ''}`,
        ]),
    ...(lines.length === 0 ? [] : [`correct ${lines.join(', ')}`]),
  ];
  const step = manual(
    isStandby ? 'standby' : 'client',
    `If this connection is not the one that is meant: ${ways.join(', or ')}.`,
  );
  const { remedy } = fault;
  // what is typed there changes the connection by itself
  const isChanged = remedy?.steps.some(({ kind, on }) => kind !== 'manual' && on === step.on) === true;
  return {
    ...fault,
    message: `${fault.message} Not given with the connection: ${origins}.`,
    ...(remedy === undefined || isChanged ? {} : { remedy: { ...remedy, steps: [...remedy.steps, step] } }),
  };
}

const options: Readonly<Record<string, string>> = { host: '-h', port: '-p', user: '-U' };
