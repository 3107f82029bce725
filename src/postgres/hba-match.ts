import { judgeHbaAddress } from './hba-match-address.ts';
import { judgeDatabases, judgeUsers } from './hba-match-names.ts';
import type { HbaLine, HbaRule } from './hba-line.ts';
import { differs } from './hba-connection.ts';
import type { HbaConnection, HbaJudgement } from './hba-connection.ts';

export interface HbaMatch {
  /** The line that decides, as far as is known; `undefined`: none matches, and the server refuses with "no pg_hba.conf entry". */
  readonly matched: HbaRule | undefined;
  /** `false`: a line above (or, without a match, any line) could match as well. */
  readonly certain: boolean;
  /** The lines from the top to the one that matched. */
  readonly considered: readonly ConsideredHbaLine[];
  /** The first line that matches or could: an entry that is to count must stand before it. `undefined`: the end of the file will do. */
  readonly insertBefore: HbaRule | undefined;
}

export interface ConsideredHbaLine {
  readonly line: HbaRule;
  readonly verdict: 'matches' | 'does not match' | 'unknown';
  /** Why, in a few words: `"all" does not cover replication`. Names in it come from the file and are not escaped. */
  readonly because: string;
  /** All that keeps the line from matching: the fewer, the nearer it is to what is wanted. */
  readonly differs: readonly HbaColumn[];
  /** What the verdict takes for granted: that `replication` is not in quotes, where only the view was at hand. */
  readonly assumes: string | undefined;
}

export type HbaColumn = 'type' | 'encryption' | 'address' | 'database' | 'user';

/**
 * Finds the line that decides on a connection, as check_hba (hba.c) does: from the top, the first line whose type, address, database and user all match.
 * Broken lines are passed over. Where knowledge is missing the verdict on a line is `unknown`, and the search goes on.
 */
export function matchHba(lines: readonly HbaLine[], connection: HbaConnection): HbaMatch {
  const considered: ConsideredHbaLine[] = [];
  for (const line of lines) {
    if (line.kind === 'broken') continue;
    const judged = judgeHbaRule(line, connection);
    considered.push(judged);
    if (judged.verdict === 'matches') break;
  }
  const last = considered.at(-1);
  return {
    matched: last?.verdict === 'matches' ? last.line : undefined,
    certain: considered.every(({ verdict }) => verdict !== 'unknown'),
    considered,
    insertBefore: considered.find(({ verdict }) => verdict !== 'does not match')?.line,
  };
}

/** Judges one line by itself, whatever stands above it. */
export function judgeHbaRule(line: HbaRule, connection: HbaConnection): ConsideredHbaLine {
  const columns: readonly (readonly [HbaColumn, HbaJudgement])[] = [
    ['type', judgeType(line, connection)],
    ['database', judgeDatabases(line.databases, connection)],
    ['user', judgeUsers(line.users, connection)],
    ['encryption', judgeEncryption(line, connection)],
    ['address', judgeHbaAddress(line.address, connection)],
  ];
  const differing = columns.filter(([, { verdict }]) => verdict === 'does not match');
  const decisive = differing.length > 0 ? differing : columns.filter(([, { verdict }]) => verdict === 'unknown');
  const assumes = columns.flatMap(([, judgement]) => judgement.assumes ?? []);
  return {
    line,
    verdict: decisive[0]?.[1].verdict ?? 'matches',
    because: decisive[0]?.[1].because ?? summary(columns),
    differs: differing.map(([column]) => column),
    assumes: assumes.length === 0 ? undefined : assumes.join(' and '),
  };
}

function summary(columns: readonly (readonly [HbaColumn, HbaJudgement])[]): string {
  return columns.flatMap(([, { because }]) => (because === '' ? [] : [because])).join(', ');
}

function judgeType({ type }: HbaRule, { address }: HbaConnection): HbaJudgement {
  if (type === 'local' && address !== 'local')
    return differs('"local" is for Unix sockets, this connection comes over TCP');
  if (type !== 'local' && address === 'local') {
    return differs(`"${type}" is for TCP, this connection comes over a Unix socket`);
  }
  return { verdict: 'matches', because: '' };
}

function judgeEncryption({ type }: HbaRule, { encryption, address }: HbaConnection): HbaJudgement {
  const matches: HbaJudgement = { verdict: 'matches', because: '' };
  if (address === 'local') return matches;
  switch (type) {
    case 'hostssl':
      if (encryption === 'tls') return matches;
      return differs(
        encryption === 'none'
          ? 'hostssl: this connection is not encrypted'
          : 'hostssl: this connection is encrypted by GSSAPI, not TLS',
      );
    case 'hostnossl':
      return encryption === 'tls' ? differs('hostnossl: this connection uses TLS') : matches;
    case 'hostgssenc':
      return encryption === 'gss' ? matches : differs('hostgssenc: this connection is not encrypted by GSSAPI');
    case 'hostnogssenc':
      return encryption === 'gss' ? differs('hostnogssenc: this connection is encrypted by GSSAPI') : matches;
    case 'host':
    case 'local':
      return matches;
  }
}
