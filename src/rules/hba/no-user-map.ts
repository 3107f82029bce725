import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { HbaRules } from '../../facts/primary.ts';
import type { Alternative, Remedy, Step } from '../../findings/report.ts';
import { formatUserMapLine } from '../../postgres/user-map.ts';
import { giveCertificate } from '../../remedies/client-certificate.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { manual, reload, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { attemptToLetIn, decide, frameOf } from '../../derived/hba-decision.ts';
import { entryFacts } from '../../remedies/let-in.ts';
import { userNameFor } from '../../derived/hba-user-name.ts';
import type { UserName } from '../../derived/hba-user-name.ts';

export const noUserMap = defineRule({
  id: 'hba/no-user-map',
  title: 'The name in the client certificate does not match the role',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: entryFacts,
  explains: ['hba/shadowed', 'role/wrong-password', 'role/no-password', 'client/no-password', ...notStreaming],
  messages: ['usermap-no-match', 'usernames-do-not-match', 'auth-cert-cn-mismatch'],
  docs: {
    what: 'Compares the name in the client certificate (or, for `peer`, the operating system user) with the role, using the user name map of the matching line of pg_hba.conf. Fails if that name may not log in as the role.',
    why: '`cert` and `clientcert=verify-full` accept a certificate only if its CN (with `clientname=DN`, its DN) is the name of the role, or if pg_ident.conf maps it to the role.',
    notes:
      'With `clientcert=verify-full` and a password method, the server reports the mismatch as "password authentication failed", although the password may be correct.',
    references: [
      'User Name Maps: https://www.postgresql.org/docs/current/auth-username-maps.html',
      'Certificate Authentication: https://www.postgresql.org/docs/current/auth-cert.html',
      'src/backend/libpq/auth.c: CheckCertAuth()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`the server let ${plan.user} in`);
    if (stage.stage === 'not-reached') return unexamined(notThatFar(stage.attempt));
    if (stage.stage === 'client-stopped') return pass('the login ended before the server compared names');
    if (stage.refusal !== 'other-method-refused' && stage.refusal !== 'password-refused')
      return pass(`the server answered: "${stage.error.message}"`);
    if (/client certificate/u.test(stage.error.message))
      return notApplicable('the server received no certificate (tls/client-certificate)');
    const rules = ifSeen(wanted.hbaRules);
    if (rules === undefined)
      return stage.refusal === 'password-refused'
        ? notApplicable('the server refused the password')
        : unexamined(
            wanted.hbaRules.status === 'unseen'
              ? wanted.hbaRules.why
              : { kind: 'not-asked', because: 'pg_hba.conf was not read' },
          );
    const primary = ifSeen(wanted.primary);
    const role = ifSeen(wanted.replicationRole);
    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const line = decide(rules, attempt, plan, role, primary).match.matched;
    const standbyUser = ifSeen(wanted.standbyServerUser);
    const operatingSystemUser = (standbyUser ?? ifSeen(wanted.operatingSystemUser))?.name;
    const found = line && userNameFor(line, { user: plan.user, attempt, rules, role, primary, operatingSystemUser });
    if (line === undefined || found === undefined)
      return notApplicable('the matching line compares neither a certificate name nor an operating system user');
    if (found.verdict === 'unknown')
      return unexamined({
        kind: 'unreadable',
        because: `whether map "${found.map ?? ''}" allows ${found.name} as ${plan.user}: pg_ident.conf could not be read completely`,
      });
    const reloadOnly =
      found.verdict === 'matches' && stage.refusal === 'other-method-refused' && found.map !== undefined;
    if (found.verdict === 'matches' && !reloadOnly)
      return pass(`${found.kind} "${found.name}" may log in as ${plan.user}`);
    const give = giveCertificate(standbyUser === undefined ? 'client' : 'standby', attempt.identity, plan.user);
    return fail({
      title: titleOf(found, plan.user),
      message: messageOf(line.line, found, plan.user, reloadOnly),
      where:
        found.map === undefined
          ? at('primary', primary?.name, line.file, line.line)
          : at('primary', primary?.name, rules.userMaps?.file),
      evidence: [
        evidence('the server says', stage.error.message, 'the replication login'),
        evidence(
          found.kind,
          found.name,
          attempt.identity?.kind === 'certificate' ? attempt.identity.file : 'the client',
        ),
        ...(found.answer?.ofUser ?? []).map((one) =>
          evidence(`line ${one.line} of ${one.file}`, `${one.map} ${one.systemUser} ${one.role.text}`, 'pg_ident.conf'),
        ),
      ],
      frame: frameOf(
        line,
        found.map === undefined ? `the ${found.kind} must be ${plan.user}` : `uses map "${found.map}"`,
      ),
      remedy: reloadOnly
        ? safe('Reload the configuration.', reload('primary'))
        : remedyFor(found, plan.user, rules, now, give),
    });
  },
});

const titleOf = ({ map, kind, name }: UserName, user: string): string =>
  map === undefined
    ? `The client certificate is for "${name}", not for role "${user}"`
    : `User name map "${map}" does not map ${kind} "${name}" to "${user}"`;

function messageOf(line: number, { map, kind, name, answer }: UserName, user: string, reloadOnly: boolean): string {
  if (map === undefined)
    return `Line ${line} of pg_hba.conf accepts only a certificate whose ${kind} is "${user}". The client sends one with ${kind} "${name}", so the server refuses it.`;
  const asks = `Line ${line} of pg_hba.conf looks up "${name}" in map "${map}"`;
  if (reloadOnly) return `${asks}. pg_ident.conf has a line for it, but the server has not loaded it yet.`;
  if (answer === undefined || answer.ofMap.length === 0) return `${asks}, but pg_ident.conf has no such map.`;
  const others = answer.ofUser.map(({ role }) => `"${role.text}"`).join(', ');
  if (others !== '') return `${asks}. It is mapped to ${others}, not to "${user}".`;
  const otherCase = answer.ofMap.find(({ systemUser }) => systemUser.toLowerCase() === name.toLowerCase());
  return `${asks}, but none of its ${answer.ofMap.length === 1 ? 'lines' : `${answer.ofMap.length} lines`} matches${otherCase === undefined ? '' : ` ("${otherCase.systemUser}" differs in upper and lower case)`}.`;
}

function remedyFor({ map, kind, name }: UserName, user: string, rules: HbaRules, now: Date, give: Step): Remedy {
  if (map !== undefined)
    return safe(
      'Add the missing line to the map, and reload.',
      ...addLine(rules, formatUserMapLine({ map, systemUser: name, role: user }), now),
      reload('primary'),
    );
  const alternative: Alternative = {
    summary: `If this certificate should log in as ${user}: add a map (map=replication) at the end of that line of pg_hba.conf, and map the ${kind} to the role.`,
    risk: 'safe',
    because: `anyone who has the key of the certificate "${name}" can then copy the whole cluster`,
    cost: { copyBytes: null, replayBytes: null, downtimeSeconds: null },
    steps: [
      ...addLine(rules, formatUserMapLine({ map: 'replication', systemUser: name, role: user }), now),
      manual('primary', `Add map=replication at the end of that line of ${rules.file}.`),
      reload('primary'),
    ],
  };
  return { ...safe('Use a certificate for this role.', give), alternatives: [alternative] };
}

const addLine = ({ userMaps, written }: HbaRules, line: string, now: Date): readonly Step[] =>
  userMaps === undefined
    ? [manual('primary', `Add this line to the file that SHOW ident_file; shows:\n${line}`)]
    : [
        editFile(
          'primary',
          { file: userMaps.file, now, written: written?.get(userMaps.file) },
          { act: 'append', lines: [line] },
        ),
      ];
