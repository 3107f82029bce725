import type { Facts } from '../facts/facts.ts';
import type { Remedy, Step } from '../findings/report.ts';
import { shellWord } from './quoting.ts';
import { asRoot } from './remedy.ts';
import { ifSeen } from '../facts/observed.ts';

/**
 * The directories above a container's volume are root's alone (Docker: 0710 and 0701), and the owner of the files in it is
 * often no user of this machine: what is typed there is typed by root, and what it makes is given to the owner of the data.
 */
export function inVolume(remedy: Remedy, facts: Partial<Facts>): Remedy {
  const control = ifSeen(facts.standbyControl)?.control;
  const owner = ifSeen(facts.dataDirectory)?.owner;
  if (control?.kind !== 'container' || control.volume === undefined || owner === undefined) return remedy;
  const typed = (step: Step): Step => byRoot(step, `${owner.uid}:${owner.gid}`);
  const { alternatives } = remedy;
  return {
    ...remedy,
    steps: remedy.steps.map(typed),
    ...(alternatives && { alternatives: alternatives.map((one) => ({ ...one, steps: one.steps.map(typed) })) }),
  };
}

function byRoot(step: Step, owner: string): Step {
  const { on, kind, text, does, paths = [], edit, asksPassword } = step;
  if (on !== 'standby' || kind !== 'shell') return step;
  const makes = does === 'make-file' || does === 'make-directory' || edit?.absent === true;
  const words = paths.map(shellWord).join(' ');
  const given = makes ? ` && chown ${owner} ${words}` : does === 'copy' ? ` && chown -R ${owner} ${words}` : '';
  return { ...asRoot(on, `${text}${given}`, does, ...paths), ...(asksPassword && { asksPassword }) };
}
