import type { Finding, Step } from '../findings/report.ts';
import { changed } from './connecting.ts';
import { eachStep, stepsOfRoots } from './each-step.ts';
import { shellWord } from './quoting.ts';

/**
 * Where one root cause corrects primary_conninfo and another one takes a base backup with it, the base backup is taken with
 * the corrected parameters.
 */
export function oneConnection(findings: readonly Finding[]): readonly Finding[] {
  const all = Object.fromEntries(stepsOfRoots(findings).flatMap(({ conninfo = {} }) => Object.entries(conninfo)));
  const corrected = ({ conninfo: _conninfo, connects, ...step }: Step): Step => {
    const instead = connects === undefined ? undefined : changed(connects, all);
    if (connects === undefined || instead === undefined) return step;
    return { ...step, text: step.text.replace(shellWord(connects), () => shellWord(instead)) };
  };
  return findings.map((finding) => eachStep(finding, corrected));
}
