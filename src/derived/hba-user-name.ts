import type { ConnectionAttempt } from '../facts/connection.ts';
import type { HbaRules, Primary, ReplicationRole } from '../facts/primary.ts';
import type { HbaRule } from '../postgres/hba-line.ts';
import { judgeUserMap } from '../postgres/user-map.ts';
import type { UserMapAnswer } from '../postgres/user-map.ts';
import { certificateDemand, optionOf } from './hba-strength.ts';

/** The name that a line of pg_hba.conf takes the client's word for, and whether it may be the role with it. */
export interface UserName {
  /** The CN or the DN of the certificate, or the operating system's user. */
  readonly name: string;
  readonly kind: 'CN' | 'DN' | 'operating system user';
  /** Undefined: the name must be the role's own. */
  readonly map: string | undefined;
  readonly verdict: UserMapAnswer['verdict'];
  /** Of the map, where pg_ident.conf was seen. */
  readonly answer: UserMapAnswer | undefined;
}

export interface Asking {
  readonly user: string;
  readonly attempt: ConnectionAttempt;
  readonly rules: HbaRules;
  readonly role: ReplicationRole | undefined;
  readonly primary: Primary | undefined;
  /** Who runs the client: what `peer` finds out. */
  readonly operatingSystemUser: string | undefined;
}

/**
 * auth.c: CheckCertAuth (cert, and clientcert=verify-full with any method), auth_peer, ident_inet. Undefined where the line
 * asks for no such name, or the name is not known here.
 */
export function userNameFor(line: HbaRule, asking: Asking): UserName | undefined {
  const shown = nameShown(line, asking);
  if (shown === undefined) return undefined;
  const map = optionOf(line.options, 'map');
  const { user, rules, role, primary } = asking;
  if (map === undefined || map === '')
    return {
      ...shown,
      map: undefined,
      verdict: shown.name === user ? 'matches' : 'does not match',
      answer: undefined,
    };
  const { userMaps } = rules;
  if (userMaps === undefined) return { ...shown, map, verdict: 'unknown', answer: undefined };
  const answer = judgeUserMap(userMaps.lines, {
    map,
    systemUser: shown.name,
    role: user,
    roleGroups: role?.exists === true && role.memberOf !== undefined ? new Set(role.memberOf) : undefined,
    serverVersion: primary?.major ?? newestMajor,
  });
  const verdict = answer.verdict === 'does not match' && !userMaps.complete ? 'unknown' : answer.verdict;
  return { ...shown, map, verdict, answer };
}

const newestMajor = 18;

function nameShown(
  line: HbaRule,
  { attempt: { identity }, operatingSystemUser }: Asking,
): Pick<UserName, 'name' | 'kind'> | undefined {
  if (certificateDemand(line) === 2) {
    if (identity?.kind !== 'certificate') return undefined;
    if (optionOf(line.options, 'clientname') === 'DN') return { name: identity.distinguishedName, kind: 'DN' };
    return identity.commonName === undefined ? undefined : { name: identity.commonName, kind: 'CN' };
  }
  // without a map another line is what helps
  if (line.method !== 'peer' || optionOf(line.options, 'map') === undefined || operatingSystemUser === undefined)
    return undefined;
  return { name: operatingSystemUser, kind: 'operating system user' };
}
