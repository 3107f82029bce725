import type { Surroundings } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/registry.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { examine } from '../../src/diagnosis/examine.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import type { Judged } from '../../src/diagnosis/judge.ts';
import type { Facts } from '../../src/facts/facts.ts';
import { localHost } from '../../src/hosts/local.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import type { ResolvedConnection } from '../../src/servers/connection.ts';
import type { Fault } from '../../src/findings/judgement.ts';

export interface LookOptions {
  /** --admin: a session to the primary. */
  readonly admin?: string;
  /** --standby: a session to the standby; else its Unix socket. */
  readonly standby?: string;
}

/** What these rules of a post-mortem say of a standby, from all the facts that they ask for. */
export async function judged(
  server: ThrowawayServer,
  rules: readonly AnyRule[],
  options: LookOptions = {},
): Promise<{ readonly facts: Partial<Facts>; readonly of: (id: string) => Judged['result'] }> {
  const surroundings: Surroundings = {
    subject: {
      command: 'postmortem',
      dataDirectory: server.dataDirectory,
      standby: await session(options.standby),
      admin: await session(options.admin),
      logs: [],
      logBytes: 'all',
    },
    host: localHost(),
    timeoutMs: 5000,
    signal: new AbortController().signal,
    now: () => new Date(),
  };
  const facts = await examine(rules, checks, surroundings);
  const results = new Map(rules.map((rule) => [rule.id, judge(rule, facts).result]));
  return {
    facts,
    of: (id) => {
      const result = results.get(id);
      if (result === undefined) throw new Error(`${id} was not among the rules`);
      return result;
    },
  };
}

/** The first finding of a rule that must have failed. */
export function faultOf(result: Judged['result']): Fault {
  const [fault] = result.outcome === 'failed' ? result.faults : [];
  if (fault === undefined) throw new Error(`it has not failed: ${JSON.stringify(result)}`);
  return fault;
}

async function session(conninfo: string | undefined): Promise<ResolvedConnection | undefined> {
  if (conninfo === undefined) return undefined;
  const given = { conninfo, host: undefined, port: undefined, user: undefined };
  const resolved = await resolveConnection(localHost(), given, { replication: false });
  if (!resolved.ok) throw new Error(resolved.message);
  return resolved.connection;
}
