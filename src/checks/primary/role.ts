import type { ReplicationLogin } from '../../facts/connection.ts';
import type { Observed } from '../../facts/observed.ts';
import { seen } from '../../facts/observed.ts';
import type { ReplicationRole } from '../../facts/primary.ts';
import { isMisspelt } from '../../postgres/slips.ts';
import { fromCatalogue, type LookBySql } from './look-by-sql.ts';

/** The replication role: as pg_roles has it where that was seen, else as far as the login itself tells. */
export function replicationRoleOf(
  name: string,
  bySql: LookBySql,
  login: Observed<ReplicationLogin>,
): Observed<ReplicationRole> {
  const told = login.status === 'seen' ? toldByLogin(name, login.value) : undefined;
  if (!bySql.seen && told !== undefined) return told;
  return fromCatalogue<ReplicationRole>(bySql, ({ role, memberOf, similarRoles, replicationRoles, password }) =>
    role === undefined
      ? seen<ReplicationRole>(
          { exists: false, name, similar: similarRoles.length > 0 ? similarRoles : misspelt(name, replicationRoles) },
          'pg_roles',
        )
      : seen<ReplicationRole>(
          {
            exists: true,
            name,
            ...role,
            password: password.seen ? (password.value ?? 'unknown') : 'unknown',
            memberOf: memberOf.map((one) => one.name),
            replicationThrough: memberOf.filter((one) => one.replication).map((one) => one.name),
          },
          password.seen ? 'pg_roles and pg_authid' : 'pg_roles',
        ),
  );
}

/** Of the roles that a standby logs in as. */
const misspelt = (
  name: string,
  roles: readonly { readonly name: string; readonly superuser: boolean }[],
): readonly string[] => roles.flatMap((one) => (!one.superuser && isMisspelt(name, one.name) ? [one.name] : []));

/** A login that succeeds proves the role; some refusals name what it lacks (postinit.c, InitPostgres; miscinit.c). */
function toldByLogin(name: string, login: ReplicationLogin): Observed<ReplicationRole> | undefined {
  const role = (proved: { superuser: boolean; replication: boolean; canLogin: boolean }): ReplicationRole => ({
    exists: true,
    name,
    ...proved,
    connectionLimit: undefined,
    validUntil: undefined,
    expired: false,
    password: 'unknown',
    memberOf: undefined,
    replicationThrough: [],
  });
  if (login.outcome.accepted) {
    const superuser = login.outcome.session.settings.get('is_superuser') === 'on';
    return seen(role({ superuser, replication: true, canLogin: true }), 'the replication login');
  }
  const { outcome } = login.outcome.decisive;
  if (outcome.kind !== 'server-refused') return undefined;
  const source = "the server's refusal";
  if (outcome.refusal === 'role-missing') return seen({ exists: false, name, similar: [] }, source);
  if (outcome.refusal === 'role-no-replication')
    return seen(role({ superuser: false, replication: false, canLogin: true }), source);
  return undefined;
}
