import { isPastHba, notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { attemptToLetIn, decide, frameOf, isUsable, laterUsable } from './decision.ts';
import type { ConnectionAttempt, ConnectionPlan } from '../../facts/connection.ts';
import type { HbaRule } from '../../postgres/hba-line.ts';
import type { JudgedFacts } from '../rule.ts';
import { entryFacts, letIn } from './let-in.ts';
import { certificateDemand, strongestMeant } from './strength.ts';
import { userNameFor } from './user-name.ts';

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
  ],
  explains: [
    'client/no-password',
    'client/passfile-ignored',
    'client/passfile-no-match',
    'conninfo/no-password',
    'role/no-password',
    'role/wrong-password',
    'role/password-expired',
    'hba/method-needs-other-password',
    ...notStreaming,
  ],
  docs: {
    what: 'Logs in exactly as pg_basebackup would. It fails when the line that matched asks for peer, ident, a certificate, LDAP or another method that this client cannot satisfy; with --admin it shows that line, and a later one that would have served. A line that asks for a password fails, too, where a later one accepts the certificate that this client sends.',
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
    const asked =
      (stage.stage === 'client-stopped' && stage.why === 'no-password') ||
      (stage.stage === 'server-refused' && stage.refusal === 'password-refused');
    const beaten = asked
      ? beatenCertificateLine(plan, attemptToLetIn(replicationLogin, stage.attempt), wanted)
      : undefined;
    if (beaten !== undefined) {
      const { line, meant } = beaten;
      return fail({
        title: `Line ${line.line} of pg_hba.conf hides line ${meant.line}, which takes a certificate`,
        message: `The first line that matches decides: line ${line.line} asks ${plan.user} for a password (${line.method}). Line ${meant.line}, which takes the client certificate, is never reached.`,
        where: at('primary', ifSeen(wanted.primary)?.name, line.file, line.line),
        evidence: [
          evidence(
            'the server says',
            stage.stage === 'server-refused' ? stage.error.message : stage.message,
            'the replication login',
          ),
          evidence(`line ${meant.line}`, meant.text, meant.file),
        ],
        frame: {
          file: line.file,
          lines: [
            ...frameOf(line, `matches first, and asks for a password`).lines,
            ...(meant.file === line.file ? frameOf(meant, 'takes the certificate, and is never reached').lines : []),
          ],
        },
        remedy: safe(
          'Put an entry for this role and this address, by certificate, above that line, and reload (no interruption).',
          ...letIn(plan, attemptToLetIn(replicationLogin, stage.attempt), beaten.before, now, wanted),
        ),
      });
    }
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
    if (stage.stage === 'server-refused' && /client certificate/u.test(said))
      return notApplicable('the primary gets no certificate that it accepts (tls/client-certificate)');
    if (rules !== undefined && line !== undefined) {
      const operatingSystemUser = (ifSeen(wanted.standbyServerUser) ?? ifSeen(wanted.operatingSystemUser))?.name;
      const name = userNameFor(line, { user: plan.user, attempt, rules, role, primary, operatingSystemUser });
      if (name !== undefined && name.verdict !== 'unknown')
        return notApplicable(`the ${name.kind} "${name.name}" is not taken for ${plan.user} (hba/no-user-map)`);
    }
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
        'Put an entry for this role and this address above that line, and reload (no interruption).',
        ...letIn(plan, attempt, decision?.match.insertBefore, now, wanted),
      ),
    });
  },
});

interface Beaten {
  readonly line: HbaRule;
  /** The line below it that takes a certificate. */
  readonly meant: HbaRule;
  readonly before: HbaRule | undefined;
}

/**
 * A line that takes certificates below one that asks for a password: it is what was meant where the client has such a
 * certificate, and where no password could ever be right, as the role has none.
 */
function beatenCertificateLine(
  plan: ConnectionPlan,
  attempt: ConnectionAttempt,
  wanted: JudgedFacts<never, (typeof entryFacts)[number]>,
): Beaten | undefined {
  const rules = ifSeen(wanted.hbaRules);
  if (rules === undefined) return undefined;
  const role = ifSeen(wanted.replicationRole);
  const primary = ifSeen(wanted.primary);
  const { match, connection } = decide(rules, attempt, plan, role, primary);
  const { matched: line, insertBefore: before } = match;
  const meant = strongestMeant(rules, connection);
  if (line === undefined || meant === undefined || certificateDemand(line) > 0 || meant.method !== 'cert')
    return undefined;
  if (rules.lines.indexOf(meant) < rules.lines.indexOf(line)) return undefined;
  const name = userNameFor(meant, { user: plan.user, attempt, rules, role, primary, operatingSystemUser: undefined });
  const serves = name !== undefined && name.verdict !== 'does not match';
  return serves || (role?.exists === true && role.password === 'none') ? { line, meant, before } : undefined;
}
