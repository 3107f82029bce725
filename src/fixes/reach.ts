import { posix } from 'node:path';

import { accountOf } from '../checks/server-account.ts';
import type { Surroundings } from '../checks/check.ts';
import { findSession } from '../checks/running-standby.ts';
import { isDataDirectoryOf, postmasterOf } from '../checks/served-here.ts';
import { environmentOf } from '../checks/server-environment.ts';
import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Side } from '../findings/report.ts';
import type { Host } from '../hosts/host.ts';
import type { UserWithGroups } from '../hosts/host-of-user.ts';
import { localHost } from '../hosts/local.ts';
import { placeText } from '../hosts/place.ts';
import { connect } from '../servers/connect.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import { lateSettings } from '../servers/session-settings.ts';
import type { OpenSession } from '../servers/session.ts';
import type { JournalStep } from './journal.ts';
import type { Ways } from './plan.ts';

/** Whether a step did what it promised, and what it printed, without secrets. */
export interface StepResult {
  readonly ok: boolean;
  readonly output: string;
  /** It failed, and yet it may have happened: the way there broke off while it was taken. */
  readonly unsure?: boolean;
}

export type SqlReach =
  | { readonly open: true; readonly as: string; readonly connect: () => Promise<OpenSession | string> }
  | { readonly open: false; readonly because: string };

export type ShellReach =
  | { readonly open: true; readonly as: string; readonly shell: ShellOn }
  | { readonly open: false; readonly because: string };

/** Whose shell it is, on which machine, and what stands in its environment. */
export interface ShellOn {
  readonly host: Host;
  /** The data directory that it is about. */
  readonly directory: string;
  readonly user: UserWithGroups;
  readonly environment: Readonly<Record<string, string>>;
}

/** What this process can do on each side, and as whom. */
export interface Reach extends Ways {
  readonly sql: (on: Side) => SqlReach;
  readonly shell: (on: Side) => ShellReach;
  readonly here: ShellReach;
}

/**
 * Finds the ways to each side, from what the examination has seen:
 *
 * - SQL on the primary over --admin, where that is a superuser; on a standby over --standby, or over the connection that the
 *   examination itself opened;
 * - a shell here as the user who runs this; in a post-mortem as the owner of the data directory, if we are it or root;
 * - a shell on the primary only where it is proven that the primary runs on this machine: the process that serves its session
 *   is seen here, and the data directory that it names is the one in which its postmaster works. An address, a port and a
 *   system identifier prove nothing: a tunnel has the first two, and every standby the third. Of a standby in a container the
 *   same is asked of `otherHost`, the container of the same engine that has the primary's address.
 *
 * The sessions end by their own time-outs and not with the user's interrupt: what has begun comes to its end.
 */
export async function reachOf(facts: Partial<Facts>, surroundings: Surroundings, otherHost?: Host): Promise<Reach> {
  const patient: Surroundings = { ...surroundings, signal: new AbortController().signal };
  const [primaryShell, ownShell] = await Promise.all([
    otherHost === undefined ? shellOnPrimary(facts, surroundings.host) : shellOnContainer(facts, patient, otherHost),
    surroundings.subject.command === 'postmortem'
      ? shellOnStandby(facts, surroundings.host)
      : Promise.resolve(ownShellOf(surroundings.host, surroundings.subject.baseBackup.directory)),
  ]);
  const primarySql = sqlOnPrimary(facts, patient);
  const standbySql = sqlOnStandby(facts, patient);
  const none = { open: false, because: 'the standby does not exist yet' } as const;
  return {
    sql: (on) => (on === 'primary' ? primarySql : on === 'standby' ? standbySql : none),
    shell: (on) => (on === 'primary' ? primaryShell : ownShell),
    here: ownShellOf(localHost({ timeoutMs: surroundings.timeoutMs })),
  };
}

/** A statement may wait for a lock or write much; longer than this nobody waits. */
const statementMs = 60_000;
const lockMs = 10_000;

/** Beside what every login of ours sets (servers/session-settings.ts). */
const steady = `SET application_name = 'standbylint --fix'; SET default_transaction_read_only = off; SET statement_timeout = ${statementMs}; SET lock_timeout = ${lockMs}; ${lateSettings}`;

