import { isPastHba, notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { manual, reload, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { attemptToLetIn, decide, frameOf, isUsable, laterUsable } from '../../derived/hba-decision.ts';
import type { ClientIdentity, ConnectionAttempt, ConnectionPlan } from '../../facts/connection.ts';
import type { Remedy } from '../../findings/report.ts';
import { giveCertificate } from '../../remedies/client-certificate.ts';
import { formatUserMapLine } from '../../postgres/user-map.ts';
import type { HbaRule } from '../../postgres/hba-line.ts';
import { entryFacts, letIn } from '../../remedies/let-in.ts';
import { certificateDemand, strongestMeant } from '../../derived/hba-strength.ts';
import { userNameFor } from '../../derived/hba-user-name.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

export const shadowed = defineRule({
  id: 'hba/shadowed',
  title: 'An earlier line of pg_hba.conf requires a method that fails',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: entryFacts,
  messages: [
    'auth-peer-failed',
    'auth-ident-failed',
    'auth-cert-failed',
    'auth-cert-no-user-name',
    'auth-ldap-failed',
    'auth-gssapi-failed',
    'auth-pam-failed',
    'auth-radius-failed',
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
    what: 'Logs in exactly as pg_basebackup does. Fails if the matching line requires peer, ident, a certificate, LDAP or another method that this client cannot satisfy. With --admin it shows that line, and a later one that would work. Also fails on a line that requires a password if a later one accepts the certificate that this client sends.',
    why: 'The first matching line decides on the method. If authentication fails, the server does not try the next line.',
    references: [
      'The pg_hba.conf File: https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'src/backend/libpq/auth.c: auth_failed()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`${plan.user} satisfied the method of the matching line`);
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
        title: `Line ${line.line} of pg_hba.conf hides line ${meant.line}, which accepts a certificate`,
        message: `The first matching line decides: line ${line.line} requires a password from ${plan.user} (${line.method}). Line ${meant.line}, which accepts the client certificate, is never reached.`,
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
          side: 'primary',
          file: line.file,
          lines: [
            ...frameOf(line, `matches first and requires a password`).lines,
            ...(meant.file === line.file ? frameOf(meant, 'accepts the certificate, but is never reached').lines : []),
          ],
        },
        remedy: safe(
          'Add a certificate entry for this role and address above that line, and reload.',
          ...letIn(plan, attemptToLetIn(replicationLogin, stage.attempt), beaten.before, now, wanted),
        ),
      });
    }
    if (stage.stage === 'client-stopped' && stage.why !== 'method')
      return pass(
        stage.why === 'require-auth'
          ? `the client itself stops: ${stage.message}`
          : 'the matching line requires a password',
      );
    const { outcome } = stage.attempt;
    if (outcome.kind === 'client-stopped' && outcome.impossible !== true)
      return unexamined({
        kind: 'connection',
        because: outcome.message,
        remedy: 'let pg_basebackup or the standby itself log in',
      });
    if (stage.stage === 'server-refused' && stage.refusal !== 'other-method-refused')
      return stage.refusal === 'no-hba-entry' || stage.refusal === 'hba-rejected' || isPastHba(stage.refusal)
        ? pass(`the method is not the problem: the server says "${stage.error.message}"`)
        : unexamined(notThatFar(stage.attempt));

    const said = stage.stage === 'server-refused' ? stage.error.message : stage.message;
    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const rules = ifSeen(wanted.hbaRules);
    const role = ifSeen(wanted.replicationRole);
    const primary = ifSeen(wanted.primary);
    const decision = rules && decide(rules, attempt, plan, role, primary);
    const line = decision?.match.matched;
    if (stage.stage === 'server-refused' && /client certificate/u.test(said))
      return notApplicable('the primary receives no certificate that it accepts (tls/client-certificate)');
    if (rules !== undefined && line !== undefined) {
      const operatingSystemUser = (ifSeen(wanted.standbyServerUser) ?? ifSeen(wanted.operatingSystemUser))?.name;
      const name = userNameFor(line, { user: plan.user, attempt, rules, role, primary, operatingSystemUser });
      if (name !== undefined && name.verdict !== 'unknown')
        return notApplicable(`the ${name.kind} "${name.name}" does not match ${plan.user} (hba/no-user-map)`);
    }
    const { identity } = attempt;
    if (rules === undefined && isOfCertificate.test(said) && identity?.kind === 'certificate') {
      const { commonName, file } = identity;
      if (commonName !== undefined && commonName !== plan.user)
        return fail({
          title: `The client certificate is for "${commonName}", not for role "${plan.user}"`,
          message: `pg_hba.conf requires a certificate whose name is that of the role, or is mapped to it. The client sends one with CN "${commonName}": ${said}.`,
          where: at('primary', primary?.name),
          evidence: [evidence('the server says', said, 'the replication login'), evidence('CN', commonName, file)],
          remedy: certificateOf(plan.user, commonName, identity, ifSeen(wanted.standbyServerUser) !== undefined),
        });
    }
    const later = rules && decision && laterUsable(rules, decision);
    const below = later === undefined ? '' : ` Line ${later.line} below it would work, but is never reached.`;
    const method = line?.method ?? ofServer.exec(said)?.[1]?.toLowerCase();
    const reason =
      method !== undefined && ofOthers.test(method)
        ? ` (If ${method} is meant, the log of the primary gives the reason why it failed.)`
        : '';
    return fail({
      title:
        line === undefined
          ? `pg_hba.conf requires ${method ?? 'a method'}${method === undefined ? ' that' : ', which'} fails for ${plan.user}`
          : `Line ${line.line} of pg_hba.conf requires ${line.method}, which fails for ${plan.user}`,
      message: `The first matching line decides on the method, and the client cannot satisfy it: ${said}.${below}`,
      where: at('primary', primary?.name, line?.file ?? rules?.file, line?.line),
      evidence: [evidence('the server says', said, 'the replication login')],
      ...(line === undefined || isUsable(line.method)
        ? {}
        : {
            frame: {
              side: 'primary',
              file: line.file,
              lines: [
                ...frameOf(line, `matches first and requires ${line.method}`).lines,
                ...(later?.file === line.file ? frameOf(later, 'would work, but is never reached').lines : []),
              ],
            },
          }),
      remedy: safe(
        `Add an entry for this role and address above that line, and reload.${reason}`,
        ...letIn(plan, attempt, decision?.match.insertBefore, now, wanted),
      ),
    });
  },
});

