import { describe, expect, it } from 'vitest';

import { manifestFrame } from '../../src/postgres/backup-manifest.ts';

const head = '{ "PostgreSQL-Backup-Manifest-Version": 2,\n"System-Identifier": 7714080082213117823,\n"Files": [\n';
const end = '"WAL-Ranges": [\n{ "Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/2000120" }\n],\n';
const checksum = '"Manifest-Checksum": "6a16c632f7db9b9f"}\n';

describe('the frame of a backup manifest', () => {
  it('is what the server compares', () =>
    expect(manifestFrame(head, `],\n${end}${checksum}`)).toEqual({
      version: 2,
      systemIdentifier: 7714080082213117823n,
      ranges: [{ timeline: 1, end: 0x2000120n }],
    }));

  it.each([
    ['a manifest that was cut off', head, '{ "Path": "base/1/1255", "Size": 8192, "Last-Mod'],
    ['one without its last line', head, `],\n${end}`],
    ['another file', 'hello', checksum],
  ])('there is none in %s', (_, begin, tail) => expect(manifestFrame(begin, tail)).toBeUndefined());
});
