import { checkAgain } from '../../remedies/command-line.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { installing } from './installing.ts';

export const olderThanServer = defineRule({
  id: 'client/older-than-server',
  title: 'pg_basebackup is older than the primary',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['clientTools', 'primary', 'baseBackup'],
  says: ['incompatible server version %s', 'client does not support streaming from server versions newer than %s'],
  docs: {
    what: "Compares the major release of pg_basebackup with the primary's.",
    why: 'pg_basebackup refuses a server that is newer than itself. One that is newer than the server works.',
    notes:
      'Where the one on PATH is too old and another one is installed, that one is used and named; this is then a warning, for pg_basebackup typed by hand would still be the old one.',
    references: [
      'bin/pg_basebackup/pg_basebackup.c, BaseBackup()',
      'bin/pg_basebackup/receivelog.c, CheckServerVersionForStreaming()',
    ],
  },
  judge({ clientTools: { chosen, onPath, basebackups }, primary, baseBackup }) {
    if (chosen === undefined) return notApplicable('there is no pg_basebackup (client/pg-basebackup-missing)');
    const seen = [
      evidence('pg_basebackup', `${chosen.version} (${chosen.path})`, `${chosen.path} --version`),
      evidence('primary', primary.version, 'server_version'),
    ];
    if (chosen.major < primary.major) {
      const other = basebackups.find(({ major }) => major >= primary.major);
      return fail({
        message: `${chosen.path} is pg_basebackup ${chosen.version}, and the primary runs ${primary.version}: pg_basebackup refuses a server that is newer than itself.`,
        where: at('client', undefined, chosen.path),
        evidence: seen,
        remedy:
          other === undefined
            ? safe(
                "Install the client programs of the primary's release.",
                manual('client', installing('client', primary.major)),
              )
            : safe(
                `Use the newer one, ${other.path} (PostgreSQL ${other.version}).`,
                checkAgain(baseBackup, { program: other.path }),
              ),
      });
    }
    if (baseBackup.program === undefined && onPath !== undefined && onPath.major < primary.major)
      return fail({
        severity: 'warning',
        title: 'The pg_basebackup on PATH is older than the primary',
        message: `${onPath.path} is pg_basebackup ${onPath.version}, and the primary runs ${primary.version}, which it would refuse. ${chosen.path} (${chosen.version}) serves, and standbylint uses it.`,
        where: at('client', undefined, onPath.path),
        evidence: [evidence('on PATH', `${onPath.version} (${onPath.path})`, `${onPath.path} --version`), ...seen],
        remedy: safe('Name the newer one when you run it by hand.', checkAgain(baseBackup, { program: chosen.path })),
      });
    return pass(`pg_basebackup ${chosen.version} serves a primary of ${primary.version}`);
  },
});
