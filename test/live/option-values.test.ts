import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { describe, expect, test } from 'vitest';

import { asUser } from '../../src/throwaway/os-user.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import { complete, onReleasesInTurn } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { turn } from '../lab/turn.ts';

/** Every value that an option can have, and some that it cannot: what the words are behind -D, or instead of it. */
const values: readonly (readonly string[])[] = [
  ...['bogus', 'sha256', 'CRC32C', 'None', 'SHA-256', ''].map((value) => ['--manifest-checksums', value]),
  ['--no-manifest', '--manifest-force-encode'],
  ...['bogus', 'fsync', 'syncfs', 'FSYNC'].map((value) => [`--sync-method=${value}`]),
  ...[
    'server-5',
    'server-0',
    'client-0',
    'client-5',
    'gzip',
    'lz4',
    '',
    'none',
    '0',
    '00',
    '-1',
    ' 5',
    '5x',
    '0x5',
  ].map((value) => ['-Z', value]),
  ...['server-none', 'server-lz4', 'server-zstd:3', 'server-gzip:99', 'server-bogus', 'server-gzip:level=2'].map(
    (value) => [`--compress=${value}`],
  ),
  ...['server-5', 'server-0', '10', 'zstd:5', 'lz4:13', 'gzip:0', 'none:0', ' 5'].map((value) => ['-Ft', '-Z', value]),
  ...['31', '0', '-5', '32kB', '1G', '1048577'].map((value) => ['-r', value]),
  ...['-1', '2147484', ' 10'].map((value) => ['-s', value]),
  ...['slow', 'FAST'].map((value) => ['-c', value]),
  ...['plaintext', 'TAR'].map((value) => ['-F', value]),
  ...['s', 'NONE', 'streaming'].map((value) => ['-X', value]),
  ...['', 'BadName', 'missing'].map((value) => ['-S', value]),
  ...['', 'Bad-Name', 'pg_17'].map((value) => ['-C', '-S', value]),
  ...['', 'x'.repeat(1024), 'x'.repeat(1025)].map((value) => ['-l', value]),
  ...['/a=/b', '=/b', '/a=', '/a/=/b'].map((value) => ['-T', value]),
  ...['wal', ''].map((value) => ['--waldir', value]),
];
const targets: readonly (readonly string[])[] = [
  ...['blackhole', 'bogus', 'server:relative', 'server:', 'server', 'blackhole:detail', 'client:x'].map((value) => [
    '-t',
    value,
    '-X',
    'none',
  ]),
];

/** One release a turn: each value is a base backup. */
const isPlayed = (major: number): boolean => turn !== 'whole' && complete[turn % complete.length] === major;

onReleasesInTurn((release) => {
  describe.runIf(isPlayed(release.major))('the values of the options', () => {
    test('are refused exactly where pg_basebackup refuses them', { timeout: 600_000, retry: 0 }, async () => {
      const primary = await aPrimary({ release });
      const place = await aPlaceForAStandby({ release });
      const env = { PGPASSWORD: primary.password };
      const common = [...primary.connection, '-w'];
      const calls = [...values.map((words) => ['-D', 'copy', ...words]), ...(release.major >= 15 ? targets : [])];
      const differing: string[] = [];
      for (const words of calls) {
        const checked = await runStandbylint(
          ['preflight', ...common, ...words, '--admin', primary.admin, '--format', 'json'],
          { on: place, env, cwd: place.folder },
        );
        const ran = await execa(join(release.bin, 'pg_basebackup'), [...common, '-N', '-c', 'fast', ...words], {
          ...asUser(place.runAs),
          cwd: place.folder,
          env: { ...place.environment, ...env },
          extendEnv: false,
          stdin: 'ignore',
          timeout: 20_000,
          reject: false,
        });
        await rm(join(place.folder, 'copy'), { recursive: true, force: true });
        await primary.server.psql(
          'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active',
        );
        // 2: the words themselves; whether the copy starts a standby is not pg_basebackup's matter
        const says = checked.exitCode === 2 ? [checked.stderr] : refusals(checked.json.findings);
        if (says.length > 0 !== (ran.exitCode !== 0))
          differing.push(
            `${words.join(' ').slice(0, 80)}: ${says.join('; ') || 'accepted'} | ${ran.exitCode} ${ran.stderr}`,
          );
      }
      expect(differing).toEqual([]);
    });
  });
});

/** Errors, but for those of a copy that is made and that no standby can be started on. */
const refusals = (findings: readonly { readonly rule: string; readonly severity: string }[]): readonly string[] =>
  findings
    .filter(({ severity, rule }) => severity === 'error' && rule !== 'command/wal-not-included')
    .map(({ rule }) => rule);
