import { describe, expect, it } from 'vitest';

import { isMisspelt } from '../../src/postgres/slips.ts';

describe('isMisspelt', () => {
  it.each([
    ['replicatr', 'replicator', true],
    ['repilcator', 'replicator', true],
    ['replicater', 'replicator', true],
    ['standby_replicatoin', 'standby_replication', true],
    ['repl1', 'repl2', false],
    ['replica1', 'replica2', false],
    ['node_a', 'node_b', false],
    ['repl', 'rep', false],
    ['streaming', 'replicator', false],
    ['replicator', 'replicator', false],
  ])('%s for %s: %s', (name, other, expected) => {
    expect(isMisspelt(name, other)).toBe(expected);
  });
});
