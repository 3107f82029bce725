import { posix } from 'node:path';

import { compareAdmin } from '../../facts/admin-comparison.ts';
import type { Endpoint, ServerSeen, UpstreamReached } from '../../facts/admin-comparison.ts';
import type { ReplicationLogin, ReplicationSession } from '../../facts/connection.ts';
import type { AdminServer, AdminIdentity } from '../../facts/identity.ts';
import { stageOf } from '../../facts/login.ts';
import type { Observed, Unseen, UnseenFact } from '../../facts/observed.ts';
import { integerOf, textOf } from '../../facts/settings.ts';
import type { Host } from '../../hosts/host.ts';
import { listensOn } from '../../postgres/listen-addresses.ts';
import type { SystemIdentifier } from '../../postgres/lsn.ts';
import type { Surroundings } from '../check.ts';
import { clusterOfStandby } from '../cluster-of-standby.ts';
import { isOwnAddress } from '../own-address.ts';
import { lookWithTheSameCredentials } from './admin-session.ts';
import type { Ways } from './admin-session.ts';
import { hotStandby, sessionOf } from './facts.ts';
import { hbaRulesOf } from './hba.ts';
import type { LookBySql } from './look-by-sql.ts';
import type { Upstream } from '../internal-facts.ts';

type Seen = Extract<LookBySql, { readonly seen: true }>;

export interface LookedInto {
  /** The catalogue of the server that the replication connection leads to, and of no other. */
  readonly upstream: LookBySql;
  /** Where that is not known: the primary of the same cluster, as far as --admin shows it. It tells what the cluster has. */
  readonly cluster: LookBySql;
  readonly admin: Observed<AdminServer>;
  /** The replication connection leads to another cluster than the one that is examined: nothing of it is judged. */
  readonly foreign: UnseenFact | undefined;
}

/**
 * Looks inside, and holds the server of --admin against the one that the replication connection leads to. Where --admin
 * leads elsewhere, or nothing proves that it does not, an ordinary session with the replication credentials serves, as it
 * does without --admin.
 */
export async function lookInside(
  over: LookBySql,
  replicationLogin: Observed<ReplicationLogin>,
  ways: Ways,
  surroundings: Surroundings,
): Promise<LookedInto> {
  const session = sessionOf(replicationLogin);
  const expected = await clusterOfStandby(ways.settings, surroundings.host);
  const foreign =
    session === undefined || expected === undefined || session.systemIdentifier === expected
      ? undefined
      : { status: 'unseen' as const, why: anotherCluster(session, expected) };
  if (!over.seen) {
    const mayAsk = over.why.kind === 'not-asked' && session !== undefined;
    const found = mayAsk ? await lookWithTheSameCredentials(ways, surroundings, over) : over;
    const upstream = ofTheSameCluster(found, session?.systemIdentifier, over);
    const seen: LookBySql = foreign === undefined ? upstream : { seen: false, why: foreign.why };
    return { upstream: seen, cluster: seen, admin: { status: 'unseen', why: over.why }, foreign };
  }
  const reached = await upstreamReached(replicationLogin, ways.upstream, surroundings.host);
  // --admin has reached the very server that runs on -D
  const isExamined = over.postmaster !== undefined && over.postmaster === ways.settings?.pid;
  const identityFrom = (ordinary: ServerSeen | undefined): AdminIdentity =>
    compareAdmin({
      upstream: reached,
      admin: {
        ...over.catalogue.server,
        reached: { address: over.address, port: over.port, own: over.ownAddress },
        port: integerOf(over.catalogue.settings, 'port'),
        listensOn: (address) => isListening(over, address),
      },
      seesSession: over.seesReplication,
      ordinary,
      expected,
      isExamined,
      isCopy: surroundings.subject.command !== 'postmortem',
    });
  const first = identityFrom(undefined);
  const answered = reached.reached === 'session' || reached.reached === 'answered';
  const none: LookBySql = { seen: false, why: notTheUpstream(first, over, reached) };
  const ordinary =
    first.is === 'the-upstream' || !answered ? none : await lookWithTheSameCredentials(ways, surroundings, none);
  const identity = ordinary.seen ? identityFrom(ordinary.catalogue.server) : first;
  const why = notTheUpstream(identity, over, reached);
  const otherwise: LookBySql = ordinary.seen ? ofTheSameCluster(ordinary, session?.systemIdentifier, none) : none;
  const found: LookBySql = identity.is === 'the-upstream' ? over : otherwise.seen ? otherwise : { seen: false, why };
  const upstream: LookBySql = foreign === undefined ? found : { seen: false, why: foreign.why };
  return {
    upstream,
    foreign,
    cluster: upstream.seen || session !== undefined || !isPrimaryOf(over, expected) ? upstream : over,
    admin: {
      status: 'seen',
      value: serverOf(over, identity, identity.is === 'the-upstream' ? identity.proof : why.because),
      source: 'the --admin login',
    },
  };
}

function isListening({ catalogue: { settings } }: Seen, address: string): boolean {
  if (!/^[/@]/u.test(address)) return listensOn(textOf(settings, 'listen_addresses') ?? '', address);
  const directories = textOf(settings, 'unix_socket_directories') ?? '';
  return directories.split(/,\s*/u).includes(posix.dirname(address));
}

