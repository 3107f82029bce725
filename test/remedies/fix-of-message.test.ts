import { expect, test } from 'vitest';

import { fixOfMessage } from '../../src/remedies/fix-of-message.ts';

const fix =
  'Permission denied: give it to postgres. No space left on device or Disk quota exceeded: free space. Read-only file system: check the storage (dmesg).';
const of = (text: string): string => fixOfMessage({ text, fix }, '/srv/pg', 'postgres');

test('a full file system is named by the path in the message', () => {
  expect(of('could not extend file "pg_tblspc/1/PG_17_2/5/7": No space left on device')).toMatch(
    /^Free space on the file system of \/srv\/pg\/pg_tblspc\/1\/PG_17_2\/5, .*df -i/u,
  );
  expect(of('could not write to file "/var/log/x": No space left on device')).toContain('of /var/log,');
});

test('a quota is that of the user of the server', () => {
  expect(of('could not extend file "base/5/7": Disk quota exceeded')).toMatch(
    /^Raise the disk quota of postgres on the file system of \/srv\/pg\/base\/5/u,
  );
});

test('of several reasons the one that the message ends in is kept', () => {
  expect(of('could not open file "a": Permission denied')).toBe('Permission denied: give it to postgres.');
  expect(of('could not open file "a": Read-only file system')).toBe(
    'Read-only file system: check the storage (dmesg).',
  );
});

test('a reason that the fix does not speak of leaves it whole', () => {
  expect(of('could not open file "a": Input/output error')).toBe(fix);
  expect(of('no reason at all')).toBe(fix);
});

test('the data directory is named where it is known', () => {
  const entry = { text: 'too many replication slots active before shutdown', fix: 'See <data directory>/pg_replslot.' };
  expect(fixOfMessage(entry, '/srv/my pg', 'postgres')).toBe("See '/srv/my pg'/pg_replslot.");
  expect(fixOfMessage(entry, undefined, undefined)).toBe(entry.fix);
});

test('of several signals the one that ended the process is kept', () => {
  const signals = 'Signal 9: look for the OOM killer. Signal 6: read the PANIC. Signal 4 or 11: look for a core file.';
  const ended = (by: string) =>
    fixOfMessage({ text: `x (PID 7) was terminated by signal ${by}`, fix: signals }, '/', '');
  expect(ended('9: Killed')).toBe('Look for the OOM killer.');
  expect(ended('11: Segmentation fault')).toBe('Look for a core file.');
  expect(ended('15: Terminated')).toBe(signals);
});
