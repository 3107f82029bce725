import type { BaseBackupCommand, CommandLineChange } from '../facts/base-backup.ts';
import type { Finding, Step } from '../findings/report.ts';
import { checkAgainText } from './command-line.ts';
import { eachStep, stepsOfRoots } from './each-step.ts';
import { asRoot } from './remedy.ts';

/**
 * Where several faults are in one command line, each fix prints the same line, with the corrections of all root causes in
 * it: none of the printed lines keeps a fault of the others.
 */
export function oneCommandLine(
  findings: readonly Finding[],
  command: BaseBackupCommand | undefined,
): readonly Finding[] {
  const all = stepsOfRoots(findings)
    .flatMap(({ correction }) => correction ?? [])
    .reduce(both, {});
  const corrected = ({ correction, ...step }: Step): Step => {
    if (correction === undefined || command === undefined) return step;
    const text = checkAgainText(command, both(all, correction));
    return step.asRoot === undefined ? { ...step, text } : { ...step, ...asRoot(step.on, text, step.does) };
  };
  return findings.map((finding) => eachStep(finding, corrected));
}

/** The first one wins where both say the same thing in two ways. */
function both(one: CommandLineChange, other: CommandLineChange): CommandLineChange {
  const added = other.with?.[0] !== undefined && one.with?.includes(other.with[0]) === true ? [] : (other.with ?? []);
  const program = one.program ?? other.program;
  const user = one.user ?? other.user;
  const conninfo = one.conninfo ?? other.conninfo;
  return {
    without: [...new Set([...(one.without ?? []), ...(other.without ?? [])])],
    with: [...(one.with ?? []), ...added],
    environment: { ...other.environment, ...one.environment },
    ...(program === undefined ? {} : { program }),
    ...(user === undefined ? {} : { user }),
    ...(conninfo === undefined ? {} : { conninfo: { ...other.conninfo, ...one.conninfo } }),
  };
}