const anotherCluster = ({ attempt, systemIdentifier }: ReplicationSession, expected: SystemIdentifier): Unseen => ({
  kind: 'connection',
  because: `the replication connection leads to another cluster, ${placeOf(attempt)} (system identifier ${systemIdentifier}), than that of the data directory (${expected})`,
});

const isPrimaryOf = ({ catalogue: { server } }: Seen, expected: SystemIdentifier | undefined): boolean =>
  !server.inRecovery && server.systemIdentifier === expected;

function serverOf(over: Seen, identity: AdminIdentity, because: string): AdminServer {
  const { catalogue, host, address, port, ownAddress, postmaster } = over;
  const { systemIdentifier, inRecovery, timeline, startedAt } = catalogue.server;
  return {
    identity,
    because,
    systemIdentifier,
    inRecovery,
    timeline,
    startedAt,
    host,
    address,
    port,
    ownAddress,
    postmaster,
    settings: catalogue.settings,
    hbaRules: hbaRulesOf(catalogue, new Map()),
    replicationRoles: catalogue.replicationRoles,
    slots: catalogue.slots.map(({ name }) => name),
  };
}

/** An ordinary session may come to another server behind the same name. */
function ofTheSameCluster(
  bySql: LookBySql,
  systemIdentifier: SystemIdentifier | undefined,
  otherwise: LookBySql,
): LookBySql {
  if (!bySql.seen || systemIdentifier === undefined) return bySql;
  return bySql.catalogue.server.systemIdentifier === systemIdentifier ? bySql : otherwise;
}

async function upstreamReached(
  login: Observed<ReplicationLogin>,
  upstream: Upstream | undefined,
  host: Host,
): Promise<UpstreamReached> {
  if (login.status === 'not-applicable') return { reached: 'not-named' };
  if (login.status === 'unseen') return planned(upstream, host);
  const endpoint = (at: { readonly address: string | undefined; readonly port: number }): Endpoint => ({
    address: at.address,
    port: at.port,
    own: isOwnAddress(at, host),
  });
  const stage = stageOf(login.value);
  if (stage.stage === 'accepted') {
    const { session, attempt } = stage;
    const { systemIdentifier } = session;
    return { reached: 'session', at: endpoint(attempt), systemIdentifier, inRecovery: hotStandby(session) };
  }
  const { outcome } = stage.attempt;
  const isSilent =
    ['not-resolved', 'no-socket', 'refused', 'unreachable'].includes(outcome.kind) ||
    (outcome.kind === 'timed-out' && outcome.phase === 'connect');
  return isSilent
    ? { reached: 'nothing', tried: login.value.attempts.map(endpoint) }
    : { reached: 'answered', at: endpoint(stage.attempt) };
}

/** How the login ended was not to be seen: where it would go to is known all the same. */
async function planned(upstream: Upstream | undefined, machine: Host): Promise<UpstreamReached> {
  if (upstream === undefined) return { reached: 'not-named' };
  const [first] = upstream.connection.plan.hosts;
  if (first === undefined) return { reached: 'not-named' };
  const { host, hostaddr, port, isSocket } = first;
  const name = hostaddr ?? (isSocket ? `${host}/.s.PGSQL.${port}` : host);
  const found = isSocket || hostaddr !== undefined ? undefined : await machine.addressesOf(name);
  const address = found?.ok === true ? (found.value[0] ?? name) : name;
  return { reached: 'answered', at: { address, port, own: isOwnAddress({ address }, machine) } };
}

/** Why nothing that --admin shows counts as the upstream's. */
function notTheUpstream(identity: AdminIdentity, over: Seen, reached: UpstreamReached): Unseen {
  const place = placeOf({ address: over.address, port: over.port });
  const at = reached.reached === 'session' || reached.reached === 'answered' ? reached.at : undefined;
  const there = at === undefined ? 'the upstream' : placeOf(at);
  const { systemIdentifier, inRecovery } = over.catalogue.server;
  const remedy = `let --admin name the server that the replication connection leads to${at === undefined ? '' : ` (${there})`}`;
  const because = (): string => {
    switch (identity.is) {
      case 'the-upstream':
        return identity.proof;
      case 'another-cluster': {
        const other = reached.reached === 'session' ? ` (system identifier ${reached.systemIdentifier})` : '';
        return `--admin leads to another cluster, ${place} (system identifier ${systemIdentifier}), than the replication connection, ${there}${other}`;
      }
      case 'another-server': {
        const which = identity.which === 'the standby itself' ? 'the examined standby itself' : identity.which;
        return `--admin leads to another server of the cluster, ${place} (${which}), than the replication connection, ${there}`;
      }
      case 'unknown':
        return `nothing proves that --admin, which leads to ${place} (${inRecovery ? 'a standby' : 'a primary'}), is the server that the replication connection leads to, ${there}`;
    }
  };
  return { kind: 'connection', because: because(), remedy };
}

const placeOf = ({ address = '', port }: { readonly address?: string | undefined; readonly port: number }): string =>
  /^[/@]/u.test(address)
    ? `the socket ${address}`
    : address.includes(':')
      ? `[${address}]:${port}`
      : `${address}:${port}`;
