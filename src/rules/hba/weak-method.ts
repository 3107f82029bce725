import { stageOf, notThatFar } from '../../facts/login.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import type { HbaRule } from '../../postgres/hba-line.ts';
import type { WrittenLines } from '../../postgres/written-lines.ts';
import { editFile } from '../../remedies/edit-file.ts';
import type { Change } from '../../remedies/edit-file.ts';
import { passwordSet } from '../../remedies/role.ts';
import { exchangeInLine } from '../../remedies/sed.ts';
import { reload, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { decide, frameOf } from '../../derived/hba-decision.ts';
import { entryFacts, letIn } from '../../remedies/let-in.ts';
import { certificateDemand, strongestMeant } from '../../derived/hba-strength.ts';

export const weakMethod = defineRule({
  id: 'hba/weak-method',
  title: 'pg_hba.conf uses a weak method for the replication role',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'hbaRules', 'now'],
  wants: entryFacts,
  docs: {
    what: 'Checks the method of the line that accepted the login. Warns about trust, and about password without TLS, if the connection comes from another machine. md5 is a note.',
    why: 'A replication connection can read every byte of the cluster. trust allows this to anyone who has the address; password sends the password itself; md5 is deprecated since PostgreSQL 18 and will be removed.',
    notes: 'A connection over a Unix socket or a loopback address is not reported.',
    references: [
      'Password Authentication: https://www.postgresql.org/docs/current/auth-password.html',
      'Release 18: https://www.postgresql.org/docs/18/release-18.html',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, hbaRules: rules, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage !== 'accepted') return unexamined(notThatFar(stage.attempt));
    const primary = ifSeen(wanted.primary);
    const role = ifSeen(wanted.replicationRole);
    const decision = decide(rules, stage.attempt, plan, role, primary);
    const line = decision.match.matched;
    if (line === undefined || !decision.match.certain)
      return unexamined({
        kind: 'unreadable',
        because: `which line of ${rules.file} let ${plan.user} in is not known`,
      });
    const { address } = decision.connection;
    if (address === 'local' || address === undefined || /^(127\.|::1$)/.test(address))
      return pass(`the connection does not leave this machine (${line.method}, line ${line.line})`);
    const plain = stage.attempt.encryption === 'none';
    const weak = line.method === 'trust' || (line.method === 'password' && plain);
    if (!weak && line.method !== 'md5') return pass(`line ${line.line} of ${line.file} says ${line.method}`);
    const stronger = strongestMeant(rules, decision.connection);
    const byCertificate = stronger !== undefined && certificateDemand(stronger) > certificateDemand(line);
    const written = rules.written?.get(line.file);
    return fail({
      severity: weak ? 'warning' : 'info',
      title: `pg_hba.conf uses method ${line.method} for ${plan.user}`,
      message: `Line ${line.line} of ${line.file} lets ${plan.user} in from ${address} with method ${line.method}: ${reasons[line.method] ?? ''}.`,
      where: at('primary', primary?.name, line.file, line.line),
      evidence: [evidence(`line ${line.line}`, line.text, line.file)],
      frame: frameOf(line, 'accepted the login'),
      remedy: byCertificate
        ? safe(
            `Add an entry like line ${stronger.line}, which requires a certificate, for this role and address above that line.`,
            ...letIn(plan, stage.attempt, decision.match.insertBefore, now, {
              ...wanted,
              hbaRules: seen(rules, rules.file),
            }),
          )
        : safe(
            'Require scram-sha-256 instead, with a password stored as a SCRAM secret. The standby needs the password in its password file.',
            passwordSet(plan.user),
            editFile('primary', { file: line.file, now, written }, toScram(line, written)),
            reload('primary'),
          ),
    });
  },
});

const reasons: Readonly<Record<string, string>> = {
  trust: 'anyone with that address can copy the whole cluster without a password',
  password: 'the password itself goes over the network unencrypted',
  md5: 'md5 is deprecated since PostgreSQL 18 and will be removed',
};

/** The method is the last word of its name before the options and the comment; the line may go on over several. */
function toScram({ line, endLine, method }: HbaRule, written: WrittenLines | undefined): Change {
  for (let number = endLine; number >= line; number -= 1) {
    const text = written?.lines[number - 1] ?? '';
    const words = [...text.replace(/^((?:"[^"]*"|[^"#])*)#.*$/u, '$1').matchAll(/"[^"]*"|[^\s"]+/gu)];
    const found = words.findLast(([word]) => word === method || word === `"${method}"`);
    if (found === undefined) continue;
    const becomes = `${text.slice(0, found.index)}scram-sha-256${text.slice(found.index + found[0].length)}`;
    if (exchangeInLine(text, becomes) !== undefined) return { act: 'replace', line: number, becomes: [becomes] };
  }
  return { act: 'replace', line, becomes: undefined, by: [`s/${method}/scram-sha-256/`] };
}
