import type { Surroundings } from '../../checks/check.ts';
import { movedOn } from '../../checks/moved-on.ts';
import { checks } from '../../checks/registry.ts';
import type { BaseBackupSubject } from '../../checks/subject.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Examination } from '../../diagnosis/examination.ts';
import { needsAdmin } from '../../diagnosis/verdict.ts';
import type { GivenConnection } from '../../facts/connection.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Host } from '../../hosts/host.ts';
import { localHost } from '../../hosts/local.ts';
import { placeIn } from '../../hosts/place.ts';
import type { WrittenPlace } from '../../hosts/place.ts';
import type { Secret } from '../../postgres/secret.ts';
import type { AnyRule } from '../../rules/rule.ts';
import type { ResolvedConnection } from '../../servers/connection.ts';
import { resolveConnection } from '../../servers/resolve-connection.ts';
import type { BaseBackupCall } from '../options/base-backup-options.ts';
import { didYouMean } from '../options/did-you-mean.ts';
import { askForPassword, canAsk } from '../terminal/password-prompt.ts';
import type { SessionLimits } from '../options/own-options.ts';
import { unlessInterrupted } from './unless-interrupted.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';

/**
 * Resolves the connections as libpq does, asks for a password where pg_basebackup would, and looks and judges. Ends at
 * once, with the signal's reason thrown, when the user interrupts. Throws a {@link UsageError} for a call that nobody
 * could follow.
 */
export async function examine(
  command: 'preflight' | 'clone',
  call: BaseBackupCall,
  signal: AbortSignal,
  host: Host = localHost(call.own),
): Promise<Examination> {
  refuseWindows(host);
  await checkRuleIds(call.own.acceptUnexamined, call.ownRules);
  const rules = rulesRead('preflight', call.ownRules);
  const password = call.command.forcePassword ? await askForPassword('-W', signal) : undefined;
  const admin = await sessionConnection(host, 'admin', call.own.admin, { ...call.own, signal });
  const first = await examineWith(password);
  return asksForPassword(first, call) ? examineWith(await askForPassword('the server', signal)) : first;

  async function examineWith(typed: Secret | undefined): Promise<Examination> {
    const connection = await replicationConnection(host, call, typed);
    const subject: BaseBackupSubject = { command, baseBackup: call.command, connection, admin };
    const surroundings: Surroundings = {
      subject,
      host,
      timeoutMs: call.own.timeoutMs,
      signal,
      policy: call.policy,
      now: () => host.now(),
    };
    const diagnosis = diagnose(rules, checks, surroundings, {
      version,
      acceptUnexamined: call.own.acceptUnexamined,
      movedOn,
    });
    return {
      ...(await unlessInterrupted(diagnosis, signal)),
      subject,
      host,
      surroundings,
      again: async (other) => examineWith(other ?? typed),
    };
  }
}

/** The same, as another way to the same machine has it: what was found out stays, and connections are made from there. */
export async function examinedFrom(host: Host, call: BaseBackupCall, before: Examination): Promise<Examination> {
  const known = before.subject.connection;
  const [first] = known.plan.hosts;
  const connection = await replicationConnection(host, call, first && known.passwordFor(first));
  const { signal } = before.surroundings;
  const admin = await sessionConnection(host, 'admin', call.own.admin, { ...call.own, signal });
  const subject: BaseBackupSubject = { ...before.subject, connection, admin };
  return { ...before, subject, host, surroundings: { ...before.surroundings, subject, host } };
}

/** The server wants a password, there is none, and pg_basebackup would ask on the terminal. */
function asksForPassword({ facts }: Examination, { command }: BaseBackupCall): boolean {
  if (command.noPassword || command.forcePassword || !canAsk()) return false;
  const login = facts.replicationLogin && ifSeen(facts.replicationLogin);
  if (login === undefined || login.outcome.accepted) return false;
  const { outcome } = login.outcome.decisive;
  return outcome.kind === 'client-stopped' && outcome.why === 'no-password';
}

