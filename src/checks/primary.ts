import { derive, ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { NotApplicable, Observed } from '../facts/observed.ts';
import type { ReplicationLogin } from '../facts/connection.ts';
import { stageOf } from '../facts/login.ts';
import type { OtherContainer } from '../facts/machine.ts';
import type { AdminLogin, Database } from '../facts/primary.ts';
import type { Host } from '../hosts/host.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import { defineCheck } from './check.ts';
import { containerAt } from './own-address.ts';
import { ownersHost } from './owners-host.ts';
import { lookInside } from './primary/admin-server.ts';
import { controlOf, findLocally } from './primary/control.ts';
import {
  clockOf,
  asWritten,
  configFileProblemsOf,
  copySizeOf,
  fileSettingsOf,
  librariesOf,
  pathsOf,
  primaryOf,
  sessionOf,
  settingsOf,
  tablespacesOf,
} from './primary/facts.ts';
import { hbaRulesOf, localHbaFiles } from './primary/hba.ts';
import { fromCatalogue, fromPart, finishedLook, type LookBySql } from './primary/look-by-sql.ts';
import { primaryWalOf } from './primary/kept-wal.ts';
import { replicationRoleOf } from './primary/role.ts';
import { primaryStartOf } from './primary/start.ts';

/** A standby that follows no primary, and nobody named one. */
const nothingOf = (why: NotApplicable) => ({
  adminLogin: why,
  adminRefusal: why,
  adminServer: why,
  primary: why,
  primarySettings: why,
  primaryPaths: why,
  primaryControl: why,
  primaryDataDirectory: why,
  primaryStart: why,
  replicationRole: why,
  hbaRules: why,
  configFileProblems: why,
  fileSettings: why,
  slots: why,
  walSenders: why,
  tablespaces: why,
  databases: why,
  copySize: why,
  archiver: why,
  serverLibraries: why,
  serverClock: why,
  primaryWal: why,
  primaryActivity: why,
});

/** The login over --admin where it leads to the server that is spoken of; else unseen, for the same reason as all that it shows. */
function adminLoginOf(
  over: LookBySql,
  spokenOf: LookBySql,
  admin: ResolvedConnection | undefined,
): Observed<AdminLogin> {
  const bySql: LookBySql = over === spokenOf || !over.seen ? over : spokenOf.seen ? elsewhere : spokenOf;
  return fromCatalogue(bySql, ({ login: { user, superuser, monitor, database } }) =>
    seen({ user, superuser, monitor, ...endpointOf(bySql, admin, database) }, 'the --admin login'),
  );
}

const elsewhere: LookBySql = {
  seen: false,
  why: { kind: 'connection', because: '--admin leads to another server than the replication connection' },
};

function endpointOf(
  bySql: LookBySql,
  admin: ResolvedConnection | undefined,
  database: string,
): Pick<AdminLogin, 'endpoint'> {
  if (!bySql.seen || admin === undefined) return {};
  const { host, port } = bySql;
  const password = admin.plan.password.from !== 'none';
  return { endpoint: { host, port, database, password } };
}

/**
 * The primary from inside. Everything comes from one catalogue: that of --admin, or else of an ordinary session with the
 * replication role's own credentials where the server lets it in. What the replication login itself shows is used where
 * there is neither.
 */
export const primary = defineCheck({
  brings: [
    'adminLogin',
    'adminRefusal',
    'adminServer',
    'primary',
    'primarySettings',
    'primaryPaths',
    'primaryControl',
    'primaryDataDirectory',
    'primaryStart',
    'replicationRole',
    'hbaRules',
    'configFileProblems',
    'fileSettings',
    'slots',
    'walSenders',
    'tablespaces',
    'databases',
    'copySize',
    'archiver',
    'serverLibraries',
    'serverClock',
    'primaryWal',
    'primaryActivity',
  ],
  after: ['replicationLogin', 'overAdmin', 'upstream', 'standbySettings'],
  // the same login was one of the same connections, from the same place in the WAL
  async goesBy({ replicationLogin, overAdmin, standbySettings }) {
    const over = finishedLook(overAdmin);
    const isExamined = over.seen && over.postmaster !== undefined && over.postmaster === ifSeen(standbySettings)?.pid;
    return [replicationLogin, overAdmin, isExamined];
  },
  async look({ replicationLogin, overAdmin, upstream, standbySettings }, surroundings) {
    const over = finishedLook(overAdmin);
    if (upstream.status === 'not-applicable' && !over.seen && over.why.kind === 'not-asked') return nothingOf(upstream);
    const {
      upstream: bySql,
      cluster,
      admin,
      foreign,
    } = await lookInside(
      over,
      replicationLogin,
      { upstream: ifSeen(upstream), settings: ifSeen(standbySettings) },
      surroundings,
    );
    const postmaster = sessionOf(replicationLogin)?.postmaster ?? (bySql.seen ? bySql.postmaster : undefined);
    const local =
      postmaster === undefined
        ? undefined
        : await findLocally(bySql.seen ? bySql.catalogue : undefined, postmaster, surroundings.host);
    const itsHost = local && (await ownersHost(surroundings.host, local.dataDirectory.path));
    const localFiles = bySql.seen && itsHost !== undefined ? await localHbaFiles(bySql.catalogue, itsHost) : new Map();
    const facts = {
      adminLogin: adminLoginOf(over, bySql === over ? bySql : cluster, surroundings.subject.admin),
      adminRefusal:
        over.seen || over.refusal === undefined
          ? notApplicable('no server has refused the --admin login')
          : seen(over.refusal, 'the --admin login'),
      adminServer: admin,
      primary: primaryOf(replicationLogin, cluster),
      primarySettings: foreign ?? settingsOf(replicationLogin, bySql),
      primaryPaths: pathsOf(bySql),
      primaryControl: seen(
        controlOf(
          bySql.seen ? bySql.catalogue : undefined,
          local,
          containerOf(replicationLogin, surroundings.host),
          engineOf(surroundings.host),
        ),
        local?.pid === undefined ? 'pg_settings' : `process ${local.pid}`,
      ),
      primaryDataDirectory: dataDirectory(bySql, postmaster, local?.dataDirectory),
      primaryStart: await primaryStartOf(bySql, local && itsHost && { path: local.dataDirectory.path, host: itsHost }),
      replicationRole: derive(upstream, ({ connection }) =>
        replicationRoleOf(connection.plan.user, bySql, replicationLogin),
      ),
      hbaRules: fromCatalogue(bySql, (catalogue) => hbaRulesOf(catalogue, localFiles)),
      configFileProblems: await asWritten(configFileProblemsOf(bySql), itsHost),
      fileSettings: fileSettingsOf(bySql),
      slots: fromCatalogue(bySql, ({ slots }) => seen(slots, 'pg_replication_slots')),
      // whom the primary of the cluster lists tells of a standby that reaches no server, too
      walSenders: fromCatalogue(cluster, ({ senders }) => seen(senders, 'pg_stat_replication')),
      tablespaces: tablespacesOf(bySql),
      databases: fromCatalogue<readonly Database[]>(bySql, ({ databases }) =>
        seen(
          databases.map((database) => ({ ...database, bytes: undefined })),
          'pg_database',
        ),
      ),
      copySize: copySizeOf(bySql),
      archiver: fromCatalogue(bySql, ({ archiver }) => seen(archiver, 'pg_stat_archiver')),
      serverLibraries: librariesOf(bySql),
      serverClock: clockOf(bySql),
      primaryWal: foreign ?? primaryWalOf(replicationLogin, cluster),
      primaryActivity: fromCatalogue(bySql, ({ activity }) =>
        activity === undefined
          ? notApplicable('no standby exists yet')
          : fromPart(activity, 'pg_stat_activity', (value) => value),
      ),
    };
    return surroundings.subject.admin === undefined ? forLackOfAdmin(facts) : facts;
  },
});

/** Where the replication connection leads to a container beside this one. */
function containerOf(login: Observed<ReplicationLogin>, host: Host): OtherContainer | undefined {
  const found = ifSeen(login);
  return found === undefined ? undefined : containerAt(stageOf(found).attempt, host);
}

const engineOf = ({ place }: Host): 'docker' | 'podman' | undefined =>
  place?.kind === 'container' ? place.engine : undefined;

/** What the replication role may not see, a connection given with --admin could. */
function forLackOfAdmin<T extends Readonly<Record<string, Observed<unknown>>>>(facts: T): T {
  const marked: Record<string, Observed<unknown>> = { ...facts };
  for (const [name, fact] of Object.entries(marked))
    if (fact.status === 'unseen' && fact.why.kind === 'permission')
      marked[name] = { ...fact, why: { ...fact.why, needsAdmin: true } };
  return { ...facts, ...marked };
}

function dataDirectory(
  bySql: LookBySql,
  postmaster: number | undefined,
  found: { readonly path: string; readonly device: number; readonly inode: number } | undefined,
): Observed<{ readonly path: string; readonly device: number; readonly inode: number }> {
  if (found !== undefined) return seen(found, 'postmaster.pid and stat(2)');
  if (!bySql.seen) return { status: 'unseen', why: bySql.why };
  return postmaster === undefined
    ? unseen('unreadable', 'the primary is not seen among the servers that run on this machine')
    : unseen('unreadable', "the primary's data directory cannot be recognised on this machine by this user");
}
