import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Report } from '../facts/report.ts';
import { json } from '../report/json.ts';
import { endpointText, nameOfHost } from '../report/machines.ts';
import type { Scene } from '../report/machines.ts';
import { paintOf } from '../report/paint.ts';
import type { ReportingOptions } from './own-options.ts';
import { colorLevel, textWidth } from './terminal.ts';
import type { Surface } from './terminal.ts';

/** A report in the format that was asked for, for standard output. */
export async function reportText(
  report: Report,
  facts: Partial<Facts>,
  own: Pick<ReportingOptions, 'format' | 'color'>,
): Promise<string> {
  if (own.format === 'json') return json(report);
  const surface = standardOutput();
  const [{ stylish }, paint] = await Promise.all([
    import('../report/stylish.ts'),
    paintOf(colorLevel(own.color, surface)),
  ]);
  return stylish(report, { width: textWidth(surface), paint, scene: sceneOf(facts) });
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
    standby: stateOf(facts),
    copyBytes: size === undefined ? undefined : tablespaces.reduce((sum, bytes) => sum + bytes, size.dataBytes),
  };
}

/** What the examined standby is now: as its server says, and else as its control file does. */
function stateOf(facts: Partial<Facts>): string | undefined {
  const running = facts.runningStandby && ifSeen(facts.runningStandby);
  if (running !== undefined) {
    if (!running.inRecovery) return 'a running primary';
    return running.receiver === undefined || running.receiver.status === ''
      ? 'a running standby'
      : `a standby whose WAL receiver is ${running.receiver.status}`;
  }
  const directory = facts.dataDirectory && ifSeen(facts.dataDirectory);
  if (directory?.postmaster?.process === 'running') return 'a running server';
  const read = facts.controlFile && ifSeen(facts.controlFile);
  return read?.ok === true ? `not running (${read.value.state})` : undefined;
}
