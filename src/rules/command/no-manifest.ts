import { at } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';

export const noManifest = defineRule({
  id: 'command/no-manifest',
  title: '--no-manifest makes a copy that cannot be verified',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  docs: {
    what: 'Remarks that `--no-manifest` was given.',
    why: '`backup_manifest` lists every file of the copy with its size and checksum. pg_verifybackup checks the copy against it, and an incremental backup (17 and later) begins from it. Without it neither is possible.',
    references: ['PostgreSQL manual, pg_basebackup, `--no-manifest`', 'PostgreSQL manual, pg_verifybackup'],
  },
  judge({ baseBackup }) {
    if (!baseBackup.noManifest) return pass('the copy comes with a manifest to verify it by');
    return fail({
      message:
        'With --no-manifest the copy comes without the list of its files and checksums, so pg_verifybackup cannot tell whether it is whole.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
    });
  },
});
