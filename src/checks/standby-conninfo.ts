import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import type { StandbyConninfo } from '../facts/standby-configuration.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import { resolveConnectionParameters } from '../postgres/connection-parameters.ts';
import type { SettingAssignment } from '../postgres/configuration.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import type { Conninfo, ConninfoProblem } from '../postgres/conninfo.ts';
import { maskConninfo, shownValue } from '../postgres/conninfo-mask.ts';
import { newestLibpq } from '../postgres/conninfo-options.ts';
import { nameAsSeen, nameAsSet, nameSent } from '../postgres/name-as-seen.ts';
import { misreadInConninfo } from '../postgres/password-as-written.ts';
import { walReceiverParameters } from '../postgres/replication-parameters.ts';
import { writtenFiles } from '../postgres/written-lines.ts';
import { defineCheck } from './check.ts';

/** primary_conninfo as the standby's own release of libpq reads it, and the assignments that it beats. */
export const standbyConninfoCheck = defineCheck({
  brings: ['standbyConninfo'],
  after: ['dataDirectory', 'standbySettings', 'standbyServerUser', 'upstream', 'refusedParameter'],
  async look({ dataDirectory, standbySettings, standbyServerUser, upstream, refusedParameter }, { host }) {
    if (dataDirectory.status !== 'seen') return { standbyConninfo: dataDirectory };
    const { path, major } = dataDirectory.value;
    const settings = isDataDirectory(dataDirectory.value) ? ifSeen(standbySettings) : undefined;
    if (settings === undefined) return { standbyConninfo: notApplicable(`${path} is not a data directory`) };
    const { settings: inForce, texts } = settings.configuration;
    const conninfo = inForce.get('primary_conninfo');
    const libpqVersion = Math.min(Math.max(major ?? newestLibpq, 13), newestLibpq);
    const user = ifSeen(standbyServerUser);
    const clusterName = inForce.get('cluster_name')?.value ?? '';
    const text = conninfo?.value === '' ? undefined : conninfo?.value;
    const source = conninfo?.source;
    const status = source?.kind === 'file' ? await host.status(source.file, { followLinks: true }) : undefined;
    const value: StandbyConninfo = {
      file: source?.kind === 'file' ? source.file : undefined,
      line: source?.kind === 'file' ? source.line : undefined,
      writtenAt: status?.ok === true ? status.value.modifiedAt : undefined,
      overridden: (conninfo?.overridden ?? []).flatMap((assignment) => beaten(assignment, libpqVersion)),
      passwordMisread: misreadInConninfo(
        source?.kind === 'file' ? lineOf(texts.get(source.file) ?? '', source.line) : '',
      ),
      written: writtenFiles(texts),
      ...read(text, {
        libpqVersion,
        operatingSystemUser: user?.name ?? '',
        home: user?.home,
      }),
    };
    const sent = nameSent(
      ifSeen(upstream)?.connection.parameters.values.application_name ?? value.applicationName,
      clusterName,
      libpqVersion,
    );
    const named = { ...value, refused: ifSeen(refusedParameter), ...asThePrimaryHasIt(sent, libpqVersion) };
    return { standbyConninfo: seen(named, value.file ?? settings.configFile) };
  },
});

/** Who replicates physically is of the same major release. What may be a secret in the wrong place is not shown, and matches no name. */
function asThePrimaryHasIt(sent: string, major: number): Pick<StandbyConninfo, 'reportsAs' | 'comparedAs'> {
  const shown = /pass|pwd|secret/iu.test(sent) ? shownValue(sent) : sent;
  return { reportsAs: nameAsSeen(shown, major), comparedAs: nameAsSet(shown, major) };
}

const lineOf = (text: string, line: number): string => text.split('\n')[line - 1] ?? '';

interface Reader {
  readonly libpqVersion: number;
  readonly operatingSystemUser: string;
  readonly home: string | undefined;
}

type Read = Omit<StandbyConninfo, 'file' | 'line' | 'overridden' | 'written' | 'passwordMisread'>;

function read(text: string | undefined, reader: Reader): Read {
  const nothing = {
    hosts: [],
    user: undefined,
    applicationName: undefined,
    reportsAs: '',
    hasPassword: false,
    passfile: undefined,
    targetSessionAttrs: undefined,
    foreignQuotes: [],
  };
  if (text === undefined) return { text, problem: undefined, ...nothing };
  const masked = maskConninfo(text, reader.libpqVersion);
  const parsed = parseConninfo(text, { libpqVersion: reader.libpqVersion });
  if (!parsed.ok) {
    const problem = told(parsed.problem);
    // packages of one distribution share one libpq, which can be newer than the server
    const newer = problem.knownSince === undefined ? undefined : parseConninfo(text);
    const named = newer?.ok === true ? whatItNames(newer.value, { ...reader, libpqVersion: newestLibpq }) : {};
    return { text: masked, ...nothing, ...named, problem };
  }
  return { text: masked, problem: undefined, ...nothing, ...whatItNames(parsed.value, reader) };
}

function whatItNames(conninfo: Conninfo, { libpqVersion, operatingSystemUser, home }: Reader): Partial<Read> {
  const { values, oddities } = conninfo;
  const resolved = resolveConnectionParameters(walReceiverParameters(conninfo), {
    environment: {},
    serviceFiles: { user: undefined, system: undefined },
    operatingSystemUser,
    home,
    libpqVersion,
  });
  return {
    hosts: resolved.ok
      ? resolved.value.hosts.map(({ host, hostaddr, port }) => ({
          host: shownValue(host === '' ? (hostaddr ?? '') : host),
          port,
        }))
      : [],
    user: given(values.user) ?? (resolved.ok ? resolved.value.user : undefined),
    applicationName: given(values.application_name),
    hasPassword: (values.password?.reveal() ?? '') !== '',
    passfile: given(values.passfile),
    targetSessionAttrs: given(values.target_session_attrs),
    foreignQuotes: oddities.flatMap((oddity) =>
      oddity.kind === 'foreign-quote' ? [{ keyword: oddity.keyword, quote: oddity.quote }] : [],
    ),
  };
}

const given = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : shownValue(value);

function told(problem: ConninfoProblem): NonNullable<StandbyConninfo['problem']> {
  const { kind, message } = problem;
  const name = 'name' in problem ? problem.name : problem.kind === 'unterminated-quote' ? problem.keyword : undefined;
  const unknown = problem.kind === 'unknown-keyword' ? problem : undefined;
  return {
    kind,
    message,
    name,
    suggestion: unknown?.suggestion,
    knownSince: unknown?.known?.since,
    ...(unknown?.others === undefined ? {} : { others: unknown.others }),
  };
}

function beaten({ value, source }: SettingAssignment, libpqVersion: number): StandbyConninfo['overridden'] {
  return source.kind === 'file'
    ? [{ text: maskConninfo(value, libpqVersion), file: source.file, line: source.line }]
    : [];
}
