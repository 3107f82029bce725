import { stageOf } from '../../facts/login.ts';
import type { ConnectionAttempt, ConnectionPlan } from '../../facts/connection.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import { ifSeen, notApplicable } from '../../facts/observed.ts';
import type { Remedy, Step } from '../../findings/report.ts';
import { decide } from '../../derived/hba-decision.ts';
import { entryFacts, letIn } from '../../remedies/let-in.ts';
import { roleMade } from '../../remedies/role.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { connectWith, connectionFacts, standbyOf } from '../../remedies/connecting.ts';
import { placeOf } from '../../derived/conninfo-source.ts';
import { giveUser } from '../../remedies/give-user.ts';
import { meantRole } from '../../derived/assumed-role.ts';
import { renamedRole } from '../../derived/renamed-role.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const missing = defineRule({
  id: 'role/missing',
  title: 'The replication role does not exist on the primary',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['replicationRole', 'primary', 'adminServer', 'walSenders', ...entryFacts, ...connectionFacts],
  explains: ['role/wrong-password', 'hba/shadowed', ...notStreaming],
  messages: ['role-does-not-exist', 'auth-detail-role-missing'],
  docs: {
    what: 'Looks up the exact role name through --admin. Without --admin it fails only if the server itself says that the role does not exist, which it does with the methods trust and peer.',
    why: 'With a password method, the server gives the same answer for a role that does not exist and for a wrong password, so that role names cannot be guessed.',
    notes: 'Role names created in double quotes keep their case: "Replicator" and replicator are two different roles.',
    references: [
      'CREATE ROLE: https://www.postgresql.org/docs/current/sql-createrole.html',
      'src/backend/libpq/crypt.c: get_role_password()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`${plan.user} logged in`);
    const role = ifSeen(wanted.replicationRole);
    if (role?.exists === true) return pass(`role ${role.name} exists (pg_roles)`);
    const said = stage.stage === 'server-refused' && stage.refusal === 'role-missing' ? stage.error.message : undefined;
    if (role === undefined && said === undefined) {
      if (wanted.replicationRole.status === 'unseen') return unexamined(wanted.replicationRole.why);
      return pass(`the server knows ${plan.user}`);
    }
    const named = role?.exists === false ? role.similar : [];
    const primary = ifSeen(wanted.primary);
    const assumed =
      named.length === 0 && stage.stage === 'server-refused'
        ? meantRole(plan, stage.attempt, ifSeen(wanted.hbaRules), primary)
        : undefined;
    const similar = assumed === undefined ? named : [assumed];
    const standby = standbyOf({ ...wanted, now });
    const renamed = standby === undefined || similar.length > 0 ? undefined : renamedRole(plan.user, wanted);
    if (renamed !== undefined && stage.stage === 'server-refused')
      return fail({
        title: `Role ${plan.user} does not exist on the primary`,
        message: `The primary has no role with the exact name "${plan.user}". Its only role for replication is "${renamed}", and no session uses it: if "${plan.user}" was renamed to it, its password is still the same, unless it was an MD5 one, which a rename removes.`,
        where: at('primary', primary?.name),
        evidence: [
          evidence(`role "${plan.user}"`, 'does not exist', 'pg_roles'),
          evidence('roles with REPLICATION and LOGIN', renamed, 'pg_roles'),
        ],
        remedy: asRenamed(renamed, plan, stage.attempt, { ...wanted, now }),
      });
    const [only, ...more] = similar;
    const asOther =
      only === undefined || more.length > 0
        ? []
        : connectWith({ ...wanted, now }, { user: only }, { without: ['username'], with: ['-U', only] });
    const others =
      similar.length === 0
        ? ''
        : assumed !== undefined
          ? ` No user was given: the name comes from ${plan.sources['user'] ?? 'the default'}. pg_hba.conf lets "${assumed}" in.`
          : ` Similar roles exist: ${similar.map((name) => `"${name}"`).join(', ')}. If one of them is the right one, ${standby === undefined ? 'give it with -U' : `set it as user in primary_conninfo (${placeOf(standby.conninfo)})`}.`;
    const hidden =
      said === undefined ? ' The server hides this from clients: its answer is the same as for a wrong password.' : '';
    return fail({
      title: `Role ${plan.user} does not exist on the primary`,
      message: `The primary has no role with the exact name "${plan.user}".${hidden}${others}`,
      where: at('primary', primary?.name),
      evidence: [
        said === undefined
          ? evidence(`role "${plan.user}"`, 'does not exist', 'pg_roles')
          : evidence('the server says', said, 'the replication login'),
        ...(named.length === 0 ? [] : [evidence('similar names', similar.join(', '), 'pg_roles')]),
      ],
      remedy:
        asOther.length > 0
          ? safe(`Log in as "${only}".`, ...asOther)
          : ((named.length === 0 ? giveUser(plan, role, { ...wanted, now }) : undefined) ??
            safe('Create the role with only the attributes that replication needs.', roleMade(plan.user))),
    });
  },
});

/** pg_hba.conf may still name the old role. The other way serves where the role was dropped. */
function asRenamed(
  user: string,
  plan: ConnectionPlan,
  attempt: ConnectionAttempt,
  facts: JudgedFacts<'now', (typeof entryFacts)[number] | (typeof connectionFacts)[number]>,
): Remedy {
  const [rules, primary] = [ifSeen(facts.hbaRules), ifSeen(facts.primary)];
  const as = { ...plan, user };
  const match = rules && decide(rules, attempt, as, undefined, primary).match;
  const isOpen = match === undefined || (match.matched !== undefined && match.matched.method !== 'reject');
  const entry = isOpen
    ? []
    : letIn(as, attempt, match.insertBefore, facts.now, {
        ...facts,
        replicationRole: notApplicable('it is about another role'),
      });
  return {
    ...safe(
      `Connect as "${user}"${isOpen ? '' : ', and let it in'}.`,
      ...entry,
      ...foundByItsName(plan, user),
      ...connectWith(facts, { user }, { without: ['username'], with: ['-U', user] }),
    ),
    cost: free,
    alternatives: [
      {
        summary: 'Create the role with only the attributes that replication needs.',
        risk: 'safe',
        steps: [roleMade(plan.user)],
        because: `Only if "${plan.user}" was dropped, and not renamed.`,
        cost: free,
      },
    ],
  };
}

/** A line of a password file that is for the old name has no password for the new one. */
function foundByItsName({ password: { from, passfile } }: ConnectionPlan, user: string): readonly Step[] {
  const { path, state, written } = passfile;
  if (from !== 'passfile' || state.kind !== 'used') return [];
  const isForAll = /^(?:(?:\\.|[^:\\])*:){3}\*:/u.test(written?.lines[state.line - 1] ?? '');
  return isForAll
    ? []
    : [manual('standby', `In line ${state.line} of ${path}, change the user (the fourth field) to ${user}.`)];
}

const free = { copyBytes: 0, replayBytes: null, downtimeSeconds: null };
