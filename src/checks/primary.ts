import { derive, ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { NotApplicable, Observed } from '../facts/observed.ts';
import type { AdminLogin, Database } from '../facts/primary.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import { defineCheck } from './check.ts';
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
import { fromCatalogue, fromPart, insideOf, type Inside } from './primary/look-by-sql.ts';
import { primaryWalOf } from './primary/kept-wal.ts';
import { replicationRoleOf } from './primary/role.ts';

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
function adminLoginOf(over: Inside, spokenOf: Inside, admin: ResolvedConnection | undefined): Observed<AdminLogin> {
  const inside: Inside = over === spokenOf || !over.seen ? over : spokenOf.seen ? elsewhere : spokenOf;
  return fromCatalogue(inside, ({ login: { user, superuser, monitor, database } }) =>
    seen({ user, superuser, monitor, ...endpointOf(inside, admin, database) }, 'the --admin login'),
  );
}

const elsewhere: Inside = {
  seen: false,
  why: { kind: 'connection', because: '--admin leads to another server than the replication connection' },
};

function endpointOf(
  inside: Inside,
  admin: ResolvedConnection | undefined,
  database: string,
): Pick<AdminLogin, 'endpoint'> {
  if (!inside.seen || admin === undefined) return {};
  const { host, port } = inside;
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
  async look({ replicationLogin, overAdmin, upstream, standbySettings }, surroundings) {
    const over = insideOf(overAdmin);
    if (upstream.status === 'not-applicable' && !over.seen && over.why.kind === 'not-asked') return nothingOf(upstream);
    const {
      upstream: inside,
      cluster,
      admin,
      foreign,
    } = await lookInside(
      over,
      replicationLogin,
      { upstream: ifSeen(upstream), settings: ifSeen(standbySettings) },
      surroundings,
    );
    const postmaster = sessionOf(replicationLogin)?.postmaster ?? (inside.seen ? inside.postmaster : undefined);
    const local =
      inside.seen && postmaster !== undefined
        ? await findLocally(inside.catalogue, postmaster, surroundings.host)
        : undefined;
    const itsHost = local && (await ownersHost(surroundings.host, local.dataDirectory.path));
    const localFiles =
      inside.seen && itsHost !== undefined ? await localHbaFiles(inside.catalogue, itsHost) : new Map();
    const facts = {
      adminLogin: adminLoginOf(over, inside === over ? inside : cluster, surroundings.subject.admin),
      adminRefusal:
        over.seen || over.refusal === undefined
          ? notApplicable('no server has refused the --admin login')
          : seen(over.refusal, 'the --admin login'),
      adminServer: admin,
      primary: primaryOf(replicationLogin, cluster),
      primarySettings: foreign ?? settingsOf(replicationLogin, inside),
      primaryPaths: pathsOf(inside),
      primaryControl: seen(
        inside.seen ? controlOf(inside.catalogue, local) : { kind: 'unknown' as const },
        local?.pid === undefined ? 'pg_settings' : `process ${local.pid}`,
      ),
      primaryDataDirectory: dataDirectory(inside, postmaster, local?.dataDirectory),
      replicationRole: derive(upstream, ({ connection }) =>
        replicationRoleOf(connection.plan.user, inside, replicationLogin),
      ),
      hbaRules: fromCatalogue(inside, (catalogue) => hbaRulesOf(catalogue, localFiles)),
      configFileProblems: await asWritten(configFileProblemsOf(inside), itsHost),
      fileSettings: fileSettingsOf(inside),
      slots: fromCatalogue(inside, ({ slots }) => seen(slots, 'pg_replication_slots')),
      // whom the primary of the cluster lists tells of a standby that reaches no server, too
      walSenders: fromCatalogue(cluster, ({ senders }) => seen(senders, 'pg_stat_replication')),
      tablespaces: tablespacesOf(inside),
      databases: fromCatalogue<readonly Database[]>(inside, ({ databases }) =>
        seen(
          databases.map((database) => ({ ...database, bytes: undefined })),
          'pg_database',
        ),
      ),
      copySize: copySizeOf(inside),
      archiver: fromCatalogue(inside, ({ archiver }) => seen(archiver, 'pg_stat_archiver')),
      serverLibraries: librariesOf(inside),
      serverClock: clockOf(inside),
      primaryWal: foreign ?? primaryWalOf(replicationLogin, cluster),
      primaryActivity: fromCatalogue(inside, ({ activity }) =>
        activity === undefined
          ? notApplicable('no standby exists yet')
          : fromPart(activity, 'pg_stat_activity', (value) => value),
      ),
    };
    return surroundings.subject.admin === undefined ? forLackOfAdmin(facts) : facts;
  },
});

/** What the replication role may not see, a connection given with --admin could. */
function forLackOfAdmin<T extends Readonly<Record<string, Observed<unknown>>>>(facts: T): T {
  const marked: Record<string, Observed<unknown>> = { ...facts };
  for (const [name, fact] of Object.entries(marked))
    if (fact.status === 'unseen' && fact.why.kind === 'permission')
      marked[name] = { ...fact, why: { ...fact.why, needsAdmin: true } };
  return { ...facts, ...marked };
}

function dataDirectory(
  inside: Inside,
  postmaster: number | undefined,
  found: { readonly path: string; readonly device: number; readonly inode: number } | undefined,
): Observed<{ readonly path: string; readonly device: number; readonly inode: number }> {
  if (found !== undefined) return seen(found, 'postmaster.pid and stat(2)');
  if (!inside.seen) return { status: 'unseen', why: inside.why };
  return postmaster === undefined
    ? unseen('unreadable', 'the primary is not seen among the servers that run on this machine')
    : unseen('unreadable', "the primary's data directory cannot be recognised on this machine by this user");
}
