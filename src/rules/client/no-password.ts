import { ifSeen } from '../../facts/observed.ts';
import { addPassfileLine } from '../../remedies/passfile-line.ts';
import { connectionFacts } from '../../remedies/connecting.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { notExpanded, wholePassfilePath } from '../../remedies/whole-passfile-path.ts';
import { at, defineRule, evidence, fail, notApplicable } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { passfileEntry } from '../../remedies/passfile-line.ts';
import { settledWithoutPassfile } from '../../derived/password-needed.ts';

export const noPasswordGiven = defineRule({
  id: 'client/no-password',
  title: 'No password is available for the replication role',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['connectionPlan', 'replicationLogin', 'now'],
  wants: connectionFacts,
  explains: ['role/wrong-password', ...notStreaming],
  messages: ['libpq-no-password'],
  docs: {
    what: 'Fails if the server asks for a password, but the environment, the connection string and the service file do not provide one, and the password file does not exist or its matching line has no password.',
    why: 'pg_basebackup would prompt for it on the terminal; without a terminal, or with `-w`, it fails.',
    notes:
      'client/passfile-ignored and client/passfile-no-match cover a password file that exists but does not help. conninfo/no-password covers an existing standby.',
    references: [
      'The Password File: https://www.postgresql.org/docs/current/libpq-pgpass.html',
      'src/interfaces/libpq/fe-auth.c: pg_fe_sendauth()',
    ],
  },
  judge(facts) {
    const { connectionPlan: plan, replicationLogin, now } = facts;
    const settled = settledWithoutPassfile(replicationLogin, plan);
    if (settled !== undefined) return settled;
    const { path, state, pathSource, meant, hasNoPlace } = plan.password.passfile;
    if (state.kind === 'ignored' || state.kind === 'no-match')
      return notApplicable(`${path} exists but does not help, which another rule reports`);
    return fail({
      message: `The server asks ${plan.user} for a password. ${meant !== undefined ? notExpanded(path) : state.kind === 'absent' ? `None is available, and ${path} does not exist.` : 'None is available.'}`,
      where: at('client', undefined, path),
      evidence: [
        evidence('password', plan.password.words, 'libpq'),
        evidence('password file', `${path} (${pathSource})`, 'libpq'),
      ],
      remedy:
        wholePassfilePath(facts, plan.password.passfile, passfileEntry(plan)) ??
        (hasNoPlace === true && ifSeen(facts.baseBackup)?.place !== undefined
          ? safe(
              'Put the password in the environment: the container keeps no password file.',
              manual(
                'client',
                'Type it in the shell that runs standbylint: stty -echo; read -r PGPASSWORD; stty echo; export PGPASSWORD. The base backup is given it by name (-e PGPASSWORD).',
              ),
            )
          : safe(
              'Put the password in the password file.',
              addPassfileLine('client', plan.password.passfile, passfileEntry(plan), now),
            )),
    });
  },
});
