import { describe, expect, it } from 'vitest';

import { shapesIn } from '../../src/explain/shapes.ts';

const saidOf = (text: string): string =>
  shapesIn(text)
    .flatMap(({ means, candidates }) => [means, ...candidates.map(({ cause }) => cause)])
    .join('\n');

describe('a line of pg_hba.conf below one that decides', () => {
  const lines = [
    ['host all all 0.0.0.0/0 md5', 'hostssl "shop" "cashier" 10.1.0.0/16 trust', true],
    ['host all all all reject', 'host shop all 10.1.0.0/16 scram-sha-256', true],
    ['host shop,stock all 10.0.0.0/8 ident', 'host stock cashier 10.1.2.3/32 scram-sha-256', true],
    ['local all all peer', 'local shop cashier md5', true],
    // another type, network, role or database, or the same method
    ['hostssl all all 0.0.0.0/0 md5', 'hostnossl shop cashier 10.1.0.0/16 reject', false],
    ['host all all 10.2.0.0/16 md5', 'host shop cashier 10.1.0.0/16 trust', false],
    ['host all clerk 0.0.0.0/0 md5', 'host shop cashier 10.1.0.0/16 trust', false],
    ['host shop all 0.0.0.0/0 md5', 'host all all 10.1.0.0/16 trust', false],
    ['host all all 0.0.0.0/0 md5', 'host shop cashier 10.1.0.0/16 md5', false],
    ['host all all 0.0.0.0/0 md5', 'host replication copier 10.1.0.0/16 trust', false],
  ] as const;

  it.each(lines)('%s, then %s: %s', (first, second, has) => {
    expect(saidOf(`${first}\n${second}`).includes(`"${second}" has no effect: "${first}" is above it`)).toBe(has);
  });

  it.each(lines)('never the other way round: %s, then %s', (first, second) => {
    expect(saidOf(`${second}\n${first}`)).not.toContain(`"${second}" has no effect`);
  });
});

describe('slots in a grid', () => {
  const head = ['slot_name', 'active', 'active_pid', 'xmin', 'restart_lsn'];
  const drawn = (between: string, ...rows: readonly (readonly string[])[]): string =>
    [head, ...rows].map((row) => row.join(between)).join('\n');

  it.each(['\t', '    ', ' | '])('that is drawn with %j', (between) => {
    const said = saidOf(
      drawn(between, ['north', 'TRUE', '71', '339515', 'A/2493B440'], ['south', 'TRUE', '72', '1606623', 'A/2493B440']),
    );
    expect(said).toContain('Slot "north" keeps row versions since transaction 339515, 1267108 before the next slot');
    expect(said).not.toContain('their WAL is there');
  });

  it.each(['\t', '    ', ' | '])('are well where they see nearly the same: %j', (between) => {
    const said = saidOf(
      drawn(between, ['north', 't', '71', '1606600', 'A/2493B440'], ['south', 't', '72', '1606623', 'A/2493B440']),
    );
    expect(said).toContain('the slots are in use, and their WAL is there');
    expect(said).not.toContain('row versions');
  });

  it('are no sentence that names columns', () => {
    expect(saidOf('The columns slot_name  active  xmin are there.\nNothing else is.')).toBe('');
  });
});