function sqlOnPrimary({ adminLogin, adminServer }: Partial<Facts>, surroundings: Surroundings): SqlReach {
  const { admin } = surroundings.subject;
  if (admin === undefined) return closed('SQL on the primary needs --admin');
  const login = valueOf(adminLogin);
  const server = valueOf(adminServer);
  if (server !== undefined && server.identity.is !== 'the-upstream') return closed(server.because);
  if (login === undefined) return closed('--admin did not connect to the primary');
  if (!login.superuser) return closed(`--admin connects as ${login.user}, who is not a superuser`);
  return sqlOver(admin, '--admin', surroundings);
}

/** SQL over a connection that was given. */
export const sqlOver = (
  connection: ResolvedConnection,
  option: '--admin' | '--standby',
  { host, timeoutMs, signal }: Pick<Surroundings, 'host' | 'timeoutMs' | 'signal'>,
): SqlReach => ({
  open: true,
  as: `${connection.plan.user}, over ${option}`,
  connect: async () => {
    const limits = { host, timeoutMs: Math.max(timeoutMs, statementMs), signal };
    const { attempts, session } = await connect(connection, limits);
    return session === undefined
      ? `${option} could not connect (${attempts.at(-1)?.outcome.kind ?? 'there is nothing to connect to'})`
      : made(session);
  },
});

/** SQL on a standby that exists, as the examination itself reached it. */
export function sqlOnStandby(
  { runningStandby, dataDirectory }: Pick<Partial<Facts>, 'runningStandby' | 'dataDirectory'>,
  surroundings: Surroundings,
): SqlReach {
  const { subject } = surroundings;
  if (subject.command !== 'postmortem') return closed('the standby does not exist yet');
  const running = valueOf(runningStandby);
  const directory = valueOf(dataDirectory);
  if (running === undefined) return closed('the server of the standby accepts no connections');
  if (!running.login.superuser)
    return closed(
      `the session on the standby runs as ${running.login.user}, who is not a superuser: use --standby for another one`,
    );
  if (subject.standby !== undefined) return sqlOver(subject.standby, '--standby', surroundings);
  return {
    open: true,
    as: `${running.login.user}, over the socket of the standby`,
    connect: async () => {
      const timeoutMs = Math.max(surroundings.timeoutMs, statementMs);
      const found = await findSession(undefined, directory, { ...surroundings, timeoutMs });
      return 'fact' in found ? 'the server of the standby accepted no connection' : made(found.asked.session);
    },
  };
}

async function made(session: OpenSession): Promise<OpenSession | string> {
  const answer = await session.simpleQuery(steady);
  if (answer.ok) return session;
  await session.close();
  return answer.kind === 'server' ? answer.error.message : answer.message;
}

function ownShellOf(host: Host, directory = '/'): ShellReach {
  const user = { ...host.account, groups: [] };
  const environment = Object.entries(host.environment).flatMap(([name, value]) =>
    value === undefined || secretVariables.has(name) ? [] : [[name, value] as const],
  );
  const shell = { host, directory, user, environment: Object.fromEntries(environment) };
  return usedByAnother(host) ?? { open: true, as: `${user.name}, in a shell ${whereIs(host)}`, shell };
}

const whereIs = ({ place, label }: Host): string =>
  place === undefined ? 'on this machine' : `${place.kind === 'ssh' ? 'on' : 'in'} ${label}`;

/** Two servers on one directory destroy it, and the lock file of one does not keep that of another container away. */
function usedByAnother({ place }: Host): ShellReach | undefined {
  const [other] = place?.kind === 'container' ? (place.sharedWith ?? []) : [];
  return other === undefined
    ? undefined
    : closed(`the container ${other}, which runs, has the same directory among its volumes`);
}

const secretVariables = new Set(['PGPASSWORD', 'PGSSLPASSWORD']);

