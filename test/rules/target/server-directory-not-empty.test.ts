import { unseen } from '../../../src/facts/observed.ts';
import { serverDirectoryNotEmpty } from '../../../src/rules/target/server-directory-not-empty.ts';
import { testRule } from '../rule-tester.ts';
import { aBaseBackup } from '../world.ts';

const baseBackup = aBaseBackup({ target: 'server:/backups', directory: undefined });
const found = {
  path: '/backups',
  is: 'a-directory',
  entries: ['backup_manifest', 'base.tar'],
  more: false,
  problem: undefined,
  hasParent: true,
  free: '/backups/base-2026-07-26',
} as const;

testRule(serverDirectoryNotEmpty, {
  passes: [
    { name: 'it is empty', facts: { baseBackup, serverTarget: { ...found, entries: [] } } },
    { name: 'the server creates it', facts: { baseBackup, serverTarget: { ...found, is: 'absent', entries: [] } } },
  ],
  fails: [
    {
      name: 'an earlier base backup is in it',
      facts: { baseBackup, serverTarget: found },
      message: /contains backup_manifest, base\.tar\.$/u,
    },
    {
      name: 'a cluster is in it',
      facts: { baseBackup, serverTarget: { ...found, entries: ['PG_VERSION', 'base'] } },
      steps: ['Give --target another directory than /backups, which is one of a server.'],
    },
    {
      name: 'the directory above it does not exist either',
      facts: {
        baseBackup,
        serverTarget: { ...found, path: '/srv/none/new', is: 'absent', entries: [], hasParent: false },
      },
      message: /nor does \/srv\/none:/u,
    },
    {
      name: 'it is a file',
      facts: { baseBackup, serverTarget: { ...found, is: 'not-a-directory', entries: [] } },
      steps: ['Give --target another directory than /backups.'],
    },
    {
      name: 'the system does not let the server in',
      facts: {
        baseBackup,
        serverTarget: {
          ...{ ...found, is: 'not-accessible', entries: [], hasParent: false },
          problem: 'could not open directory "/backups": Permission denied',
        },
      },
      message: /cannot access \/backups\.$/u,
    },
  ],
  unexamined: [
    {
      name: 'the server was not asked',
      facts: { baseBackup, serverTarget: unseen('permission', 'permission denied for function pg_ls_dir') },
      because: /pg_ls_dir/u,
    },
  ],
});
