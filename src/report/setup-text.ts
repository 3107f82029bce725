import type { ExplainedText } from './explained-text.ts';
import { indent, wrap } from './layout.ts';
import { printable } from './printable.ts';

/** What was pasted is no message: lines of configuration, output of programs, a command. */
export const isSetup = ({ message, rule, next }: ExplainedText): boolean =>
  message === null && rule === null && next.length > 0;

/** Several parts of a setup on one screen: what was found in each; those with nothing to be said of only where all are so. */
export function setupsText(setups: readonly ExplainedText[], width: number): readonly string[] {
  const telling = setups.filter(({ candidates }) => candidates.length > 0);
  const told = telling.length === 0 ? setups : telling;
  const commands = new Map(told.flatMap(({ next }) => next.map(({ where, command }) => [command, where] as const)));
  const [advice] = told.flatMap((one) => one.advice ?? []);
  return [
    ...told.flatMap((one, index) => [...(index === 0 ? [] : ['']), ...partText(one, width)]),
    ...(advice === undefined ? [] : ['', ...indent(wrap(`What to do: ${advice}`, width - 2), 2)]),
    '',
    '  To investigate:',
    ...[...commands].slice(0, mostCommands).map(([command, where]) => `    ${where}: ${printable(command)}`),
  ];
}

function partText({ text, means, candidates }: ExplainedText, width: number): readonly string[] {
  const head = wrap(text.length > longestHead ? `${text.slice(0, longestHead - 1)}…` : text, width);
  if (candidates.length === 0) return [...head, ...indent(wrap(means, width - 2), 2)];
  return [
    ...head,
    ...candidates.slice(0, mostOfEach).flatMap(({ cause }) => {
      const [first = '', ...more] = wrap(cause, width - 4);
      return [`  - ${first}`, ...indent(more, 4)];
    }),
    ...(candidates.length > mostOfEach
      ? [`  - ${candidates.length - mostOfEach} more, if you paste this part alone`]
      : []),
  ];
}

const longestHead = 70;
const mostOfEach = 2;
const mostCommands = 2;
