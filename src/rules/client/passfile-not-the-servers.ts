import { posix } from 'node:path';

import { stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const passfileNotTheServers = defineRule({
  id: 'client/passfile-not-the-servers',
  title: 'primary_conninfo would name a password file that the server cannot use',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['connectionPlan', 'baseBackup', 'operatingSystemUser'],
  wants: ['replicationLogin'],
  docs: {
    what: 'Foresees what `-R` writes into primary_conninfo: the path of the password file that pg_basebackup used, or the password itself when it came from PGPASSWORD, a connection string, a service file or the terminal.',
    why: "The server reads that file as its own user, from its data directory. A file in another user's home, or a relative path, works for the copy and not for the standby.",
    notes:
      'A password in the clear is only remarked upon (info): postgresql.auto.conf can be read by its owner alone, and whoever changes the password must change it there too.',
    references: [
      'fe_utils/recovery_gen.c, GenerateRecoveryConf()',
      'PostgreSQL manual, section 32.16, The Password File',
    ],
  },
  judge({ connectionPlan: plan, baseBackup, operatingSystemUser: user, replicationLogin }) {
    if (!baseBackup.writesRecoveryConf) return notApplicable('without -R no primary_conninfo is written');
    const { from, words, passfile } = plan.password;
    const login = ifSeen(replicationLogin);
    if (from === 'none') return pass('no password is used, so primary_conninfo will hold none');
    if (from !== 'passfile') {
      if (login !== undefined && stageOf(login).stage !== 'accepted')
        return notApplicable('the login did not succeed, so that nothing is written yet');
      return fail({
        severity: 'info',
        title: 'primary_conninfo would hold the password in the clear',
        message: `The password comes from ${words}, and -R writes it into primary_conninfo in postgresql.auto.conf, in the clear. A password file of the server's user keeps it apart.`,
        where: at('client'),
        evidence: [evidence('the password comes from', words, 'libpq')],
      });
    }
    const serverUser = user.serverUser ?? user.name;
    const relative = !posix.isAbsolute(passfile.path);
    if (serverUser === user.name && !relative)
      return pass(`primary_conninfo will name ${passfile.path}, which ${serverUser} reads`);
    return fail({
      message: relative
        ? `-R writes passfile=${passfile.path} into primary_conninfo, and the server would look for that relative path in its data directory.`
        : `-R writes passfile=${passfile.path} into primary_conninfo. That file is ${user.name}'s, and ${serverUser}, who will run the server, cannot read it.`,
      where: at('client', undefined, passfile.path),
      evidence: [
        evidence('password file', `${passfile.path} (${passfile.pathSource})`, 'libpq'),
        evidence('will run the server', serverUser, 'this host'),
      ],
      remedy: safe(
        "Use a password file of the server's user.",
        manual(
          'client',
          relative
            ? 'Give PGPASSFILE (or passfile) with its whole path.'
            : `Put the line into a file that ${serverUser} owns (mode 0600), and run pg_basebackup as ${serverUser} with PGPASSFILE set to that file.`,
        ),
      ),
    });
  },
});