/** auth.c, auth_failed(): `LDAP authentication failed for user "repl"`. */
const ofServer = /^(?!certificate)([A-Za-z]+) authentication failed for user/u;
/** auth.c, auth_failed(). */
const isOfCertificate = /^certificate authentication failed for user/u;

/** Without --admin the lines of pg_hba.conf and pg_ident.conf are not known. */
const certificateOf = (role: string, commonName: string, identity: ClientIdentity, ofStandby: boolean): Remedy => ({
  ...safe('Use a certificate for this role.', giveCertificate(ofStandby ? 'standby' : 'client', identity, role)),
  alternatives: [
    {
      summary: 'If this certificate should log in as this role: map its CN to the role.',
      risk: 'safe',
      because: `anyone who has the key of the certificate "${commonName}" can then copy the whole cluster`,
      cost: { copyBytes: null, replayBytes: null, downtimeSeconds: null },
      steps: [
        manual(
          'primary',
          `Add this line to the file that SHOW ident_file; shows, and map=replication at the end of the line of pg_hba.conf that requires the certificate (if that line has a map already, use its name):\n${formatUserMapLine({ map: 'replication', systemUser: commonName, role })}`,
        ),
        reload('primary'),
      ],
    },
  ],
});

/** Another service decides: it can be down, or know another password. */
const ofOthers = /^(?:ldap|pam|radius|bsd)$/u;

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
