import { describe, expect, it } from 'vitest';

import { readBaseBackupCall } from '../../src/cli/options/base-backup-options.ts';
import type { BaseBackupCommand } from '../../src/facts/base-backup.ts';
import type { ClientTools, Tool } from '../../src/facts/machine.ts';
import { conflicts } from '../../src/derived/option-conflicts.ts';
import { noManifest } from '../../src/rules/command/no-manifest.ts';
import { noRecoveryConf } from '../../src/rules/command/no-recovery-conf.ts';
import { noSync } from '../../src/rules/command/no-sync.ts';
import { optionNotSupported } from '../../src/rules/command/option-not-supported.ts';
import { optionsConflict } from '../../src/rules/command/options-conflict.ts';
import { passwordOnTheCommandLine } from '../../src/rules/command/password-on-the-command-line.ts';
import { tarFormat } from '../../src/rules/command/tar-format.ts';
import { walNotIncluded } from '../../src/rules/command/wal-not-included.ts';
import { checkAgain } from '../../src/remedies/command-line.ts';
import { testRule } from './rule-tester.ts';
import { aSlot, aPrimary } from './world.ts';

/** The command line as it would be typed. */
const typed = (...words: readonly string[]): { readonly baseBackup: BaseBackupCommand } => {
  const call = readBaseBackupCall('preflight', words);
  if (call.command === undefined) throw new Error('no command');
  return { baseBackup: call.command };
};

const release = (version: string): Tool => {
  const major = Number.parseInt(version, 10);
  const binDirectory = `/usr/lib/postgresql/${major}/bin`;
  return { path: `${binDirectory}/pg_basebackup`, version, major, binDirectory };
};

const installed = (chosen: Tool, ...others: readonly Tool[]): { readonly clientTools: ClientTools } => ({
  clientTools: { basebackups: [chosen, ...others], onPath: chosen, chosen, servers: [chosen] },
});

testRule(noRecoveryConf, {
  passes: [{ name: '-R into an archive', facts: typed('-D', '/x', '-Ft', '-R'), because: /base\.tar/ }],
  fails: [
    {
      name: 'without -R',
      facts: typed('-h', 'db1', '-D', '/srv/my standby'),
      message: /second primary/,
      risk: 'safe',
      steps: ["standbylint preflight pg_basebackup -h db1 -D '/srv/my standby' -R"],
    },
  ],
  notApplicable: [
    { name: 'a target on the server', facts: typed('-t', 'server:/b', '-Xfetch'), because: /server:\/b/ },
  ],
});

testRule(walNotIncluded, {
  passes: [{ name: 'fetched', facts: typed('-D', '/x', '-X', 'fetch'), because: /-X fetch/ }],
  fails: [
    {
      name: 'none',
      facts: typed('-D', '/x', '-X', 'none', '-R'),
      severity: 'warning',
      steps: ['standbylint preflight pg_basebackup -D /x -R -X stream'],
    },
    {
      name: 'none, to a target',
      facts: typed('-t', 'server:/b', '-Xnone'),
      steps: ['standbylint preflight pg_basebackup -t server:/b -X fetch'],
    },
  ],
});

testRule(optionNotSupported, {
  passes: [
    {
      name: 'a level is a number to 13, too',
      facts: { ...typed('-D', '/x', '-Ft', '-Z', '5'), ...installed(release('13.22')) },
    },
    {
      name: 'the program that was named counts',
      facts: {
        ...typed('/usr/lib/postgresql/17/bin/pg_basebackup', '-D', '/x', '-i', '/m'),
        ...installed(release('15.18'), release('17.4')),
        primary: aPrimary({ major: 17, version: '17.4' }),
      },
    },
    {
      name: 'none asks nothing of an old server',
      facts: {
        ...typed('-D', '/x', '--compress=server-none'),
        ...installed(release('18.0')),
        primary: aPrimary({ major: 13, version: '13.22' }),
      },
    },
  ],
  fails: [
    {
      name: 'a target, to 13',
      facts: { ...typed('-h', 'db1', '-t', 'server:/b', '-Xfetch'), ...installed(release('13.22')) },
      message:
        /-t server:\/b exists since PostgreSQL 15, but pg_basebackup on this machine is release 13\.22, which exits at once/,
      steps: ['standbylint preflight pg_basebackup -h db1 -Xfetch'],
    },
    {
      name: 'a method that 14 takes for a number',
      facts: { ...typed('-D', '/x', '--compress=server-gzip'), ...installed(release('14.19')) },
      severity: 'warning',
      message: /reads the value as the number 0 and does not compress/,
      steps: ['standbylint preflight pg_basebackup -D /x'],
    },
    {
      name: 'an older one is first on PATH, and a newer one is here',
      facts: { ...typed('-D', '/x', '--sync-method', 'syncfs'), ...installed(release('15.18'), release('17.4')) },
      steps: ['standbylint preflight /usr/lib/postgresql/17/bin/pg_basebackup -D /x --sync-method syncfs'],
    },
    {
      name: 'the server is too old for an incremental backup',
      facts: {
        ...typed('-D', '/x', '-i', '/m'),
        ...installed(release('17.4')),
        primary: aPrimary({ major: 16, version: '16.10' }),
      },
      message: /a server of PostgreSQL 17 or later, but the server runs 16\.10/,
      steps: ['standbylint preflight pg_basebackup -D /x'],
    },
  ],
  unexamined: [
    {
      name: 'no pg_basebackup here',
      facts: { clientTools: { basebackups: [], onPath: undefined, chosen: undefined, servers: [] } },
      because: /pg_basebackup was not found/,
    },
  ],
});

