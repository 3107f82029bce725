import { ifSeen } from '../../facts/observed.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, at, safe } from '../../remedies/remedy.ts';
import { modeSet } from '../../remedies/reversible.ts';
import { byHand, connectingSide, connectionFacts } from '../conninfo/connecting.ts';
import { defineRule, evidence, fail, notApplicable } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { settledWithoutPassfile } from './password-needed.ts';

export const passfileIgnored = defineRule({
  id: 'client/passfile-ignored',
  title: 'libpq leaves the password file aside',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['connectionPlan', 'replicationLogin', 'operatingSystemUser', 'now'],
  wants: ['standbyServerUser', ...connectionFacts],
  explains: ['role/wrong-password', ...notStreaming],
  says: ['password file "%s" has group or world access', 'password file "%s" is not a plain file'],
  docs: {
    what: 'Fails when the server asks for a password, none is given otherwise, and there is a password file that libpq does not use: its group or others have rights to it, it is no plain file, or this user may not read it.',
    why: 'libpq says so in a warning at the most, and goes on as if there were no password.',
    notes:
      'A file that is not needed, because the login works or the password is given in the environment, is no finding.',
    references: [
      'PostgreSQL manual, section 32.16, The Password File',
      'interfaces/libpq/fe-connect.c, passwordFromFile()',
    ],
  },
  judge({ connectionPlan: plan, replicationLogin, operatingSystemUser, standbyServerUser, ...seen }) {
    const settled = settledWithoutPassfile(replicationLogin, plan);
    if (settled !== undefined) return settled;
    const { path, state, pathSource } = plan.password.passfile;
    if (state.kind !== 'ignored') return notApplicable(`${path} is not left aside`);
    const side = connectingSide(seen);
    const user = side === 'standby' ? (ifSeen(standbyServerUser)?.name ?? 'its user') : operatingSystemUser.name;
    const mode = state.mode.toString(8).padStart(4, '0');
    const fault = {
      where: at(side, undefined, path),
      evidence: [evidence('password file', `${path} (${pathSource})`, 'libpq'), evidence('mode', mode, `stat ${path}`)],
    };
    switch (state.why) {
      case 'mode':
        return fail({
          ...fault,
          message: `The server asks ${plan.user} for a password. ${path} may hold it, and libpq does not use that file: its mode is ${mode}, and only its owner may have rights to it.`,
          remedy: safe('Close it to others.', modeSet(side, path, '0600', state.mode)),
        });
      case 'unreadable':
        return fail({
          ...fault,
          message: `The server asks ${plan.user} for a password, and ${user} may not read ${path}, where libpq looks for it.`,
          remedy: safe(
            `Give ${user} a file of its own.`,
            asRoot(
              side,
              `chown ${shellWord(user)} ${shellWord(path)} && chmod 0600 ${shellWord(path)}, if no other user needs it; else ${side === 'standby' ? 'let passfile in primary_conninfo name' : 'set PGPASSFILE to'} a file that ${user} may read.`,
              'change-owner',
              path,
            ),
          ),
        });
      case 'not a plain file':
        return fail({
          ...fault,
          message: `The server asks ${plan.user} for a password, and ${path}, where libpq looks for it, is no plain file.`,
          remedy: safe(
            'Let libpq look in a plain file.',
            byHand(seen, {
              client: `Set PGPASSFILE to a plain file of mode 0600, or put one in the place of ${path}.`,
              standby: `let passfile name a plain file of mode 0600, and reload: SELECT pg_reload_conf(); or put one in the place of ${path}.`,
            }),
          ),
        });
    }
  },
});
