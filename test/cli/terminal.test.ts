import { describe, expect, it } from 'vitest';

import { colorLevel, textWidth } from '../../src/cli/terminal/terminal.ts';
import type { Surface } from '../../src/cli/terminal/terminal.ts';

const surface = (
  environment: Record<string, string> = {},
  isTty = true,
  columns: number | undefined = 80,
): Surface => ({
  isTty,
  columns,
  environment: { TERM: 'xterm', ...environment },
});

describe('colorLevel', () => {
  it.each([
    ['auto', surface(), 1],
    ['auto', surface({ TERM: 'xterm-256color' }), 2],
    ['auto', surface({ COLORTERM: 'truecolor' }), 3],
    ['auto', surface({}, false), 0],
    ['auto', surface({ TERM: 'dumb' }), 0],
    ['auto', surface({ NO_COLOR: '1' }), 0],
    ['auto', surface({ NO_COLOR: '' }), 1],
    ['auto', surface({ FORCE_COLOR: '1' }, false), 1],
    ['auto', surface({ FORCE_COLOR: '0' }), 0],
    ['auto', surface({ FORCE_COLOR: 'false' }), 0],
    ['auto', surface({ NO_COLOR: '1', FORCE_COLOR: '1' }), 0],
    ['always', surface({ NO_COLOR: '1', TERM: 'dumb' }, false), 1],
    ['never', surface({ FORCE_COLOR: '1' }), 0],
  ] as const)('--color %s, %j: %d', (choice, where, level) => {
    expect(colorLevel(choice, where)).toBe(level);
  });
});

describe('textWidth', () => {
  it.each([
    [surface({}, true, 95), 95],
    [surface({}, true, 200), 100],
    [surface({}, true, 20), 60],
    [surface({}, true, 0), 80],
    [surface({ COLUMNS: '72' }, true, 95), 72],
    [surface({ COLUMNS: 'many' }, true, 95), 95],
  ] as const)('%j: %d', (where, width) => {
    expect(textWidth(where)).toBe(width);
  });

  it('is 80 where there is no terminal', () => {
    expect(textWidth({ ...surface({}, false), columns: undefined })).toBe(80);
  });
});
