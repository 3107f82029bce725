import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Report } from '../facts/report.ts';
import { json } from '../report/json.ts';
import { endpointText, nameOfHost } from '../report/machines.ts';
import type { Scene } from '../report/machines.ts';
import type { OwnOptions } from './own-options.ts';
import { colorLevel, textWidth } from './terminal.ts';
import type { Surface } from './terminal.ts';

/** A report in the format that was asked for, for standard output. */
export async function reportText(report: Report, facts: Partial<Facts>, own: OwnOptions): Promise<string> {
  if (own.format === 'json') return json(report);
  const { stylish } = await import('../report/stylish.ts');
  const surface = standardOutput();
  return stylish(report, { width: textWidth(surface), color: colorLevel(own.color, surface), scene: sceneOf(facts) });
}

export const standardOutput = (): Surface => ({
  // both are undefined where it is no terminal, whatever their types say
  isTty: process.stdout.isTTY,
  columns: process.stdout.columns,
  environment: process.env,
});

/** The machines as the facts tell of them: the host that the user named, and what is to be copied. */
export function sceneOf(facts: Partial<Facts>): Scene {
  const primary = facts.primary && ifSeen(facts.primary);
  const plan = facts.connectionPlan && ifSeen(facts.connectionPlan);
  const login = facts.replicationLogin && ifSeen(facts.replicationLogin);
  const attempt = login?.outcome.accepted === true ? login.outcome.session.attempt : login?.outcome.decisive;
  const reached = attempt ?? plan?.hosts[0];
  const size = facts.copySize && ifSeen(facts.copySize);
  const tablespaces = size?.tablespaces.map(({ bytes }) => bytes ?? 0n) ?? [];
  return {
    endpoint: reached === undefined ? 'no primary' : endpointText(reached.host, reached.port),
    primaryName: primary?.name ?? nameOfHost(plan?.hosts[0]?.host ?? ''),
    source: primary?.inRecovery === true ? 'standby' : 'primary',
    copyBytes: size === undefined ? undefined : tablespaces.reduce((sum, bytes) => sum + bytes, size.dataBytes),
  };
}
