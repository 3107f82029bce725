import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, manual, safe } from '../../remedies/remedy.ts';
import { modeSet } from '../../remedies/reversible.ts';
import type { Remedy } from '../../findings/report.ts';
import { byHand, connectWith, connectingSide, connectionFacts, standbyOf } from '../../remedies/connecting.ts';
import type { ConnectionFacts } from '../../remedies/connecting.ts';
import { modeText } from '../../postgres/file-mode.ts';
import { at, defineRule, evidence, fail, notApplicable } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { settledWithoutPassfile } from '../../derived/password-needed.ts';

export const passfileIgnored = defineRule({
  id: 'client/passfile-ignored',
  title: 'libpq ignores the password file',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['connectionPlan', 'replicationLogin', 'operatingSystemUser', 'now'],
  wants: ['standbyServerUser', ...connectionFacts],
  explains: ['role/wrong-password', ...notStreaming],
  messages: ['libpq-pgpass-perms', 'libpq-pgpass-not-plain'],
  docs: {
    what: 'Fails if the server asks for a password, no other source provides one, and libpq does not use the password file: it is accessible to group or others, not a regular file, or not readable by this user.',
    why: 'libpq at most prints a warning, and continues without a password.',
    notes:
      'If the file is not needed, because the login works or the environment provides the password, nothing is reported.',
    references: [
      'The Password File: https://www.postgresql.org/docs/current/libpq-pgpass.html',
      'src/interfaces/libpq/fe-connect.c: passwordFromFile()',
    ],
  },
  judge({ connectionPlan: plan, replicationLogin, operatingSystemUser, standbyServerUser, ...seen }) {
    const settled = settledWithoutPassfile(replicationLogin, plan);
    if (settled !== undefined) return settled;
    const { path, state, pathSource } = plan.password.passfile;
    if (state.kind !== 'ignored') return notApplicable(`libpq does not ignore ${path}`);
    const side = connectingSide(seen);
    const user = side === 'standby' ? (ifSeen(standbyServerUser)?.name ?? 'its user') : operatingSystemUser.name;
    const mode = state.mode === undefined ? undefined : modeText(state.mode);
    const seenMode = mode === undefined ? [] : [evidence('mode', mode, `stat ${path}`)];
    const fault = {
      where: at(side, undefined, path),
      evidence: [evidence('password file', `${path} (${pathSource})`, 'libpq'), ...seenMode],
    };
    if (mode === undefined) {
      const directory = posix.dirname(path);
      return fail({
        ...fault,
        message: `The server asks ${plan.user} for a password, but user ${user} may not enter the directory of the password file ${path}, so libpq ignores the file.`,
        remedy: safe(
          `Use a password file that ${user} may read.`,
          byHand(seen, {
            client: `Set ${pathSource === 'the default' ? 'HOME to the home directory of' : 'PGPASSFILE to a file with mode 0600 of'} ${user}, or run this as the user that owns ${directory}.`,
            standby: `set passfile to a file of ${user} with mode 0600, and reload: SELECT pg_reload_conf();`,
          }),
        ),
      });
    }
    const modeOfOwner = safe('Set the mode to 0600.', modeSet(side, path, '0600', state.mode ?? 0));
    switch (state.why) {
      case 'mode':
        return fail({
          ...fault,
          message: `The server asks ${plan.user} for a password. ${path} may contain it, but libpq ignores this file: its mode is ${mode}, and it must not be accessible to group or others.`,
          remedy: state.hasFixedMode === true ? ownCopy(seen, path, user) : modeOfOwner,
        });
      case 'unreadable':
        return fail({
          ...fault,
          message: `The server asks ${plan.user} for a password, but user ${user} may not read the password file ${path}.`,
          remedy: state.hasFixedMode === true ? ownCopy(seen, path, user) : modeOfOwner,
        });
      case 'not a plain file':
        return fail({
          ...fault,
          message: `The server asks ${plan.user} for a password, but the password file ${path} is not a regular file.`,
          remedy: safe(
            'Use a regular file as password file.',
            byHand(seen, {
              client: `Set PGPASSFILE to a regular file with mode 0600, or replace ${path} with one.`,
              standby: `set passfile to a regular file with mode 0600, and reload: SELECT pg_reload_conf(); or replace ${path} with one.`,
            }),
          ),
        });
    }
  },
});

/** A secret of a container, or of another user: that file stays as it is, and one beside the data is the server's own. */
function ownCopy(facts: ConnectionFacts, path: string, user: string): Remedy {
  const standby = standbyOf(facts);
  const summary = `Give ${user} a password file of its own.`;
  if (standby === undefined)
    return safe(
      summary,
      manual('client', `Set PGPASSFILE to a copy of ${path} that belongs to ${user} and has mode 0600.`),
    );
  const own = posix.join(standby.directory.path, '.pgpass');
  const [from, to] = [path, own].map(shellWord);
  return safe(
    summary,
    asRoot(
      'standby',
      `test ! -e ${to} && (umask 077 && cp ${from} ${to} && chown ${shellWord(user)} ${to})`,
      'make-file',
      own,
    ),
    ...connectWith(facts, { passfile: own }, {}),
  );
}