async function shellOnStandby(facts: Partial<Facts>, host: Host): Promise<ShellReach> {
  const directory = valueOf(facts.dataDirectory);
  const place = valueOf(facts.dataDirectoryPlace);
  const path = directory?.path ?? place?.path;
  if (path === undefined) return closed('the data directory of the standby is not known');
  const used = usedByAnother(host);
  if (used !== undefined) return used;
  return shellOfOwner(host, path, directory?.postmaster?.process === 'running' ? directory.postmaster.pid : undefined);
}

async function shellOnPrimary({ primary, primaryPaths }: Partial<Facts>, host: Host): Promise<ShellReach> {
  const server = valueOf(primary);
  const path = valueOf(primaryPaths)?.dataDirectory;
  if (server === undefined) return closed('a shell on the primary needs --admin, to find its files');
  if (path === undefined) return closed('with a superuser, --admin would show where the files of the primary are');
  if (server.postmaster === undefined)
    return closed(
      server.ownAddress
        ? 'it is not proven that the primary runs on this machine: none of its processes was found'
        : 'the primary runs on another machine, where standbylint cannot run commands',
    );
  const status = await host.status(path, { followLinks: true });
  if (status.ok && !mayActAs(host, status.value.uid))
    return closed(
      `the data directory of the primary, ${path}, is owned by a different user than the one that runs standbylint`,
    );
  const isStandbys = server.inRecovery === false && (await host.status(posix.join(path, 'standby.signal'))).ok;
  if (isStandbys || !(await isDataDirectoryOf(host, path, server.postmaster)))
    return closed(`it is not proven that the primary runs on this machine: ${path} is not its data directory`);
  return shellOfOwner(host, path, server.postmaster);
}

/** The process that serves a session over --admin is one of that container's. */
async function shellOnContainer(
  { primary, primaryPaths }: Partial<Facts>,
  surroundings: Surroundings,
  host: Host,
): Promise<ShellReach> {
  const { admin } = surroundings.subject;
  const path = valueOf(primaryPaths)?.dataDirectory;
  if (admin === undefined || valueOf(primary) === undefined || path === undefined)
    return closed('a shell on the primary needs --admin with a superuser, to find its files');
  const since = host.now();
  const { session } = await connect(admin, surroundings);
  const postmaster = session && (await postmasterOf(session, host, since, admin.from));
  await session?.close();
  return postmaster !== undefined && (await isDataDirectoryOf(host, path, postmaster))
    ? shellOfOwner(host, path, postmaster)
    : closed(`it is not proven that the primary runs ${whereIs(host)}`);
}

async function shellOfOwner(host: Host, directory: string, pid: number | undefined): Promise<ShellReach> {
  const status = await host.status(directory, { followLinks: true });
  if (!status.ok) return closed(`${directory}: ${status.problem.message}`);
  const { uid, gid } = status.value;
  const user = await accountOf(host, uid, gid);
  if (!mayActAs(host, uid))
    return closed(`${directory} is owned by ${user.name}, but standbylint runs as ${host.account.name}`);
  // a server that is restarted keeps the environment that it was started with: its port may stand there
  const environment = { ...plainEnvironment(user), ...(await environmentOf(host, pid, user)) };
  return { open: true, as: `${user.name}, in a shell ${whereIs(host)}`, shell: { host, directory, user, environment } };
}

const mayActAs = (host: Host, uid: number): boolean => host.account.uid === uid || host.account.uid === 0;

const plainEnvironment = ({ name, home }: UserWithGroups): Readonly<Record<string, string>> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: home === '' ? '/' : home,
  USER: name,
  LOGNAME: name,
});

const valueOf = <T>(fact: Observed<T> | undefined): T | undefined => (fact === undefined ? undefined : ifSeen(fact));
const closed = (because: string): { readonly open: false; readonly because: string } => ({ open: false, because });

/** Whose shell a step is taken in, and where, as a journal says it. */
export function doer(way: ShellReach | undefined): Pick<JournalStep, 'user' | 'place'> {
  if (way?.open !== true) return { user: null };
  const { uid, gid, name, home } = way.shell.user;
  const { host, directory } = way.shell;
  return {
    user: { uid, gid, name, home },
    ...(host.place === undefined ? {} : { place: placeText(host.place, directory) }),
  };
}
