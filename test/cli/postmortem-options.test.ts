import { describe, expect, it } from 'vitest';

import { readPostmortemOptions } from '../../src/cli/options/postmortem-options.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

describe('the words of postmortem', () => {
  it('mean what they say, and what is not said has its default', () => {
    expect(readPostmortemOptions(['-D', '/data', '--admin=host=db1', '--log-bytes', '1kB'])).toMatchObject({
      pgdata: '/data',
      admin: 'host=db1',
      standby: undefined,
      log: [],
      logBytes: 1024,
      outputs: [{ format: 'stylish', file: undefined }],
      full: false,
      failOn: 'error',
      timeoutMs: 5000,
      fix: false,
    });
    expect(readPostmortemOptions([])).toMatchObject({ pgdata: undefined, logBytes: 64 * 1024 * 1024 });
  });

  it.each<[readonly string[], readonly string[]]>([
    [
      ['--log', 'a', 'b', '-', '-D', '/data'],
      ['a', 'b', '-'],
    ],
    [
      ['--log=a', '--log', 'b', '--fix'],
      ['a', 'b'],
    ],
    [['-D/data', '--log', '-'], ['-']],
  ])('%j: the logs', (words, log) => {
    expect(readPostmortemOptions(words).log).toEqual(log);
  });

  it.each<[readonly string[], string]>([
    [['/data'], 'postmortem takes only options, but "/data" is not an option.'],
    [['--log', 'a', '--fix', 'b'], 'postmortem takes only options, but "b" is not an option.'],
    [['--lgo', 'a'], 'Option --lgo does not exist.'],
    [['-p', '5432'], 'Option -p does not exist.'],
    [
      ['--format', 'xml'],
      '--format takes stylish, compact, json, sarif, junit, github, gitlab, markdown, nagios, prometheus or html, not "xml".',
    ],
    [['--log-bytes', 'much'], '--log-bytes takes a number of bytes'],
    [['--timeout', '0'], '--timeout takes seconds'],
    [['--watch', '0.5'], '--watch takes seconds, from 1 to 86400'],
    [['-D'], '-D needs a value: DIRECTORY.'],
  ])('%j is refused', (words, message) => {
    expect(() => readPostmortemOptions(words)).toThrow(UsageError);
    expect(() => readPostmortemOptions(words)).toThrow(message);
  });
});
