import { posix } from 'node:path';

import { seen, notApplicable, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { RefusedParameter } from '../facts/standby-configuration.ts';
import type { Host } from '../hosts/host.ts';
import { hostOfUser } from '../hosts/host-of-user.ts';
import { shownValue } from '../postgres/conninfo-mask.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import type { Conninfo } from '../postgres/conninfo.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import { resolveWalReceiver } from '../servers/resolve-connection.ts';
import type { Refused, Resolution } from '../servers/resolve-connection.ts';
import { defineCheck } from './check.ts';
import { accountOf } from './server-account.ts';
import { environmentOf } from './server-environment.ts';
import type { Upstream, StandbySettings } from './internal-facts.ts';

/**
 * Before a copy: the connection of pg_basebackup. In a post-mortem: what the standby's own primary_conninfo makes of it,
 * with the home, the password file and the environment of the user that its server runs as. What stands in the
 * environment of whoever runs this program does not count there.
 */
export const upstreamCheck = defineCheck({
  brings: ['upstream', 'refusedParameter'],
  after: ['standbySettings'],
  asksServer: true,
  async look({ standbySettings }, { subject, host }) {
    if (subject.command === 'postmortem')
      return standbySettings.status === 'seen'
        ? walReceiverOf(standbySettings.value, host)
        : { upstream: standbySettings, refusedParameter: standbySettings };
    const { connection, baseBackup } = subject;
    const upstream: Upstream = {
      connection,
      host,
      slot: baseBackup.slot,
      second: baseBackup.walMethod === 'stream',
      from: "the command line, the environment and libpq's files",
      hiddenFrom: undefined,
    };
    return { upstream: seen(upstream, 'the command line'), refusedParameter: nothingRefused };
  },
});

interface Found {
  readonly upstream: Observed<Upstream>;
  readonly refusedParameter: Observed<RefusedParameter>;
}

const nothingRefused = notApplicable('libpq takes every parameter');

async function walReceiverOf(settings: StandbySettings, host: Host): Promise<Found> {
  const asked = await connectionOf(settings, host);
  if (!('problem' in asked)) return { upstream: asked, refusedParameter: nothingRefused };
  const { problem } = asked;
  const upstream = unseen('unreadable', `primary_conninfo names no connection: ${problem.message}`);
  if (problem.refused === undefined) return { upstream, refusedParameter: nothingRefused };
  return { upstream, refusedParameter: seen(refusedAs(problem.refused, asked.newerAccepts), 'primary_conninfo') };
}

/** As a report may show it. */
function refusedAs({ value, source, ...refused }: Refused, newerAccepts: boolean): RefusedParameter {
  return {
    keyword: refused.keyword,
    value: value === undefined ? undefined : shownValue(value),
    message: refused.message,
    instead: refused.instead,
    accepted: refused.accepted,
    beside: refused.beside,
    newerAccepts,
    variable: source.kind === 'environment' ? source.variable : undefined,
    service: source.kind === 'service' ? { file: source.path, line: source.line } : undefined,
  };
}

type Asked =
  | Observed<Upstream>
  | { readonly problem: Extract<Resolution, { readonly ok: false }>; readonly newerAccepts: boolean };

async function connectionOf(settings: StandbySettings, host: Host): Promise<Asked> {
  const { configuration, configFile, dataDirectory, pid } = settings;
  const unread = configuration.faults.find(
    (fault) => fault.kind === 'not-read' && fault.path === configFile && fault.problem.status === 'unreadable',
  );
  const conninfo = configuration.settings.get('primary_conninfo');
  if (conninfo === undefined && unread !== undefined)
    return unseen('permission', `${configFile} cannot be read`, 'run this as root or as the user of the server');
  if (conninfo === undefined || conninfo.value === '') return notApplicable('primary_conninfo is not set');
  const parsed = parseConninfo(conninfo.value);
  if (!parsed.ok) return unseen('unreadable', `primary_conninfo names no connection: ${parsed.problem.message}`);

  const status = await host.status(dataDirectory, { followLinks: true });
  if (!status.ok) return unseen('unreadable', `${dataDirectory}: ${status.problem.message}`);
  const account = await accountOf(host, status.value.uid, status.value.gid);
  const server = hostOfUser(host, account, await environmentOf(host, pid, account));
  const whole = withWholePaths(parsed.value, dataDirectory);
  const resolution = await resolveWalReceiver(server, whole, await majorOf(host, dataDirectory));
  if (!resolution.ok) return { problem: resolution, newerAccepts: (await resolveWalReceiver(server, whole)).ok };

  const { source } = conninfo;
  const from = source.kind === 'file' ? `primary_conninfo (line ${source.line} of ${source.file})` : 'primary_conninfo';
  const canActAs = host.account.uid === 0 || host.account.uid === account.uid;
  const { connection } = resolution;
  return seen(
    {
      connection: canActAs ? told(connection) : told(withHiddenPassfile(connection, account.name)),
      host: server,
      slot: configuration.settings.get('primary_slot_name')?.value || undefined,
      second: false,
      from,
      hiddenFrom: canActAs ? undefined : { user: account.name },
    },
    from,
  );
}

/** The release of the server, and so of its libpq. */
async function majorOf(host: Host, dataDirectory: string): Promise<number | undefined> {
  const read = await host.read(`${dataDirectory}/PG_VERSION`, { maxBytes: 16 });
  const major = read.ok ? Number(new TextDecoder().decode(read.value.bytes).trim()) : Number.NaN;
  return Number.isSafeInteger(major) && major > 0 ? major : undefined;
}

/** A server works in its data directory (miscinit.c, ChangeToDataDir): relative paths begin there. */
function withWholePaths(conninfo: Conninfo, dataDirectory: string): Conninfo {
  const { values } = conninfo;
  const relative = (['passfile', 'sslrootcert', 'sslcert', 'sslkey', 'sslcrl', 'sslcrldir'] as const).flatMap(
    (keyword) => {
      const path = values[keyword] ?? '';
      const isName = path === '' || (keyword === 'sslrootcert' && path === 'system');
      return isName || posix.isAbsolute(path) ? [] : [[keyword, posix.join(dataDirectory, path)]];
    },
  );
  return relative.length === 0 ? conninfo : { ...conninfo, values: { ...values, ...Object.fromEntries(relative) } };
}

/** A file that this process may not read is no fault of the server's, which may. */
function withHiddenPassfile(connection: ResolvedConnection, user: string): ResolvedConnection {
  const { password } = connection.plan;
  const { state, path } = password.passfile;
  if (state.kind !== 'ignored' || state.why !== 'unreadable') return connection;
  const because = `${path} can be read only by ${user}, who runs the server`;
  const passfile = { ...password.passfile, state: { kind: 'not-seen' as const, because } };
  return { ...connection, plan: { ...connection.plan, password: { ...password, passfile } } };
}

/** Values come from primary_conninfo, and not from a connection string that somebody gave. */
function told(connection: ResolvedConnection): ResolvedConnection {
  const written = Object.entries(connection.parameters.sources).filter(([, { kind }]) => kind === 'conninfo');
  const sources = {
    ...connection.plan.sources,
    ...Object.fromEntries(written.map(([keyword]) => [keyword, 'primary_conninfo'])),
  };
  const { password } = connection.plan;
  const words = password.from === 'conninfo' ? 'primary_conninfo' : password.words;
  return { ...connection, plan: { ...connection.plan, sources, password: { ...password, words } } };
}
