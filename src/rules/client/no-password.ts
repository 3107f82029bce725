import { addPassfileLine } from '../../remedies/passfile-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { passfileEntry } from './passfile-line.ts';
import { settledWithoutPassfile } from './password-needed.ts';

export const noPasswordGiven = defineRule({
  id: 'client/no-password',
  title: 'The server asks for a password, and there is none',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['connectionPlan', 'replicationLogin', 'now'],
  explains: ['role/wrong-password', ...notStreaming],
  says: ['fe_sendauth: no password supplied'],
  docs: {
    what: 'Fails when the server asks for a password, and neither the environment nor the connection string nor a service file gives one, and there is no password file, or one whose matching line has no password.',
    why: 'pg_basebackup would ask at the terminal; without one, or with `-w`, it stops.',
    notes:
      'A password file that exists and does not serve is client/passfile-ignored or client/passfile-no-match. For a standby that exists it is conninfo/no-password.',
    references: ['PostgreSQL manual, section 32.16, The Password File', 'interfaces/libpq/fe-auth.c, pg_fe_sendauth()'],
  },
  judge({ connectionPlan: plan, replicationLogin, now }) {
    const settled = settledWithoutPassfile(replicationLogin, plan);
    if (settled !== undefined) return settled;
    const { path, state, pathSource } = plan.password.passfile;
    if (state.kind === 'ignored' || state.kind === 'no-match')
      return notApplicable(`${path} exists and does not serve, which is a fault of its own`);
    return fail({
      message: `The server asks ${plan.user} for a password. ${state.kind === 'absent' ? `None is given, and ${path} does not exist` : 'None is given'}.`,
      where: at('client', undefined, path),
      evidence: [
        evidence('password', plan.password.words, 'libpq'),
        evidence('password file', `${path} (${pathSource})`, 'libpq'),
      ],
      remedy: safe(
        'Put it into the password file.',
        addPassfileLine('client', plan.password.passfile, passfileEntry(plan), now),
      ),
    });
  },
});
