import { indent, wrap } from '../report/layout.ts';
import { helpWidth } from './help-width.ts';
import type { OwnOption } from './own-options.ts';

const namesWidth = 29;

/** An option in a help: its names, and what it does beside them, or below them where they are long. */
export function optionLine({ long, short, value, help }: OwnOption): string {
  const names = `  ${short === undefined ? '    ' : `-${short}, `}--${long}${value === undefined ? '' : `=${value}`}`;
  const lines = indent(wrap(help, helpWidth() - namesWidth), namesWidth);
  return names.length < namesWidth
    ? `${names.padEnd(namesWidth)}${lines.join('\n').trimStart()}`
    : [names, ...lines].join('\n');
}
