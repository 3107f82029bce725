import { describe, expect, it } from 'vitest';

import type { LineChange, Step } from '../../src/findings/report.ts';
import { assignedSettings } from '../../src/remedies/assigned-setting.ts';
import type { AssignedSetting } from '../../src/remedies/assigned-setting.ts';
import { shell, sql } from '../../src/remedies/remedy.ts';
import { systemAltered } from '../../src/remedies/reversible.ts';

const set = (name: string, value: string): AssignedSetting => ({ name, value });

describe('what ALTER SYSTEM sets is read as it was written', () => {
  it.each(['1GB', '-1', "it's", '', String.raw`a\b 'c'`, 'host=db1 port=5432', "E'x'"])('%s', (value) => {
    expect(assignedSettings(systemAltered('standby', 'my.setting', value, null))).toEqual([set('my.setting', value)]);
  });

  it('and another statement sets nothing', () => {
    expect(assignedSettings(sql('primary', 'ALTER SYSTEM RESET wal_keep_size;', 'set-configuration'))).toEqual([]);
    expect(assignedSettings(sql('primary', 'SELECT 1;', 'run'))).toEqual([]);
  });
});

describe('what the lines of a file set', () => {
  const editing = (file: string, ...changes: readonly LineChange[]): Step => ({
    ...shell('standby', 'edit it', 'edit-file', file),
    edit: { file, copy: `${file}.before`, changes },
  });
  const appending = (file: string, ...lines: readonly string[]): Step =>
    editing(file, ...lines.map((text): LineChange => ({ act: 'append', text })));

  it.each<readonly [string, Step, readonly AssignedSetting[]]>([
    [
      'all of them',
      appending('/data/postgresql.auto.conf', "restore_command = 'cp ''a'' \"%p\"'", 'max_connections 200 # as there'),
      [set('restore_command', `cp 'a' "%p"`), set('max_connections', '200')],
    ],
    [
      'a line that is changed twice: what it becomes at last',
      editing(
        '/data/postgresql.conf',
        { act: 'replace', line: 3, was: 'port = 1', text: 'port = 2' },
        { act: 'replace', line: 3, was: 'port = 2', text: 'port = 3' },
      ),
      [set('port', '3')],
    ],
    [
      'a comment: nothing',
      editing('/data/postgresql.conf', { act: 'replace', line: 3, was: 'port = 1', text: '# port = 1' }),
      [],
    ],
    ['pg_hba.conf: nothing', appending('/data/pg_hba.conf', 'host replication r all scram-sha-256'), []],
    ['a service file: nothing', appending('/home/p/.pg_service.conf', '[db1]', 'port=5432'), []],
    ['a password file: nothing', appending('/home/p/.pgpass', 'db1:5432:*:r:x'), []],
  ])('%s', (_, step, settings) => expect(assignedSettings(step)).toEqual(settings));
});
