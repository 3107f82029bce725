import { checkAgain } from '../../remedies/command-line.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { isInContainer } from '../../remedies/in-its-volumes.ts';
import { installing } from '../../remedies/installing.ts';

export const olderThanServer = defineRule({
  id: 'client/older-than-server',
  title: 'pg_basebackup is older than the primary',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['clientTools', 'primary', 'baseBackup'],
  messages: ['pgbb-incompatible-server', 'pgrw-incompatible-newer'],
  docs: {
    what: "Compares the major release of pg_basebackup with the primary's.",
    why: 'pg_basebackup refuses a server that is newer than itself. A pg_basebackup that is newer than the server works.',
    notes:
      'If the one on PATH is too old but a newer one is installed, standbylint uses the newer one. This is then a warning, because a command typed by hand would still use the old one.',
    references: [
      'src/bin/pg_basebackup/pg_basebackup.c: BaseBackup()',
      'src/bin/pg_basebackup/receivelog.c: CheckServerVersionForStreaming()',
    ],
  },
  judge({ clientTools: { chosen, onPath, basebackups }, primary, baseBackup }) {
    if (chosen === undefined) return notApplicable('pg_basebackup is not installed (client/pg-basebackup-missing)');
    const seen = [
      evidence('pg_basebackup', `${chosen.version} (${chosen.path})`, `${chosen.path} --version`),
      evidence('primary', primary.version, 'server_version'),
    ];
    if (chosen.major < primary.major) {
      const other = basebackups.find(({ major }) => major >= primary.major);
      return fail({
        message: `${chosen.path} is pg_basebackup ${chosen.version}, but the primary runs ${primary.version}: pg_basebackup refuses a server that is newer than itself.`,
        where: at('client', undefined, chosen.path),
        evidence: seen,
        remedy:
          other === undefined
            ? safe(
                isInContainer(baseBackup)
                  ? "Use an image of the primary's release."
                  : "Install the client programs of the primary's release.",
                manual('client', installing('client', primary.major, baseBackup)),
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
        message: `${onPath.path} is pg_basebackup ${onPath.version}, which refuses the primary's release ${primary.version}. standbylint uses ${chosen.path} (${chosen.version}) instead.`,
        where: at('client', undefined, onPath.path),
        evidence: [evidence('on PATH', `${onPath.version} (${onPath.path})`, `${onPath.path} --version`), ...seen],
        remedy: safe(
          'Use the full path of the newer one when you run it by hand.',
          checkAgain(baseBackup, { program: chosen.path }),
        ),
      });
    return pass(`pg_basebackup ${chosen.version} works with a primary of release ${primary.version}`);
  },
});
