import type { ConnectionPlan } from '../../facts/connection.ts';
import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { createdAgain } from '../../remedies/container-again.ts';
import { changePassfileLine } from '../../remedies/passfile-line.ts';
import { passwordSet } from '../../remedies/role.ts';
import { literal } from '../../remedies/quoting.ts';
import type { Step } from '../../findings/report.ts';
import { manual, safe, sql } from '../../remedies/remedy.ts';
import { connectionFacts, connectingSide, standbyOf } from '../../remedies/connecting.ts';
import type { ConnectionFacts } from '../../remedies/connecting.ts';
import { passwordInConninfo } from '../../remedies/password-in-conninfo.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const wrongPassword = defineRule({
  id: 'role/wrong-password',
  title: 'The primary refuses the password of the replication role',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['replicationRole', 'primary', ...connectionFacts],
  explains: [...notStreaming],
  messages: ['auth-password-failed', 'libpq-password-from-file'],
  docs: {
    what: 'Fails if the server answers "password authentication failed". With --admin the other reasons for this answer are ruled out. Without it they are listed, because the server does not say which one applies.',
    why: 'The answer is the same for a wrong password, a role that does not exist, a role without a password and an expired one.',
    notes:
      'The source of the password is shown (PGPASSWORD, a line of the password file, the connection string), never the password itself.',
    references: [
      'Password Authentication: https://www.postgresql.org/docs/current/auth-password.html',
      'src/backend/libpq/auth.c: auth_failed()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`the primary accepted ${plan.user}`);
    if (stage.stage !== 'server-refused' || stage.refusal !== 'password-refused')
      return unexamined(notThatFar(stage.attempt));
    const role = ifSeen(wanted.replicationRole);
    const { words } = plan.password;
    const seen = [
      evidence('the server says', stage.error.message, 'the replication login'),
      evidence('source of the password', words, 'libpq'),
    ];
    const where = at('primary', ifSeen(wanted.primary)?.name);
    if (role === undefined)
      return fail({
        title: `The primary refuses the password or the role of ${plan.user}`,
        message: `The answer is the same for a wrong password, an expired password, and a role that does not exist or has no password. With --admin, standbylint finds out which it is.`,
        where,
        evidence: seen,
        remedy: safe(
          `Find out which it is. If the role is correct, set the password that the ${standbyOf(wanted) === undefined ? 'client' : 'standby'} sends.`,
          sql(
            'primary',
            `SELECT rolname, rolcanlogin, rolreplication, rolvaliduntil, rolpassword IS NOT NULL AS has_password FROM pg_authid WHERE rolname = ${literal(plan.user)};`,
            'look',
          ),
          ...(standbyOf(wanted) === undefined ? [] : sendingIt(wanted, plan)),
          passwordSet(plan.user),
        ),
      });
    if (!role.exists)
      return notApplicable(`role ${plan.user} does not exist, so no password can be correct (role/missing)`);
    if (role.expired)
      return notApplicable('the password has expired, whether it is correct or not (role/password-expired)');
    if (role.password === 'none')
      return notApplicable('no password is stored, so none can be correct (role/no-password)');
    // with an md5 hash either the method demands SCRAM (hba/method-needs-other-password) or the password is wrong
    return fail({
      title: `The primary refuses the password of role ${role.name}`,
      message: `Role ${role.name} exists and may log in, but the password from ${words} is not the one stored for it.`,
      where,
      evidence: seen,
      remedy: safe(
        'Correct the password there. If it is lost, set a new one on the primary; every standby and tool that uses this role needs it.',
        ...sendingIt(wanted, plan),
        passwordSet(role.name),
      ),
    });
  },
});

/** The password is put where the client has it from. On a standby that can be typed; whoever copies has it in mind. */
function sendingIt(facts: ConnectionFacts, { password }: ConnectionPlan): readonly Step[] {
  const { from, words, passfile } = password;
  const side = connectingSide(facts);
  const standby = standbyOf(facts);
  if (from === 'none') return [manual(side, 'Put the password into the password file of the client.')];
  if (standby === undefined) return [manual(side, `Correct the password in ${words}, if it was mistyped.`)];
  if (from === 'conninfo') return passwordInConninfo({ ...facts, dataDirectory: standby.directory }, standby.conninfo);
  if (from === 'passfile' && passfile.state.kind === 'used')
    return [changePassfileLine(side, passfile, passfile.state.line, facts.now)];
  if (from === 'service file')
    return [manual(side, `Correct the password in ${words}: the WAL receiver reads it at its next attempt.`)];
  return (
    createdAgain(
      ifSeen(facts.standbyControl)?.control,
      `the correct password in ${words} (quotation marks of an --env-file are part of the value)`,
    ) ?? [manual(side, `Correct the password in ${words}, with which the server was started, and restart the server.`)]
  );
}
