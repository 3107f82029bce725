import { describe, expect, it } from 'vitest';

import { compressionRequest } from '../../src/postgres/compression-specification.ts';

describe('compressionRequest', () => {
  it.each([
    ['9', 15, { where: undefined, algorithm: 'gzip', detail: '9' }],
    ['server-zstd:level=3,workers=2', 15, { where: 'server', algorithm: 'zstd', detail: 'level=3,workers=2' }],
    ['client-lz4', 15, { where: 'client', algorithm: 'lz4', detail: undefined }],
    ['server-5', 15, { where: 'server', algorithm: '5', detail: undefined }],
    ['server-5', 16, { where: 'server', algorithm: 'gzip', detail: '5' }],
    ['server-0', 17, { where: 'server', algorithm: 'none', detail: undefined }],
    ['', 15, { where: undefined, algorithm: 'gzip', detail: '' }],
    ['', 16, { where: undefined, algorithm: 'none', detail: undefined }],
    [' 5', 17, { where: undefined, algorithm: 'gzip', detail: ' 5' }],
    ['0', 15, { where: undefined, algorithm: 'gzip', detail: '0' }],
    ['00', 18, { where: undefined, algorithm: 'none', detail: undefined }],
  ])('%j in %d', (value, major, expected) => {
    expect(compressionRequest(value, major)).toEqual(expected);
  });
});
