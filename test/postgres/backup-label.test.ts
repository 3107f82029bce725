import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseBackupLabel } from '../../src/postgres/backup-label.ts';
import { parseTablespaceMap } from '../../src/postgres/tablespace-map.ts';

const label = `START WAL LOCATION: 0/2000028 (file 000000010000000000000002)
CHECKPOINT LOCATION: 0/2000080
BACKUP METHOD: streamed
BACKUP FROM: standby
START TIME: 2026-11-21 20:07:02 UTC
LABEL: pg_basebackup base backup
START TIMELINE: 1
`;

describe('backup_label', () => {
  it('is read', () => {
    expect(parseBackupLabel(label)).toEqual({
      ok: true,
      value: {
        start: 0x2000028n,
        startWalFile: '000000010000000000000002',
        timeline: 1,
        checkpoint: 0x2000080n,
        method: 'streamed',
        from: 'standby',
        startTime: '2026-11-21 20:07:02 UTC',
        label: 'pg_basebackup base backup',
        incrementalFrom: null,
      },
    });
  });

  it('is not read where a carriage return ends one of the two lines that a server needs', () => {
    const lines = label.split('\n');
    for (const at of lines.keys()) {
      const text = lines.map((line, index) => (index === at ? `${line}\r` : line)).join('\n');
      expect(parseBackupLabel(text).ok).toBe(at > 1);
    }
  });

  it('calls a primary so, whatever 13 called it', () => {
    expect(parseBackupLabel(label.replace('standby', 'master'))).toMatchObject({ value: { from: 'primary' } });
    expect(parseBackupLabel(label.replace('standby', 'primary'))).toMatchObject({ value: { from: 'primary' } });
  });

  it('may be of an incremental backup', () => {
    const incremental = `${label}INCREMENTAL FROM LSN: 0/1000028\nINCREMENTAL FROM TLI: 1\n`;
    expect(parseBackupLabel(incremental)).toMatchObject({
      value: { incrementalFrom: { lsn: 0x1000028n, timeline: 1 } },
    });
    expect(parseBackupLabel(`${label}INCREMENTAL FROM LSN: 0/1000028\n`)).toMatchObject({ fault: { line: 9 } });
  });

  it.each([
    ['', 1],
    [label.replace('0/2000028', 'x'), 1],
    [label.replace('CHECKPOINT', 'CHECK'), 2],
    [label.replace('TIMELINE: 1', 'TIMELINE: 2'), 7],
  ])('%j has a fault in line %d', (text, line) => {
    expect(parseBackupLabel(text)).toMatchObject({ ok: false, fault: { line } });
  });

  it('takes any text', () => {
    const cut = fc
      .tuple(fc.nat(label.length), fc.string(), fc.nat(20))
      .map(([place, inserted, removed]) => label.slice(0, place) + inserted + label.slice(place + removed));
    fc.assert(fc.property(cut, (text) => typeof parseBackupLabel(text).ok === 'boolean'));
  });
});

describe('tablespace_map', () => {
  it('is read, with line ends inside a location', () => {
    expect(parseTablespaceMap('16384 /mnt/fast disk\r\n16385 /a\\\nb\\\\c\n', 14)).toEqual({
      ok: true,
      value: [
        { oid: 16384, location: '/mnt/fast disk' },
        { oid: 16385, location: '/a\nb\\c' },
      ],
    });
    expect(parseTablespaceMap('16385 /a\\\nb\\\\c\\d\n', 13)).toEqual({
      ok: true,
      value: [{ oid: 16385, location: '/a\nb\\\\c\\d' }],
    });
    expect(parseTablespaceMap('', 14)).toEqual({ ok: true, value: [] });
  });

  it.each([
    ['16384 /cut', 1],
    ['16384 /a\n16385 /cut\\', 2],
    ['x /a\n', 1],
    ['16384\n', 1],
    ['99999999999 /a\n', 1],
  ])('%j has a fault in line %d', (text, line) => {
    expect(parseTablespaceMap(text, 18)).toMatchObject({ ok: false, fault: { line } });
  });

  it('gives back every location that the server escaped', () => {
    const location = fc
      .string({ unit: fc.constantFrom('a', ' ', '/', '\\', '\n', '\r', 'ü') })
      .map((text) => `/${text}`);
    fc.assert(
      fc.property(fc.array(location), (locations) => {
        const written = locations.map(
          (text, index) => `${index + 1} ${text.replaceAll(/[\\\n\r]/gu, String.raw`\$&`)}\n`,
        );
        expect(parseTablespaceMap(written.join(''), 18)).toEqual({
          ok: true,
          value: locations.map((text, index) => ({ oid: index + 1, location: text })),
        });
      }),
    );
  });
});
