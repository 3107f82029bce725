import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const noManifest = defineRule({
  id: 'command/no-manifest',
  title: 'A base backup with --no-manifest cannot be verified',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  docs: {
    what: 'Notes if `--no-manifest` is given.',
    why: '`backup_manifest` lists every file of the base backup with its size and checksum. pg_verifybackup checks the base backup against it, and an incremental backup (17 and later) needs it. Without it neither is possible.',
    references: [
      'pg_basebackup, --no-manifest: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'pg_verifybackup: https://www.postgresql.org/docs/current/app-pgverifybackup.html',
    ],
  },
  judge({ baseBackup }) {
    if (!baseBackup.noManifest) return pass('the base backup includes a manifest');
    return fail({
      message:
        'With --no-manifest the base backup has no list of its files and checksums, so pg_verifybackup cannot check whether it is complete.',
      where: at('client'),
      evidence: [evidence('command line', baseBackup.printable, 'the options given')],
    });
  },
});
