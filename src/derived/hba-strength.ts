import type { HbaRules } from '../facts/primary.ts';
import type { HbaMethod, HbaOption, HbaRule } from '../postgres/hba-line.ts';
import { judgeHbaRule } from '../postgres/hba-match.ts';
import type { HbaConnection } from '../postgres/hba-connection.ts';

/** What a line of pg_hba.conf demands of a client. */
export type Demand = Pick<HbaRule, 'method' | 'options'>;

/**
 * The strongest demand among the lines that are meant for this connection, whatever stands above them, and among those
 * that name this very role for other addresses: what lets the connection in must not ask for less. Undefined: no line is
 * meant for it but such that let anybody in, or nobody.
 */
export function strongestMeant(rules: HbaRules, connection: HbaConnection): HbaRule | undefined {
  return rules.lines
    .filter((line) => line.kind === 'rule')
    .filter(({ method }) => method !== 'reject' && method !== 'trust')
    .filter((line) => isMeant(line, connection))
    .reduce<HbaRule | undefined>((best, line) => (best === undefined || isWeaker(best, line) ? line : best), undefined);
}

function isMeant(line: HbaRule, connection: HbaConnection): boolean {
  const { verdict, differs } = judgeHbaRule(line, connection);
  if (verdict === 'matches') return true;
  return differs.join(' ') === 'address' && line.users.some(({ text }) => text === connection.user);
}

/** Whether `one` asks for less than `other` does, in what is proven of the client or in how it is proven. */
export function isWeaker(one: Demand, other: Demand): boolean {
  const [certificate, otherCertificate] = [certificateDemand(one), certificateDemand(other)];
  if (certificate !== otherCertificate) return certificate < otherCertificate;
  return methodStrength[one.method] < methodStrength[other.method];
}

/** 0: none is asked for; 1: one that the server's authorities issued; 2: one of this very user. */
export function certificateDemand({ method, options }: Demand): 0 | 1 | 2 {
  if (method === 'cert') return 2;
  const value = optionOf(options, 'clientcert');
  // 13 also has `1` (auth.c) and `no-verify`
  return value === 'verify-full' ? 2 : value === 'verify-ca' || value === '1' ? 1 : 0;
}

/** The value of an option of a line of pg_hba.conf. */
export const optionOf = (options: readonly HbaOption[], name: string): string | undefined =>
  options.find((option) => option.name === name)?.value;

/** A certificate counts apart: {@link certificateDemand}. */
const methodStrength: Readonly<Record<HbaMethod, number>> = {
  trust: 0,
  reject: 0,
  ident: 1,
  password: 1,
  md5: 2,
  pam: 2,
  bsd: 2,
  ldap: 2,
  radius: 2,
  // the certificate is all that is asked for, and it is counted
  cert: 3,
  'scram-sha-256': 3,
  peer: 3,
  gss: 3,
  sspi: 3,
  oauth: 3,
};