testRule(optionsConflict, {
  passes: [
    { name: 'compressed on the way', facts: typed('-D', '/x', '--compress=server-gzip') },
    { name: '-Z 0 since 16', facts: { ...typed('-D', '/x', '-Z', '0'), ...installed(release('16.10')) } },
    {
      name: '14 makes 0 of a word, which is another rule',
      facts: { ...typed('-D', '/x', '-Z', 'gzip'), ...installed(release('14.19')) },
    },
    {
      name: 'a target that 13 does not know is another rule',
      facts: { ...typed('-D', '/x', '-t', 'server:/b'), ...installed(release('13.22')) },
    },
  ],
  fails: [
    {
      name: '-z with the plain format',
      facts: typed('-D', '/x', '-z', '-R'),
      message: /cannot be compressed\. pg_basebackup refuses this/,
      steps: ['standbylint preflight pg_basebackup -D /x -R'],
    },
    { name: '-Z 0 to 15', facts: typed('-D', '/x', '-Z', '0'), message: /gzip, lz4, zstd or none/ },
    {
      name: 'an unknown method on the server',
      facts: typed('-D', '/x', '-Z', 'server-brotli'),
      message: /The server refuses this/,
    },
    {
      name: '-C without a name',
      facts: typed('-D', '/x', '-C'),
      steps: ['standbylint preflight pg_basebackup -D /x -C -S standby1'],
    },
    {
      name: 'a slot without a stream',
      facts: typed('-D', '/x', '-S', 'a', '-X', 'fetch'),
      steps: ['standbylint preflight pg_basebackup -D /x -S a -X stream -C'],
    },
    {
      name: 'a slot that is there, without a stream',
      facts: { ...typed('-D', '/x', '-S', 'a', '-X', 'fetch'), slots: [aSlot({ name: 'a' })] },
      steps: ['standbylint preflight pg_basebackup -D /x -S a -X stream'],
    },
    {
      name: 'a slot and none',
      facts: typed('-D', '/x', '-S', 'a', '--no-slot'),
      steps: ['standbylint preflight pg_basebackup -D /x -S a -C'],
    },
    { name: '-T of the wrong form', facts: typed('-D', '/x', '-T', '/a=b'), message: /two absolute paths/ },
  ],
});

testRule(passwordOnTheCommandLine, {
  fails: [
    {
      name: 'in a URI',
      facts: typed('-D', '/x', '-d', 'postgresql://rep:hidden@db1/'),
      message: /process list/,
    },
  ],
});

testRule(tarFormat, {
  notApplicable: [{ name: 'a target', facts: typed('-t', 'blackhole', '-Xfetch') }],
  fails: [{ name: '-Ft', facts: typed('-D', '/x', '-Ft'), severity: 'info' }],
});

testRule(noSync, { fails: [{ name: '-N', facts: typed('-D', '/x', '-N'), severity: 'info' }] });

testRule(noManifest, {
  fails: [{ name: '--no-manifest', facts: typed('-D', '/x', '--no-manifest'), severity: 'info' }],
});

describe('the corrected command line', () => {
  it.each([
    ['-D', '/x', '-z'],
    ['-D', '/x', '-Z', 'gzip:0', '-z', '-Z9'],
    ['-D', '/x', '-C'],
    ['-D', '/x', '-C', '--no-slot'],
    ['-D', '/x', '-S', 'a', '-Xnone'],
    ['-D', '/x', '-S', 'a', '--no-slot'],
    ['-D', '/x', '--waldir=/w', '-Ft'],
    ['-D', '-', '-Ft'],
    ['-D', '/x', '-P', '--no-estimate-size'],
    ['-D', '/x', '--no-manifest', '--manifest-checksums=NONE'],
    ['-D', '/x', '-t', 'blackhole', '-Xfetch'],
    ['-t', 'blackhole', '-Xfetch', '-Fp'],
    ['-t', 'blackhole'],
    ['-t', 'blackhole', '-Xfetch', '--waldir=/w'],
    ['-t', 'blackhole', '-Xfetch', '-Z', 'client-gzip'],
  ])('of %j %j %j is free of the conflict', (...words) => {
    const { baseBackup } = typed(...words);
    const [conflict] = conflicts(baseBackup, 15);
    expect(conflict?.change).toBeDefined();
    if (conflict?.change === undefined) return;
    const { text } = checkAgain(baseBackup, conflict.change);
    const { baseBackup: corrected } = typed(...text.split(' ').slice(2));
    expect(conflicts(corrected, 15).map(({ says }) => says)).not.toContain(conflict.says);
  });
});
