import type { ReplicationLogin, ReplicationSession } from '../../facts/connection.ts';
import { ifSeen, seen, unseen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type {
  ConfigFileProblem,
  CopySize,
  FileSetting,
  Primary,
  PrimaryPaths,
  ServerClock,
  ServerLibraries,
  Settings,
  Tablespace,
} from '../../facts/primary.ts';
import type { Host } from '../../hosts/host.ts';
import { bytesBetween } from '../../postgres/lsn.ts';
import { formatVersion, parseVersion } from '../../postgres/versions.ts';
import { writtenFiles } from '../../postgres/written-lines.ts';
import { identifier } from '../../postgres/sql-quoting.ts';
import type { Catalogue } from '../../servers/catalogue.ts';
import { textFile } from '../text-file.ts';
import { fromCatalogue, fromPart, whyOf, type LookBySql } from './look-by-sql.ts';
import { settingsFromShow } from './shown-settings.ts';

/** Who the primary is. The replication login counts: it reaches the server that will be copied. */
export function primaryOf(login: Observed<ReplicationLogin>, bySql: LookBySql): Observed<Primary> {
  const session = sessionOf(login);
  const catalogue = bySql.seen ? bySql.catalogue : undefined;
  if (session !== undefined) {
    const { attempt, ownAddress, postmaster, sameMachine, serverVersion, systemIdentifier, timeline, walPosition } =
      session;
    return seen(
      {
        name: ownAddress ? 'primary' : attempt.host,
        address: attempt.address ?? attempt.host,
        port: attempt.port,
        ...versionOf(serverVersion),
        inRecovery: catalogue?.server.inRecovery ?? hotStandby(session),
        systemIdentifier,
        timeline,
        walPosition,
        ownAddress,
        postmaster,
        sameMachine,
        platform: catalogue?.server.platform,
        wordSize: catalogue?.server.wordSize,
        checkpointFullPageWrites: catalogue?.server.checkpointFullPageWrites,
        loadedAt: catalogue?.server.configurationLoadedAt,
        certificateChanged: catalogue && certificateChanged(catalogue),
      },
      'the replication login',
    );
  }
  if (!bySql.seen) return { status: 'unseen', why: unseenLogin(login) ?? bySql.why };
  const { server } = bySql.catalogue;
  return seen(
    {
      overAdmin: true,
      name: bySql.ownAddress ? 'primary' : bySql.host,
      address: bySql.address,
      port: bySql.port,
      ...versionOf(server.version),
      inRecovery: server.inRecovery,
      systemIdentifier: server.systemIdentifier,
      timeline: server.timeline,
      walPosition: server.walPosition,
      ownAddress: bySql.ownAddress,
      postmaster: bySql.postmaster,
      sameMachine: bySql.sameMachine,
      platform: server.platform,
      wordSize: server.wordSize,
      checkpointFullPageWrites: server.checkpointFullPageWrites,
      loadedAt: server.configurationLoadedAt,
      certificateChanged: certificateChanged(bySql.catalogue),
    },
    'the --admin login',
  );
}

export function settingsOf(login: Observed<ReplicationLogin>, bySql: LookBySql): Observed<Settings> {
  if (bySql.seen) return seen(withoutOurs(bySql.catalogue), 'pg_settings');
  const session = sessionOf(login);
  if (session === undefined) return { status: 'unseen', why: bySql.why };
  const { major } = versionOf(session.serverVersion);
  return seen(settingsFromShow(session.settings, major), 'SHOW all on the replication connection');
}

/** What our session has of its role or its database hides the value of the files: that one is taken where it is seen. */
function withoutOurs({ settings, fileSettings }: Catalogue): Settings {
  const applied = new Map(
    (fileSettings.seen ? fileSettings.value.rows : []).flatMap(({ name, value, applied: is }) =>
      name === undefined || value === undefined || !is ? [] : [[name.toLowerCase(), value] as const],
    ),
  );
  return new Map(
    [...settings].map(([name, row]) => {
      const written =
        ofASession.has(row.source ?? '') && row.unit === undefined ? applied.get(name.toLowerCase()) : undefined;
      return [name, written === undefined ? row : { ...row, value: written }];
    }),
  );
}

/** guc.c, GucSource_Names. */
const ofASession: ReadonlySet<string> = new Set(['global', 'database', 'user', 'database user', 'client', 'session']);

export const pathsOf = (bySql: LookBySql): Observed<PrimaryPaths> =>
  fromCatalogue(bySql, (catalogue) => {
    const { settings, login, binDirectory } = catalogue;
    const dataDirectory = settings.get('data_directory')?.value;
    const configFile = settings.get('config_file')?.value;
    const hbaFile = settings.get('hba_file')?.value;
    if (dataDirectory === undefined || configFile === undefined || hbaFile === undefined)
      return unseen('permission', 'data_directory: the role may not see this setting', settingsGrant(login.user));
    const bin = binDirectory.seen ? binDirectory.value : undefined;
    return seen({ dataDirectory, configFile, hbaFile, binDirectory: bin }, 'pg_settings');
  });

/**
 * Errors of the configuration files. A setting that only waits for a restart is none, although pg_file_settings shows it
 * with the same words as one whose value the server refuses (guc.c, ProcessConfigFileInternal); one that was taken out of the
 * files has a row without a file and a name, and its name is in the words.
 */
export const configFileProblemsOf = (bySql: LookBySql): Observed<readonly ConfigFileProblem[]> =>
  fromCatalogue(bySql, ({ fileSettings }) =>
    fromPart(fileSettings, 'pg_file_settings', ({ rows, pendingRestart }) =>
      rows.flatMap(({ file, line, name, error }) =>
        error === undefined || pendingRestart.some((one) => one === name || (file === '' && isNamedIn(error, one)))
          ? []
          : [{ file, line: line === 0 ? undefined : line, name, error }],
      ),
    ),
  );

/** In quotes of any language. */
const isNamedIn = (message: string, setting: string): boolean => message.split(/[^\w.]+/u).includes(setting);

/** With the files that they are in, where those are on this machine. */
export async function asWritten(
  problems: Observed<readonly ConfigFileProblem[]>,
  host: Host | undefined,
): Promise<typeof problems> {
  if (problems.status !== 'seen' || host === undefined) return problems;
  const files = [...new Set(problems.value.map(({ file }) => file))].filter((file) => file !== '');
  const texts = await Promise.all(files.map(async (file) => [file, await textFile(host, file)] as const));
  const read = new Map(texts.flatMap(([file, text]) => (text.ok ? [[file, text.value] as const] : [])));
  const written = writtenFiles(read);
  return {
    ...problems,
    value: problems.value.map((problem) => {
      const lines = written.get(problem.file);
      return lines === undefined ? problem : { ...problem, written: lines };
    }),
  };
}

export const fileSettingsOf = (bySql: LookBySql): Observed<readonly FileSetting[]> =>
  fromCatalogue(bySql, ({ fileSettings }) =>
    fromPart(fileSettings, 'pg_file_settings', ({ rows }) =>
      rows.flatMap(({ file, line, name, value, applied }) =>
        name === undefined ? [] : [{ name, value, file, line, applied }],
      ),
    ),
  );

export const tablespacesOf = (bySql: LookBySql): Observed<readonly Tablespace[]> =>
  fromCatalogue(bySql, (catalogue) => seen(withSizes(catalogue), 'pg_tablespace'));

export const copySizeOf = (bySql: LookBySql): Observed<CopySize> =>
  fromCatalogue(bySql, (catalogue) => {
    const { sizes, server, login } = catalogue;
    if (!sizes.seen) return { status: 'unseen', why: whyOf(sizes) };
    const tablespaces = withSizes(catalogue);
    const inDataDirectory = tablespaces.filter(({ location }) => location === '');
    const main = tablespaces.find(({ name }) => name === 'pg_default');
    if (main?.bytes === undefined) {
      const grant = `GRANT pg_read_all_stats TO ${identifier(login.user)};`;
      return unseen('permission', 'pg_tablespace_size: permission denied for tablespace pg_default', grant);
    }
    const own = tablespaces.filter(({ location }) => location !== '');
    const seconds = (sizes.value.clock.getTime() - server.clock.getTime()) / 1000;
    const { walPosition } = sizes.value;
    // positions that lie closer together say nothing about a rate
    const measured = seconds >= 0.2 && walPosition !== undefined && server.walPosition !== undefined;
    return seen(
      {
        dataBytes: inDataDirectory.reduce((sum, { bytes }) => sum + (bytes ?? 0n), 0n),
        walBytes: sizes.value.walBytes,
        tablespaces: own,
        walBytesPerSecond:
          measured && server.walPosition !== undefined && walPosition !== undefined
            ? Number(bytesBetween(server.walPosition, walPosition)) / seconds
            : undefined,
      },
      'pg_tablespace_size()',
    );
  });

export const librariesOf = (bySql: LookBySql): Observed<ServerLibraries> =>
  fromCatalogue(bySql, ({ settings, libraries, login }) => {
    const preload = settings.get('shared_preload_libraries')?.value;
    if (preload === undefined)
      return unseen(
        'permission',
        'shared_preload_libraries: the role may not see this setting',
        settingsGrant(login.user),
      );
    return seen(
      { preload: namesIn(preload), extensions: libraries, database: login.database },
      'pg_settings and pg_proc',
    );
  });

export const clockOf = (bySql: LookBySql): Observed<ServerClock> =>
  fromCatalogue(bySql, ({ server, askedAt: { before, after } }) =>
    seen(
      { offsetMs: server.clock.getTime() - (before + after) / 2, uncertaintyMs: (after - before) / 2 },
      'clock_timestamp()',
    ),
  );

export function sessionOf(login: Observed<ReplicationLogin>): ReplicationSession | undefined {
  const outcome = ifSeen(login)?.outcome;
  return outcome?.accepted === true ? outcome.session : undefined;
}

function unseenLogin(login: Observed<ReplicationLogin>) {
  return login.status === 'unseen' ? login.why : undefined;
}

const settingsGrant = (user: string): string => `GRANT pg_read_all_settings TO ${identifier(user)};`;

function versionOf(text: string): { readonly version: string; readonly major: number } {
  const parsed = parseVersion(text);
  return parsed === undefined
    ? { version: text, major: Number.parseInt(text, 10) }
    : { version: formatVersion(parsed), major: parsed.major };
}

/** in_hot_standby came with 14; before that a transaction in recovery is read-only whatever its default (xact.c, StartTransaction). */
export function hotStandby({ settings }: Pick<ReplicationSession, 'settings'>): boolean | undefined {
  const readOnly =
    settings.get('default_transaction_read_only') === 'off' ? settings.get('transaction_read_only') : undefined;
  const shown = settings.get('in_hot_standby') ?? readOnly;
  return shown === undefined ? undefined : shown === 'on';
}

const withSizes = ({ tablespaces, sizes }: Catalogue): readonly Tablespace[] =>
  tablespaces.map(({ oid, name, location }) => ({
    oid: Number(oid),
    name,
    location,
    bytes: sizes.seen ? sizes.value.tablespaces.get(oid) : undefined,
  }));

/** varlena.c, SplitDirectoriesString: names between commas, double quotes around one that needs them. */
const namesIn = (list: string): readonly string[] =>
  [...list.matchAll(/"((?:[^"]|"")*)"|[^,\s"]+/g)].map(([whole, quoted]) => quoted?.replaceAll('""', '"') ?? whole);

/** Later than the server read it: it still shows the one before. */
function certificateChanged({ certificateAt, server }: Catalogue): boolean | undefined {
  if (!certificateAt.seen || certificateAt.value === undefined) return undefined;
  return certificateAt.value.getTime() > server.configurationLoadedAt.getTime();
}
