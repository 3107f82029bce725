import { describe, expect, it } from 'vitest';

import { readBaseBackupCall } from '../../src/cli/options/base-backup-options.ts';
import type { BaseBackupCommand } from '../../src/facts/base-backup.ts';
import { checkAgainText, setParameter } from '../../src/remedies/command-line.ts';

const typed = (...words: readonly string[]): BaseBackupCommand => {
  const { command } = readBaseBackupCall('preflight', words);
  if (command === undefined) throw new Error('no command line');
  return command;
};

describe('a corrected command line', () => {
  it('keeps what is not changed as it was written, and what is added stands at its end', () => {
    const command = typed('-vP', '--wal-method=fetch', '-D', '/srv/my standby', '-R');
    expect(checkAgainText(command, { without: ['wal-method'], with: ['-X', 'stream'] })).toBe(
      "standbylint preflight pg_basebackup -v -P -D '/srv/my standby' -R -X stream",
    );
  });

  it('names another program, and another user', () => {
    expect(checkAgainText(typed('/old/pg_basebackup', '-D', '/x'), { program: '/new/pg_basebackup' })).toBe(
      'standbylint preflight /new/pg_basebackup -D /x',
    );
    expect(checkAgainText(typed('-D', '/x'), { user: 'postgres', environment: { PGSSLMODE: 'require' } })).toBe(
      'PGSSLMODE=require runuser -u postgres -- standbylint preflight pg_basebackup -D /x',
    );
  });

  it.each([
    ['host=db1 sslmode=disable', "'host=db1 sslmode=require'"],
    ['postgresql://anna@db1:5433/?sslmode=disable', "'user=anna host=db1 port=5433 sslmode=require'"],
    [
      String.raw`host=db1 passfile='/it\'s' sslmode=allow`,
      String.raw`'host=db1 passfile='\''/it\'\''s'\'' sslmode=require'`,
    ],
    ['service=standby', "'service=standby sslmode=require'"],
  ])('sets a parameter in -d %s', (given, expected) => {
    expect(checkAgainText(typed('-d', given, '-D', '/x'), { conninfo: { sslmode: 'require' } })).toBe(
      `standbylint preflight pg_basebackup -d ${expected} -D /x`,
    );
  });

  it('shows no password of -d', () => {
    const text = checkAgainText(typed('-d', 'host=db1 password=hidden', '-D', '/x'), {
      conninfo: { channel_binding: 'prefer' },
    });
    expect(text).toBe(
      "standbylint preflight pg_basebackup -d 'host=db1 password=<password> channel_binding=prefer' -D /x",
    );
  });
});

describe('a parameter of the connection', () => {
  it.each([
    ['PGSSLMODE', { environment: { PGSSLMODE: 'require' } }],
    ['PGREQUIRESSL', { environment: { PGSSLMODE: 'require' } }],
    ['the default', { environment: { PGSSLMODE: 'require' } }],
    ['the connection string', { conninfo: { sslmode: 'require' } }],
    ['line 3 of /etc/pg_service.conf', { conninfo: { sslmode: 'require' } }],
  ])('that comes from %s', (source, change) => {
    expect(setParameter('sslmode', 'require', source)).toEqual(change);
  });
});
