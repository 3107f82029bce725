import type { ConnectionAttempt } from '../../facts/connection.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Evidence, Remedy } from '../../facts/report.ts';
import { integerOf, textOf } from '../../facts/settings.ts';
import { safe } from '../../remedies/remedy.ts';
import { connectionFacts, connectWith, standbyOf } from '../conninfo/connecting.ts';
import type { Parameters } from '../conninfo/connecting.ts';
import { decide } from '../hba/decision.ts';
import { evidence } from '../rule.ts';
import type { JudgedFacts } from '../rule.ts';
import { covers } from './listen-addresses.ts';
import { isSocket } from './reach.ts';

/** What tells where a primary is. */
export const placeFacts = [
  'baseBackup',
  'adminLogin',
  'primary',
  'primarySettings',
  'controlFile',
  'hbaRules',
  'replicationRole',
] as const;

/** What {@link leadingToPrimary} looks at, for a rule's `wants`; it needs `now`. */
export const primaryPlaceFacts = [...connectionFacts, ...placeFacts] as const;

type Facts = JudgedFacts<'now', (typeof primaryPlaceFacts)[number]>;

/**
 * Of a standby whose primary_conninfo leads nowhere, while --admin has found its primary in another place: the change
 * that leads it there. Undefined where that place is not known for certain.
 */
export function leadingToPrimary(
  facts: Facts,
  attempt: ConnectionAttempt,
): { readonly remedy: Remedy; readonly seen: readonly Evidence[] } | undefined {
  const found = placeOfPrimary(facts, attempt);
  if (found === undefined) return undefined;
  const { host, port, identifier } = found;
  const values: Parameters = {
    ...(host === attempt.host ? {} : { host, hostaddr: undefined }),
    ...(port === attempt.port ? {} : { port: String(port) }),
  };
  if (Object.keys(values).length === 0) return undefined;
  const place = host.startsWith('/') ? `port ${port} in ${host}` : `${host}, port ${port}`;
  return {
    remedy: safe(
      `Lead the standby to its primary, which answers at ${place}. (If another server is meant to be at ${attempt.host}, port ${attempt.port}, bring that one back instead.)`,
      ...connectWith(facts, values, {}),
    ),
    seen: [evidence('its primary answers at', `${place} (system identifier ${identifier})`, 'the --admin login')],
  };
}

function placeOfPrimary(facts: Facts, attempt: ConnectionAttempt) {
  const standby = standbyOf(facts);
  const [admin, server, settings, control] = [
    ifSeen(facts.adminLogin)?.endpoint,
    ifSeen(facts.primary),
    ifSeen(facts.primarySettings),
    ifSeen(facts.controlFile),
  ];
  // one value of a list cannot be changed alone
  if (standby === undefined || standby.conninfo.hosts.length !== 1) return undefined;
  if (admin === undefined || server === undefined || settings === undefined || control?.ok !== true) return undefined;
  const identifier = control.value.systemIdentifier;
  // of several standbys the one that it shall follow cannot be told
  if (server.systemIdentifier !== identifier || server.inRecovery !== false) return undefined;
  const port = integerOf(settings, 'port');
  // another one is that of a pooler, or is passed on from somewhere
  if (port === undefined || admin.port !== port) return undefined;
  if (server.sameMachine && standby.directory.postmaster?.port === port) return undefined;
  const listened = textOf(settings, 'listen_addresses') ?? '';
  const { address } = attempt;
  const isThere = address !== undefined && (address === server.address || (server.sameMachine && isLoopback(address)));
  if (isThere && covers(listened, address)) return { host: attempt.host, port, identifier };
  const overTcp = isSocket({ address: admin.host }) && covers(listened, '127.0.0.1') ? ['127.0.0.1'] : [];
  // a role that came over TCP has its entry in pg_hba.conf for TCP
  const places = isSocket(attempt) ? [admin.host, ...overTcp] : [...overTcp, admin.host];
  return { host: places.find((host) => letsIn(facts, attempt, host)) ?? places[0] ?? admin.host, port, identifier };
}

/** Whether pg_hba.conf has a line for the role of primary_conninfo from there. */
function letsIn(facts: Facts, attempt: ConnectionAttempt, host: string): boolean {
  const rules = ifSeen(facts.hbaRules);
  const user = ifSeen(facts.standbyConninfo)?.user;
  if (rules === undefined || user === undefined) return false;
  const connection = { ...attempt, host, address: host, localAddress: host, outcome: { kind: 'logged-in' } } as const;
  return (['none', 'tls'] as const).some((encryption) => {
    const asked = { ...connection, encryption };
    const { matched } = decide(rules, asked, { user }, ifSeen(facts.replicationRole), ifSeen(facts.primary)).match;
    return matched !== undefined && matched.method !== 'reject';
  });
}

const isLoopback = (address: string): boolean => /^127\.|^::1$/u.test(address);
