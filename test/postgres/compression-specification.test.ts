import { describe, expect, it } from 'vitest';

import { compressionProblem, compressionRequest } from '../../src/postgres/compression-specification.ts';

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

// common/compression.c, parse_compress_specification and validate_compress_specification
describe('compressionProblem', () => {
  it.each([
    ['gzip', '9', 15],
    ['gzip', '-1', 15],
    ['none', undefined, 15],
    ['zstd', 'level=3,workers=2', 15],
    ['zstd', 'level=3,long', 16],
    ['zstd', 'long=off', 17],
  ])('%s:%s in %d is taken', (algorithm, detail, major) => {
    expect(compressionProblem(algorithm, detail, major)).toBeUndefined();
  });

  it.each([
    ['gz', undefined, 15, 'unrecognized compression algorithm: "gz"'],
    ['none', '5', 15, 'compression algorithm "none" does not accept a compression level'],
    ['gzip', '10', 15, 'compression algorithm "gzip" expects a compression level between 1 and 9 (default at -1)'],
    ['lz4', 'workers=2', 15, 'compression algorithm "lz4" does not accept a worker count'],
    ['lz4', 'long', 16, 'compression algorithm "lz4" does not support long-distance mode'],
    ['zstd', 'long', 15, 'unrecognized compression option: "long"'],
    ['zstd', 'long=maybe', 16, 'value for compression option "long" must be a Boolean value'],
    ['zstd', 'level', 16, 'compression option "level" requires a value'],
    ['zstd', 'workers=two', 16, 'value for compression option "workers" must be an integer'],
    ['zstd', 'level=3,', 16, 'found empty string where a compression option was expected'],
    ['zstd', 'speed=9', 16, 'unrecognized compression option: "speed"'],
  ])('%s:%s in %d is refused', (algorithm, detail, major, words) => {
    expect(compressionProblem(algorithm, detail, major)).toContain(words);
  });
});
