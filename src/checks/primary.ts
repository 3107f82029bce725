import { derive, seen, unseen } from '../facts/observed.ts';
import type { NotApplicable, Observed } from '../facts/observed.ts';
import type { AdminLogin, Database } from '../facts/primary.ts';
import type { SystemIdentifier } from '../postgres/lsn.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import { defineCheck } from './check.ts';
import { lookOverAdmin, lookWithTheSameCredentials } from './primary/admin-session.ts';
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
import { fromCatalogue, isInsideOf, type Inside } from './primary/inside.ts';
import { primaryWalOf } from './primary/kept-wal.ts';
import { replicationRoleOf } from './primary/role.ts';
import { upstreamOf } from './upstream.ts';

/** A standby that follows no primary, and nobody named one. */
const nothingOf = (why: NotApplicable) => ({
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
});

/** Logs in over --admin and reads the catalogue there. */
export const adminLogin = defineCheck({
  brings: ['adminLogin'],
  after: [],
  asksServer: true,
  async look(_facts, surroundings) {
    const inside = await lookOverAdmin(surroundings);
    return {
      adminLogin: fromCatalogue(inside, ({ login: { user, superuser, monitor, database } }) =>
        seen(
          { user, superuser, monitor, ...endpointOf(inside, surroundings.subject.admin, database) },
          'the --admin login',
        ),
      ),
    };
  },
});

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
  ],
  after: ['adminLogin', 'replicationLogin'],
  async look({ replicationLogin }, surroundings) {
    const session = sessionOf(replicationLogin);
    const upstream = await upstreamOf(surroundings);
    const over = await lookOverAdmin(surroundings);
    if (upstream.status === 'not-applicable' && !over.seen && over.why.kind === 'not-asked') return nothingOf(upstream);
    const found =
      !over.seen && over.why.kind === 'not-asked' && session !== undefined
        ? await lookWithTheSameCredentials(surroundings, over)
        : over;
    const inside = ofTheSameCluster(found, session?.systemIdentifier);
    const sameMachine = session?.sameMachine ?? (inside.seen && inside.sameMachine);
    const local = inside.seen && sameMachine ? await findLocally(inside.catalogue, surroundings.host) : undefined;
    const localFiles =
      inside.seen && local !== undefined ? await localHbaFiles(inside.catalogue, surroundings.host) : new Map();
    return {
      primary: primaryOf(replicationLogin, inside),
      primarySettings: settingsOf(replicationLogin, inside),
      primaryPaths: pathsOf(inside),
      primaryControl: seen(
        inside.seen ? controlOf(inside.catalogue, local) : { kind: 'unknown' as const },
        local?.pid === undefined ? 'pg_settings' : `process ${local.pid}`,
      ),
      primaryDataDirectory: dataDirectory(inside, sameMachine, local?.dataDirectory),
      replicationRole: derive(upstream, ({ connection }) =>
        replicationRoleOf(connection.plan.user, inside, replicationLogin),
      ),
      hbaRules: fromCatalogue(inside, (catalogue) => hbaRulesOf(catalogue, localFiles)),
      configFileProblems: await asWritten(configFileProblemsOf(inside), local && surroundings.host),
      fileSettings: fileSettingsOf(inside),
      slots: fromCatalogue(inside, ({ slots }) => seen(slots, 'pg_replication_slots')),
      walSenders: fromCatalogue(inside, ({ senders }) => seen(senders, 'pg_stat_replication')),
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
      primaryWal: primaryWalOf(replicationLogin, inside),
    };
  },
});

/** Of a server that is another one than that which will be copied nothing counts. */
function ofTheSameCluster(inside: Inside, systemIdentifier: SystemIdentifier | undefined): Inside {
  if (!inside.seen || systemIdentifier === undefined || isInsideOf(inside, systemIdentifier)) return inside;
  const other = inside.catalogue.server.systemIdentifier;
  const because = `--admin leads to another cluster (system identifier ${other}) than the replication connection (${systemIdentifier})`;
  return {
    seen: false,
    why: {
      kind: 'connection',
      because,
      remedy: 'let --admin name the server that the replication connection leads to',
    },
  };
}

function dataDirectory(
  inside: Inside,
  sameMachine: boolean,
  found: { readonly path: string; readonly device: number; readonly inode: number } | undefined,
): Observed<{ readonly path: string; readonly device: number; readonly inode: number }> {
  if (found !== undefined) return seen(found, 'postmaster.pid and stat(2)');
  if (!inside.seen) return { status: 'unseen', why: inside.why };
  if (!sameMachine) return { status: 'not-applicable', why: 'the primary runs on another machine' };
  return unseen('unreadable', "the primary's data directory cannot be recognised on this machine by this user");
}
