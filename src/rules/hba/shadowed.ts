import { isPastHba, notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { attemptToLetIn, decide, frameOf, isUsable, laterUsable } from './decision.ts';
import { entryFacts, letIn } from './let-in.ts';

export const shadowed = defineRule({
  id: 'hba/shadowed',
  title: 'An earlier line of pg_hba.conf asks for a method that this client cannot satisfy',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: entryFacts,
  says: [
    'Peer authentication failed for user',
    'Ident authentication failed for user',
    'certificate authentication failed for user',
    'LDAP authentication failed for user',
    'GSSAPI authentication failed for user',
    'PAM authentication failed for user',
    'RADIUS authentication failed for user',
    'connection requires a valid client certificate',
  ],
  explains: [...notStreaming],
  docs: {
    what: 'Logs in exactly as pg_basebackup would. It fails when the line that matched asks for peer, ident, a certificate, LDAP or another method that this client cannot satisfy; with --admin it shows that line, and a later one that would have served.',
    why: 'The first line that matches decides on the method, and there is no falling through to the next one when it says no.',
    references: [
      'https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'src/backend/libpq/auth.c: auth_failed()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`${plan.user} satisfied the method of the line that matched`);
    if (stage.stage === 'not-reached') return unexamined(notThatFar(stage.attempt));
    if (stage.stage === 'client-stopped' && stage.why !== 'method')
      return pass('the line that matched asks for a password');
    if (stage.stage === 'server-refused' && stage.refusal !== 'other-method-refused')
      return stage.refusal === 'no-hba-entry' || stage.refusal === 'hba-rejected' || isPastHba(stage.refusal)
        ? pass(`no method stands in the way: the server says "${stage.error.message}"`)
        : unexamined(notThatFar(stage.attempt));

    const said = stage.stage === 'server-refused' ? stage.error.message : stage.message;
    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const rules = ifSeen(wanted.hbaRules);
    const role = ifSeen(wanted.replicationRole);
    const primary = ifSeen(wanted.primary);
    const decision = rules && decide(rules, attempt, plan, role, primary);
    const line = decision?.match.matched;
    const later = rules && decision && laterUsable(rules, decision);
    const below = later === undefined ? '' : ` Line ${later.line} below it would serve and is never reached.`;
    return fail({
      title:
        line === undefined
          ? `pg_hba.conf asks ${plan.user} for a method that this client cannot satisfy`
          : `Line ${line.line} of pg_hba.conf asks ${plan.user} for ${line.method}, which this client cannot satisfy`,
      message: `The first line that matches decides on the method, and the server says: ${said}.${below}`,
      where: at('primary', primary?.name, line?.file ?? rules?.file, line?.line),
      evidence: [evidence('the server says', said, 'the replication login')],
      ...(line === undefined || isUsable(line.method)
        ? {}
        : {
            frame: {
              file: line.file,
              lines: [
                ...frameOf(line, `matches first, and asks for ${line.method}`).lines,
                ...(later?.file === line.file ? frameOf(later, 'would serve, and is never reached').lines : []),
              ],
            },
          }),
      remedy: safe(
        'Put an entry for this role and this address, by password, above that line, and reload (nobody is disturbed).',
        ...letIn(plan, attempt, decision?.match.insertBefore, now, wanted),
      ),
    });
  },
});
