import { expect } from 'vitest';

import type { Remedy, Step, StepAction } from '../../src/findings/report.ts';

/**
 * The conditions of a remedy go by what a step says that it does, and by the paths that it names: a command that does
 * something else, or to something else, would pass by them.
 */
export function expectSaysWhatItDoes(step: Step): void {
  // what is typed by root elsewhere is the command that the step says
  if (step.asRoot !== undefined) expect(step).toMatchObject({ kind: 'manual', text: `As root: ${step.asRoot}` });
  if (step.stop !== undefined) expect(step.text).toContain(step.stop);
  const isCommand = step.kind === 'shell' || step.asRoot !== undefined;
  if (isCommand)
    for (const [word, may] of commands)
      if (word.test(step.text))
        expect({ text: step.text, does: may }).toMatchObject({ does: expect.arrayContaining([step.does]) });
  if (step.kind !== 'shell' || !withPaths.has(step.does)) return;
  expect({ text: step.text, paths: step.paths?.length ?? 0 }).not.toMatchObject({ paths: 0 });
  expect((step.paths ?? []).filter((path) => !path.startsWith('/'))).toEqual([]);
}

/** Of a remedy and its other ways. */
export const stepsOf = ({ steps, alternatives }: Pick<Remedy, 'steps' | 'alternatives'>): readonly Step[] => [
  ...steps,
  ...(alternatives ?? []).flatMap((one) => one.steps),
];

const begins = String.raw`(?:^|&& |; |: |\{ |\n|do )`;
const program = (name: string): string => String.raw`(?:\S*/)?${name}`;

const commands: readonly (readonly [RegExp, readonly StepAction[]])[] = [
  [new RegExp(`${begins}mv `, 'u'), ['move-aside', 'put-back', 'edit-file', 'make-file']],
  [new RegExp(`${begins}rm `, 'u'), []],
  [new RegExp(`${begins}chmod `, 'u'), ['change-mode', 'change-owner', 'make-file', 'edit-file']],
  [new RegExp(`${begins}chown `, 'u'), ['change-owner', 'edit-file', 'make-file', 'make-directory', 'copy']],
  [new RegExp(`${begins}(?:mkdir|install -d) `, 'u'), ['make-directory', 'move-aside', 'change-owner']],
  [new RegExp(`${begins}(?:PG\\w+=\\S+ )*${program('pg_basebackup')} `, 'u'), ['copy']],
  [new RegExp(`${begins}(?:PG\\w+=\\S+ )*${program('pg_rewind')} `, 'u'), ['rewind']],
  [new RegExp(`${begins}(?:PG\\w+=\\S+ )*${program('pg_ctl')} start `, 'u'), ['start']],
  [new RegExp(`${begins}(?:PG\\w+=\\S+ )*${program('pg_ctl')} restart `, 'u'), ['restart']],
  [new RegExp(`${begins}pg_ctlcluster \\S+ \\S+ start`, 'u'), ['start']],
  [new RegExp(`${begins}pg_ctlcluster \\S+ \\S+ restart`, 'u'), ['restart']],
  [new RegExp(`${begins}(?:docker|systemctl) start `, 'u'), ['start', 'container']],
  [new RegExp(`${begins}(?:docker|systemctl) restart `, 'u'), ['restart']],
];

const withPaths: ReadonlySet<StepAction> = new Set<StepAction>([
  'move-aside',
  'make-directory',
  'change-mode',
  'change-owner',
  'put-back',
  'copy',
  'rewind',
]);