async function replicationConnection(
  host: Host,
  call: BaseBackupCall,
  password: Secret | undefined,
): Promise<ResolvedConnection> {
  const given = { ...call.command.connection, conninfo: call.connectionString?.reveal() };
  const options = password === undefined ? { replication: true } : { replication: true, password };
  return resolved(await resolveConnection(host, given, options), '');
}

/** Its paths, accounts and processes are others than those that are looked for: what came of it could only mislead. */
export function refuseWindows({ platform }: Pick<Host, 'platform'>): void {
  if (platform === 'win32')
    throw new UsageError(
      'The files and processes of Windows are not looked at.',
      'Run it on the machine of the standby, or of the copy. explain, analyze, report and rules work here.',
    );
}

/** An ordinary session, of which an option of ours gives the connection string, or the place. Throws a {@link UsageError}. */
export async function sessionConnection(
  host: Host,
  option: 'admin' | 'standby',
  conninfo: string | undefined,
  limits: SessionLimits,
  /** One at a place that is on its way already. */
  begun?: Promise<ResolvedConnection | undefined>,
): Promise<ResolvedConnection | undefined> {
  if (conninfo === undefined) return undefined;
  const place = placeOfSession(conninfo);
  if (place !== undefined) {
    const session = await (begun ?? sessionThere(place, option, limits));
    // a server that does not run is a finding: it is looked for by the name that its container has
    return session ?? sessionConnection(host, option, `host=${place.name.replace(/^.*\//u, '')} user=postgres`, limits);
  }
  const given: GivenConnection = { conninfo, host: undefined, port: undefined, user: undefined };
  if (host.place === undefined)
    return resolved(await resolveConnection(host, given, { replication: false }), `--${option}: `);
  const { diallingHost } = await import('./places.ts');
  const here = diallingHost(host);
  return { ...resolved(await resolveConnection(here, given, { replication: false }), `--${option}: `), from: here };
}

async function sessionThere(place: WrittenPlace, option: string, limits: SessionLimits) {
  const { sessionAt } = await import('./session-at.ts');
  return sessionAt(place, `--${option}`, limits);
}

/** What holds an equals sign or is a URI is a connection string, whatever it begins with. */
export const placeOfSession = (written: string): WrittenPlace | undefined =>
  /=|:\/\//u.test(written) ? undefined : placeIn(written);

function resolved(resolution: Awaited<ReturnType<typeof resolveConnection>>, where: string): ResolvedConnection {
  if (resolution.ok) return resolution.connection;
  throw new UsageError(`${where}${resolution.message}`, resolution.hint);
}

/** The rules of a command with those of the configuration: the same list each time, read when they are first asked for. */
export function rulesRead(
  command: 'preflight' | 'postmortem',
  own: readonly AnyRule[] = [],
): () => Promise<readonly AnyRule[]> {
  let all: readonly AnyRule[] | undefined;
  return async () => {
    const { rulesOfCopies, rulesOfStandbys } = await import('../../rules/catalogue.ts');
    all ??= [...(command === 'preflight' ? rulesOfCopies : rulesOfStandbys), ...own];
    return all;
  };
}

/** --accept-unexamined: throws a {@link UsageError} for a word that is neither a rule nor `needs-admin`. */
export async function checkRuleIds(ids: readonly string[], own: readonly AnyRule[] = []): Promise<void> {
  if (ids.length === 0) return;
  const { catalogue } = await import('../../rules/catalogue.ts');
  const known: readonly string[] = [needsAdmin, ...[...catalogue, ...own].map((rule) => rule.id)];
  const id = ids.find((one) => !known.includes(one));
  if (id === undefined) return;
  throw new UsageError(
    `--accept-unexamined: rule "${id}" does not exist.`,
    didYouMean(id, known) ?? '"standbylint rules" lists them.',
  );
}
