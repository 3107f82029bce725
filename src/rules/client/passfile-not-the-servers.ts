import { posix } from 'node:path';

import { stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const passfileNotTheServers = defineRule({
  id: 'client/passfile-not-the-servers',
  title: 'The standby cannot use the password file of pg_basebackup',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['connectionPlan', 'baseBackup', 'operatingSystemUser'],
  wants: ['replicationLogin'],
  docs: {
    what: 'Checks what `-R` will write into primary_conninfo: the path of the password file that pg_basebackup uses, or the password itself if it comes from PGPASSWORD, a connection string, a service file or the terminal.',
    why: "The server reads that file as its own user, from its data directory. A file in another user's home, or a relative path, works for pg_basebackup but not for the standby.",
    notes:
      'A password in clear text is only a note: only its owner can read postgresql.auto.conf. After a change of the password, this file must be changed too.',
    references: [
      'src/fe_utils/recovery_gen.c: GenerateRecoveryConf()',
      'The Password File: https://www.postgresql.org/docs/current/libpq-pgpass.html',
    ],
  },
  judge({ connectionPlan: plan, baseBackup, operatingSystemUser: user, replicationLogin }) {
    if (!baseBackup.writesRecoveryConf) return notApplicable('without -R no primary_conninfo is written');
    const { from, words, passfile } = plan.password;
    const login = ifSeen(replicationLogin);
    if (from === 'none') return pass('no password is used, so primary_conninfo will not contain one');
    if (from !== 'passfile') {
      if (login !== undefined && stageOf(login).stage !== 'accepted')
        return notApplicable('the login failed, so pg_basebackup writes nothing yet');
      return fail({
        severity: 'info',
        title: 'primary_conninfo would contain the password in clear text',
        message: `The password comes from ${words}, and -R writes it in clear text into primary_conninfo in postgresql.auto.conf. A password file of the server's user avoids this.`,
        where: at('client'),
        evidence: [evidence('source of the password', words, 'libpq')],
      });
    }
    const serverUser = user.serverUser ?? user.name;
    const relative = !posix.isAbsolute(passfile.path);
    if (serverUser === user.name && !relative)
      return pass(`primary_conninfo will use ${passfile.path}, which ${serverUser} can read`);
    return fail({
      message: relative
        ? `-R writes passfile=${passfile.path} into primary_conninfo, but the server would look for this relative path in its data directory.`
        : `-R writes passfile=${passfile.path} into primary_conninfo. The file belongs to ${user.name}, and ${serverUser}, the user of the server, cannot read it.`,
      where: at('client', undefined, passfile.path),
      evidence: [
        evidence('password file', `${passfile.path} (${passfile.pathSource})`, 'libpq'),
        evidence('user of the server', serverUser, 'this machine'),
      ],
      remedy: safe(
        "Use a password file of the server's user.",
        manual(
          'client',
          relative
            ? 'Set PGPASSFILE (or passfile) to an absolute path.'
            : `Copy the line into a file that ${serverUser} owns (mode 0600), and run pg_basebackup as ${serverUser} with PGPASSFILE set to that file.`,
        ),
      ),
    });
  },
});
