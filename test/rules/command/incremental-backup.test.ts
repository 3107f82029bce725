import { incrementalBackup } from '../../../src/rules/command/incremental-backup.ts';
import { testRule } from '../rule-tester.ts';
import { aBaseBackup } from '../world.ts';

testRule(incrementalBackup, {
  passes: [{ name: 'a full backup', facts: { baseBackup: aBaseBackup() } }],
  fails: [
    {
      name: 'an incremental one',
      facts: { baseBackup: aBaseBackup({ incremental: '/srv/full/backup_manifest' }) },
      severity: 'info',
      message: /pg_combinebackup/,
    },
  ],
});
