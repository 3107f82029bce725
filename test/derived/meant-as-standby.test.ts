import { describe, expect, it } from 'vitest';

import { meantAsStandby } from '../../src/derived/meant-as-standby.ts';
import { seen, unseen } from '../../src/facts/observed.ts';
import { aConfiguration, aConninfo } from '../rules/standby-world.ts';

const no = unseen('unreadable', 'it was not read');
const without = aConninfo({ text: undefined, file: undefined, line: undefined });
const restoring = (command: string) => seen(aConfiguration([['restore_command', command]]), 'its files');

describe('why a directory is to be a standby’s', () => {
  it.each<readonly [string, ...Parameters<typeof meantAsStandby>, string | undefined]>([
    [
      'primary_conninfo stands in a file',
      seen(aConninfo(), 'its files'),
      no,
      'primary_conninfo is set (/var/lib/postgresql/15/standby/postgresql.auto.conf, line 3)',
    ],
    [
      'the line is not known',
      seen(aConninfo({ file: '/etc/x.conf', line: undefined }), 'its files'),
      no,
      'primary_conninfo is set (/etc/x.conf, line 1)',
    ],
    [
      'it stands in no file',
      seen(aConninfo({ file: undefined, line: undefined }), 'its files'),
      no,
      'primary_conninfo is set',
    ],
    [
      'it comes before restore_command',
      seen(aConninfo({ file: undefined }), 'its files'),
      restoring('cp /archive/%f %p'),
      'primary_conninfo is set',
    ],
    ['restore_command alone', seen(without, 'its files'), restoring('cp /archive/%f %p'), 'restore_command is set'],
    ['restore_command is empty', seen(without, 'its files'), restoring(''), undefined],
    ['neither is set', seen(without, 'its files'), seen(aConfiguration(), 'its files'), undefined],
    ['primary_conninfo was not seen', no, restoring('cp /archive/%f %p'), 'restore_command is set'],
    ['nothing was seen', no, no, undefined],
  ])('%s', (_, conninfo, configuration, because) => expect(meantAsStandby(conninfo, configuration)).toBe(because));
});
