import type { Finding, Step } from '../findings/report.ts';

/** The finding with each step of its remedy, and of the other ways, as `change` makes it. */
export function eachStep(finding: Finding, change: (step: Step) => Step): Finding {
  const { remedy } = finding;
  if (remedy === null) return finding;
  const { alternatives } = remedy;
  return {
    ...finding,
    remedy: {
      ...remedy,
      steps: remedy.steps.map(change),
      ...(alternatives === undefined
        ? {}
        : { alternatives: alternatives.map((other) => ({ ...other, steps: other.steps.map(change) })) }),
    },
  };
}

/** The steps of all root causes that keep the command from its end. */
export const stepsOfRoots = (findings: readonly Finding[]): readonly Step[] =>
  findings.flatMap(({ severity, causedBy, remedy }) =>
    severity === 'error' && causedBy === null ? (remedy?.steps ?? []) : [],
  );
