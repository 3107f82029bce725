import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import {
  exchanged,
  readRestoreCommand,
  restoreCommandFor,
  withoutSuccessAtEnd,
  withoutUnpackingInPlace,
} from '../../src/postgres/restore-command.ts';
import { maskText } from '../../src/postgres/secrets-in-text.ts';

describe('what a restore_command says of itself', () => {
  it.each([
    ['cp /mnt/server/archivedir/%f %p', 'cp', '/mnt/server/archivedir', ''],
    ['cp "/mnt/server/archivedir/%f" "%p"', 'cp', '/mnt/server/archivedir', ''],
    ["cp '/mnt/my archive/%f' '%p'", 'cp', '/mnt/my archive', ''],
    [String.raw`cp /mnt/my\ archive/%f %p`, 'cp', '/mnt/my archive', ''],
    ['gunzip < /mnt/archive/%f.gz > %p', 'gunzip', '/mnt/archive', '.gz'],
    ['zstd -dq /mnt/archive/%f.zst -o "%p"', 'zstd', '/mnt/archive', '.zst'],
    ['test -f /mnt/archive/%f && cp /mnt/archive/%f %p', 'cp', '/mnt/archive', ''],
    ['[ -f /mnt/archive/%f ] && cp /mnt/archive/%f %p || exit 1', 'cp', '/mnt/archive', ''],
    ['LC_ALL=C exec /bin/cp /a/%f %p', '/bin/cp', '/a', ''],
    ['pgbackrest --stanza=main archive-get %f "%p"', 'pgbackrest', undefined, ''],
    ['rsync -a db1:/mnt/archive/%f %p', 'rsync', undefined, ''],
    ['barman-wal-restore -U barman backup pg %f %p', 'barman-wal-restore', undefined, ''],
    ['cp $ARCHIVE/%f %p', 'cp', undefined, ''],
    ['cp archive/%f %p', 'cp', 'archive', ''],
    ['gunzip -c ../archive/%f.gz > %p', 'gunzip', '../archive', '.gz'],
    ['fetch archive/%f %p', 'fetch', undefined, ''],
    ['rclone cat s3:archive/%f > %p', 'rclone', undefined, ''],
    ['/usr/local/bin/restore.sh %f %p', '/usr/local/bin/restore.sh', undefined, ''],
    ['cp /%f %p', 'cp', '/', ''],
    ['', undefined, undefined, ''],
    ['true', undefined, undefined, ''],
  ])('%s', (command, program, directory, suffix) => {
    expect(readRestoreCommand(command)).toMatchObject({ program, directory, suffix });
  });

  it.each([
    ['ssh db1 cat /archive/%f > %p', undefined, []],
    ['/usr/bin/ssh -o BatchMode=yes db1 cat /archive/%f > %p || cp /local/%f %p', '/local', []],
    ['timeout 60 ssh db1 "cat /archive/%f" > %p', undefined, []],
    ['kubectl exec db1 -- cat /archive/%f > %p', undefined, []],
    ['cp /near/%f %p || gunzip < /far/%f.gz > %p', '/near', [{ directory: '/far', suffix: '.gz' }]],
    ['[ -f /near/%f ] && cp /near/%f %p', '/near', []],
  ])('%s reads what is on this machine, one place after the other', (command, directory, fallbacks) => {
    expect(readRestoreCommand(command)).toMatchObject({ directory, fallbacks });
  });

  it('reads back what an archive_command wrote', () => {
    const reading = (archiving: string) => restoreCommandFor(readRestoreCommand(archiving));
    expect(reading('test ! -f /mnt/archive/%f && cp %p /mnt/archive/%f')).toBe('cp /mnt/archive/%f "%p"');
    expect(reading('gzip < %p > /mnt/archive/%f.gz')).toBe('gunzip -c < /mnt/archive/%f.gz > "%p"');
    expect(reading('zstd -q %p -o /mnt/archive/%f.zst')).toBe('zstd -dc < /mnt/archive/%f.zst > "%p"');
    expect(reading('openssl enc -in %p -out /mnt/archive/%f.enc')).toBeUndefined();
    expect(reading("cp %p '/mnt/my archive/%f'")).toBeUndefined();
    expect(reading('pgbackrest --stanza=main archive-push %p')).toBeUndefined();
  });

  it.each([
    ['cp %p /a/%f', 'cp /a/%f %p'],
    ['cp "%p" "/a/%f"', 'cp "/a/%f" "%p"'],
    ['cp -p %p ../a/%f', 'cp -p ../a/%f %p'],
    ['cp /a/%p %f', 'cp /a/%f %p'],
    ['cp %p %f', 'cp %f %p'],
    // the archive keeps its file
    ['mv %p /a/%f', 'cp /a/%f %p'],
    ['/usr/bin/ln -sf %p /a/%f', 'cp /a/%f %p'],
  ])('%s the other way round', (command, right) => {
    expect(exchanged(command)).toBe(right);
  });

  it.each([
    ['gunzip /a/%f.gz > %p', 'gunzip -c /a/%f.gz > "%p" || cp /a/%f "%p"'],
    ['/bin/gzip -d "/a/%f.gz" > "%p"', '/bin/gzip -c -d /a/%f.gz > "%p" || cp /a/%f "%p"'],
    ['xz -dk /a/%f.xz >%p', 'xz -c -dk /a/%f.xz > "%p" || cp /a/%f "%p"'],
    ['gunzip -c /a/%f.gz > %p', undefined],
    ['gzip -dc /a/%f.gz > %p', undefined],
    ['gunzip < /a/%f.gz > %p', undefined],
    ['zcat /a/%f.gz > %p', undefined],
    ['zstd -d /a/%f.zst -o %p', undefined],
    ['gzip /a/%f.gz > %p', undefined],
  ])('%s unpacks in place, or does not', (command, right) => {
    expect(withoutUnpackingInPlace(command)).toBe(right);
  });

  it.each([
    ['cp /a/%f %p || true', 'cp /a/%f %p'],
    ['cp /a/%f %p; exit 0', 'cp /a/%f %p'],
    ['cp /a/%f %p||:', 'cp /a/%f %p'],
    ['cp /a/%f %p || exit 1', undefined],
    ['cp /a/%f "%p||true"', undefined],
    ['cp /a/%f %p && true', undefined],
    ['/bin/true', undefined],
  ])('%s: what fails before its end', (command, before) => {
    expect(withoutSuccessAtEnd(command)).toBe(before);
  });

  it('shows no password', () => {
    const shown = maskText(
      'AWS_SECRET_ACCESS_KEY=hunter2 fetch --password hunter2 --api-token="hunter2" https://me:hunter2@archive/%f %p',
    );
    expect(shown).not.toContain('hunter2');
    expect(shown).toContain('%f %p');
  });

  it('takes any text, in time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(typeof readRestoreCommand(text).suffix).toBe('string');
        expect(typeof maskText(text)).toBe('string');
      }),
      { numRuns: 2_000 },
    );
    expect(readRestoreCommand(`${'"'.repeat(50_000)} /a/%f`).program).toBeUndefined();
  }, 20_000);
});
