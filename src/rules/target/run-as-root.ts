import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { installing } from '../../remedies/installing.ts';
import { manual, safe, shell } from '../../remedies/remedy.ts';
import { isForeign } from '../../remedies/foreign-content.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const runAsRoot = defineRule({
  id: 'target/run-as-root',
  title: 'root would own the standby, but no server runs as root',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['operatingSystemUser', 'baseBackup', 'targetDirectory'],
  wants: ['primary'],
  docs: {
    what: 'Fails if root runs pg_basebackup in the plain format.',
    why: 'Every file would belong to root with mode 0600. The server does not run as root, and its own user could not read them.',
    notes: 'With `-Ft` the owner of the archive does not matter.',
    references: [
      'src/backend/main/main.c: check_root()',
      'The PostgreSQL User Account: https://www.postgresql.org/docs/current/postgres-user.html',
    ],
  },
  judge({ operatingSystemUser: user, baseBackup, targetDirectory: place, primary }) {
    if (isForeign(place.state)) return notApplicable(`${place.path} is not touched: it contains other files`);
    if (baseBackup.format === 'tar') return notApplicable('the owner of an archive does not matter');
    if (user.uid !== 0) return pass(`${user.name} runs pg_basebackup`);
    const serverUser = user.serverUser ?? 'postgres';
    const directory = place.state.kind === 'directory' ? place.state.realPath : place.path;
    return fail({
      message: `If root runs pg_basebackup, every file in ${place.path} belongs to root. The server refuses to run as root, and ${serverUser} could not read the files.`,
      where: at('client', undefined, place.path),
      evidence: [
        evidence('user', 'root (0)', 'geteuid(2)'),
        ...(user.serverUser === undefined
          ? [evidence(`user ${serverUser}`, 'does not exist here', '/etc/passwd')]
          : []),
      ],
      remedy: safe(
        `Run it as ${serverUser}, the user of the server.`,
        // a package makes the user
        ...(user.serverUser === undefined
          ? [manual('client', installing('server', ifSeen(primary)?.major ?? 18))]
          : []),
        shell(
          'client',
          `install -d -m 0700 -o ${shellWord(serverUser)} ${shellWord(directory)}`,
          'make-directory',
          directory,
        ),
        checkAgain(baseBackup, { user: serverUser }),
      ),
    });
  },
});
