import { closedAbove, closedTo } from './closed-files.ts';
import { accountOf } from './server-account.ts';
import { posix } from 'node:path';

import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { StandbyConfiguration } from '../facts/standby-configuration.ts';
import type { ListenAddress, MissingPath, NeededSetting, StartNeeds } from '../facts/start-needs.ts';
import type { Host } from '../hosts/host.ts';
import type { Configuration } from '../postgres/configuration.ts';
import { namesBetweenCommas } from '../postgres/name-list.ts';
import { isLocaleEverywhere, localesIn, normalisedLocale } from '../postgres/locales.ts';
import { isPrivateKeyOpen } from '../postgres/private-key.ts';
import { isOn, portOf } from '../postgres/settings.ts';
import { writtenFiles } from '../postgres/written-lines.ts';
import { defineCheck } from './check.ts';
import { foundPostmaster, postmasterWithoutLockFile } from './found-postmaster.ts';
import { nextFreePort } from './free-port.ts';
import { textFile } from './text-file.ts';
import { runningClusters, serversOnRemoved } from './other-clusters.ts';
import { hbaFiles, parseHba } from './hba-files.ts';
import type { HbaPlace } from './hba-files.ts';

/** What the standby's server, which does not run, will need of this machine when it is started. */
export const startNeedsCheck = defineCheck({
  brings: ['startNeeds'],
  after: ['dataDirectory', 'standbyConfiguration', 'controlFile'],
  async look({ dataDirectory, standbyConfiguration, controlFile }, { host }) {
    if (dataDirectory.status !== 'seen') return { startNeeds: dataDirectory };
    if (standbyConfiguration.status !== 'seen') return { startNeeds: standbyConfiguration };
    const { process } = dataDirectory.value.postmaster ?? {};
    if (process === 'running' || process === 'unknown')
      return { startNeeds: notApplicable('the server runs: it found what it needs') };
    const look = new Look(host, dataDirectory.value, standbyConfiguration.value);
    const [needs, running] = await Promise.all([look.all(), runningClusters(host)]);
    const control = ifSeen(controlFile);
    const identifier = control?.ok === true ? control.value.systemIdentifier : undefined;
    const taken = needs.addresses.some(({ state }) => state === 'taken');
    if (taken && (await isThereNow(host, dataDirectory.value.path)))
      return { startNeeds: notApplicable('the server was started meanwhile: it found what it needs') };
    const startNeeds: StartNeeds = {
      ...needs,
      portHolder: taken
        ? (running.find(({ cluster }) => cluster.port === needs.port)?.cluster ??
          (await serversOnRemoved(host)).find(({ dataDirectory: path }) => path === dataDirectory.value.path))
        : undefined,
      otherStandbys: running
        .filter(
          ({ systemIdentifier, isStandby }) => isStandby && identifier !== undefined && systemIdentifier === identifier,
        )
        .map(({ cluster }) => cluster),
    };
    return { startNeeds: seen(startNeeds, standbyConfiguration.value.configFile) };
  },
});

/** The port may be its own, of a start since the directory was looked at. */
async function isThereNow(host: Host, path: string): Promise<boolean> {
  host.anew?.();
  const file = await textFile(host, posix.join(path, 'postmaster.pid'), 4_096);
  const named = file.ok ? await foundPostmaster(host, path, file.value) : undefined;
  return (named ?? (await postmasterWithoutLockFile(host, path)))?.process === 'running';
}

class Look {
  readonly #host: Host;
  readonly #directory: DataDirectory;
  readonly #configFile: string;
  readonly #files: Configuration;

  constructor(host: Host, directory: DataDirectory, { configFile, files }: StandbyConfiguration) {
    this.#host = host;
    this.#directory = directory;
    this.#configFile = configFile;
    this.#files = files;
  }

  async all(): Promise<StartNeeds> {
    const port = portOf(this.#value('port') ?? '') ?? this.#directory.postmaster?.port ?? 5432;
    const looks = [
      ...(await Promise.all([...this.#paths()].map(async (path) => this.#lookAt(path)))),
      ...this.#longSockets(port).map((path) => ({ path, fault: { ...path, state: 'too-long' as const } })),
    ];
    const addresses = await this.#addresses(port);
    const taken = addresses.some(({ state }) => state === 'taken');
    const lacksCertificate = looks.some(
      ({ path, fault }) => fault?.state === 'missing' && /^ssl_(?:cert|key)_file$/u.test(path.name),
    );
    return {
      withoutOpenssl: lacksCertificate && (await this.#host.findPrograms('openssl')).length === 0 ? true : undefined,
      missing: looks.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
      there: looks.flatMap(({ fault, path }) => (fault === undefined ? [path.name] : [])),
      port,
      addresses,
      listenAddresses: this.#setting('listen_addresses', 'localhost'),
      freePort: taken ? await nextFreePort(this.#host, port) : undefined,
      ownAddresses: this.#host
        .interfaces()
        .map(({ address }) => address)
        .filter((address) => !/^(?:127\.|::1$|fe80:)/u.test(address)),
      missingLocales: await this.#missingLocales(),
      hbaMissing: await this.#hbaMissing(),
      hbaDirectory: await this.#hbaDirectory(),
      hba: await this.#hba(),
    };
  }

  /**
   * What ends a start where it is not there (postmaster.c, PostmasterMain). A relative path is the data directory's
   * (the server changes into it), but for hba_file, which is that of the shell that starts it: nobody can tell.
   */
  *#paths(): Generator<WantedPath> {
    // one that is not there, or is in the data directory, is what others look at
    if (posix.relative(this.#directory.path, this.#configFile).startsWith('../'))
      yield { ...this.#path('config_file', this.#configFile, 'file'), mayBeMissing: true };
    const hba = this.#value('hba_file');
    if (hba !== undefined && posix.isAbsolute(hba)) yield this.#path('hba_file', hba, 'file');
    const data = this.#value('data_directory');
    if (data !== undefined && posix.isAbsolute(data)) yield this.#path('data_directory', data, 'directory');
    for (const directory of namesBetweenCommas(this.#value('unix_socket_directories') ?? ''))
      if (!directory.startsWith('@')) yield this.#path('unix_socket_directories', directory, 'directory');
    if (this.#isOn('logging_collector')) {
      // syslogger.c makes the directory itself, and not the one above it
      const directory = this.#value('log_directory') ?? 'log';
      yield { ...this.#path('log_directory', directory, 'directory'), madeIn: true };
    }
    // 13 and 14 read it when recovery begins (pgstat.c, pgstat_reset_remove_files)
    const statistics = (this.#directory.major ?? 18) < 15 ? this.#value('stats_temp_directory') : undefined;
    if (statistics !== undefined) yield this.#path('stats_temp_directory', statistics, 'directory');
    if (!this.#isOn('ssl')) return;
    yield this.#path('ssl_cert_file', this.#value('ssl_cert_file') ?? 'server.crt', 'file');
    yield { ...this.#path('ssl_key_file', this.#value('ssl_key_file') ?? 'server.key', 'file'), isKey: true };
    for (const name of ['ssl_ca_file', 'ssl_crl_file']) {
      const file = this.#value(name) ?? '';
      if (file !== '') yield this.#path(name, file, 'file');
    }
  }

  /** pqcomm.c, ListenServerPort: a socket whose path is too long is left out, and where no other is made, nothing starts. */
  #longSockets(port: number): readonly WantedPath[] {
    const set = this.#value('unix_socket_directories') ?? '';
    const directories = namesBetweenCommas(set);
    // sockaddr_un of the system, without the byte that ends it
    const longest = this.#host.platform === 'darwin' ? 103 : 107;
    const isLong = (directory: string): boolean =>
      Buffer.byteLength(posix.join(directory, `.s.PGSQL.${port}`)) > longest;
    if (directories.length === 0 || !directories.every(isLong)) return [];
    return directories.map((directory) => this.#path('unix_socket_directories', directory, 'directory'));
  }

  async #lookAt(path: WantedPath): Promise<{ readonly path: WantedPath; readonly fault: MissingPath | undefined }> {
    const { name, value, source, wanted } = path;
    const fault = (state: MissingPath['state']): { path: WantedPath; fault: MissingPath } => ({
      path,
      fault: { name, value, source, path: path.path, wanted, state },
    });
    const { owner } = this.#directory;
    if (name !== 'data_directory' && name !== 'config_file') {
      const account = await accountOf(this.#host, owner.uid, owner.gid);
      const above = await closedAbove(this.#host, path.path, account);
      if (above !== undefined) return { path, fault: { ...fault('no-way').fault, closedAbove: above } };
    }
    const status = await this.#host.status(path.path, { followLinks: true });
    if (!status.ok) {
      if (status.problem.code === 'ENOTDIR') return fault('not-a-directory');
      if (status.problem.code !== 'ENOENT' || path.mayBeMissing === true) return { path, fault: undefined };
      if (!path.madeIn) return fault('missing');
      const above = await this.#host.status(posix.dirname(path.path), { followLinks: true });
      return above.ok || above.problem.code !== 'ENOENT' ? { path, fault: undefined } : fault('missing');
    }
    if (wanted === 'directory' && status.value.kind !== 'directory') return fault('not-a-directory');
    if (name === 'data_directory' && (await this.#isAnother(path.path))) return fault('elsewhere');
    if (path.isKey && isPrivateKeyOpen(status.value)) {
      const open = fault('too-open');
      return status.value.uid === 0 ? { path, fault: { ...open.fault, ofRoot: true } } : open;
    }
    if (this.#host.account.uid === 0 && owner.uid !== 0 && wanted === 'file') {
      const account = await accountOf(this.#host, owner.uid, owner.gid);
      const closed = await closedTo(this.#host, '/', account, { name: path.path, kind: 'file', wanted: 'read' });
      return closed === undefined ? { path, fault: undefined } : fault('not-permitted');
    }
    // what another user may do in a directory is not computed from mode bits
    if (this.#host.account.uid !== owner.uid) return { path, fault: undefined };
    const may = await this.#host.may(path.path, wanted === 'directory' ? 'write' : 'read');
    return may.ok && !may.value ? fault('not-permitted') : { path, fault: undefined };
  }

  async #isAnother(directory: string): Promise<boolean> {
    const real = await this.#host.realPath(directory);
    return real.ok && real.value !== this.#directory.path;
  }

  async #addresses(port: number): Promise<readonly ListenAddress[]> {
    const names = namesBetweenCommas(this.#value('listen_addresses') ?? 'localhost');
    const looked: ListenAddress[] = [];
    for (const name of names) looked.push({ name, state: await this.#listens(name, port) });
    return looked;
  }

  /** An element of listen_addresses serves when one of its addresses does (postmaster.c, ListenServerPort). */
  async #listens(name: string, port: number): Promise<ListenAddress['state']> {
    const found = name === '*' ? undefined : await this.#host.addressesOf(name);
    if (found?.ok === false) return found.problem.code === 'ENOTFOUND' ? 'unknown-name' : 'not-tried';
    const states: ListenAddress['state'][] = [];
    for (const address of found?.value ?? ['0.0.0.0', '::']) {
      const tried = await this.#host.mayListen(address, port);
      states.push(tried.ok ? tried.value : 'not-tried');
    }
    return (
      (['free', 'taken', 'not-tried'] as const).find((state) => states.includes(state)) ?? states[0] ?? 'not-tried'
    );
  }

  async #missingLocales(): Promise<readonly NeededSetting[] | undefined> {
    const named = ['lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time']
      .map((name) => this.#setting(name, ''))
      .filter(({ value }) => !isLocaleEverywhere(value));
    if (named.length === 0) return [];
    const ran = await this.#host.run('locale', ['-a']);
    const here = ran.ok && ran.value.exitCode === 0 ? localesIn(ran.value.stdout) : [];
    if (here.length === 0) return undefined;
    const installed = new Set(here.map(normalisedLocale));
    return named.filter(({ value }) => !installed.has(normalisedLocale(value)));
  }

  /** The default one: of a path that a setting names, {@link MissingPath} tells. */
  async #hbaMissing(): Promise<string | undefined> {
    if (this.#value('hba_file') !== undefined) return undefined;
    const file = this.#hbaFile();
    const status = file === undefined ? undefined : await this.#host.status(file, { followLinks: true });
    return status?.ok === false && status.problem.code === 'ENOENT' ? file : undefined;
  }

  /** What Docker makes where the file that is mounted does not exist on its host. */
  async #hbaDirectory(): Promise<StartNeeds['hbaDirectory']> {
    const file = this.#hbaFile();
    const status = file === undefined ? undefined : await this.#host.status(file, { followLinks: true });
    if (file === undefined || status?.ok !== true || status.value.kind !== 'directory') return undefined;
    const system = await this.#host.fileSystem(file);
    return { file, mounted: system.ok && system.value.mountPoint === file };
  }

  /** guc.c, SelectConfigFiles: in the directory that -D names, even where config_file is in another one. Undefined: relative to where the server is started. */
  #hbaFile(): string | undefined {
    const set = this.#value('hba_file');
    if (set !== undefined) return posix.isAbsolute(set) ? set : undefined;
    return posix.join(
      this.#value('config_file') === undefined ? posix.dirname(this.#configFile) : this.#directory.path,
      'pg_hba.conf',
    );
  }

  async #hba(): Promise<StartNeeds['hba']> {
    const file = this.#hbaFile();
    if (file === undefined) return undefined;
    const place: HbaPlace = { file, serverVersion: this.#directory.major ?? 13, ssl: this.#isOn('ssl') };
    const texts = new Map([...(await hbaFiles(this.#host, place))].map(([path, { text }]) => [path, text]));
    const { lines, missing } = parseHba(place, texts);
    const states = await Promise.all(missing.map(async (path) => this.#host.status(path, { followLinks: true })));
    // what is not there is as missing to the server
    const isWhole = states.every((state) => !state.ok && state.problem.code === 'ENOENT');
    return texts.has(file) && isWhole ? { file, lines, written: writtenFiles(texts) } : undefined;
  }

  #path(name: string, path: string, wanted: MissingPath['wanted']): WantedPath {
    return { ...this.#setting(name, path), path: posix.resolve(this.#directory.path, path), wanted };
  }

  #setting(name: string, otherwise: string): NeededSetting {
    const set = this.#files.settings.get(name);
    return { name, value: set?.value ?? otherwise, source: set?.source };
  }

  #value(name: string): string | undefined {
    return this.#files.settings.get(name)?.value;
  }

  #isOn(name: string): boolean {
    return isOn(this.#value(name));
  }
}

interface WantedPath extends NeededSetting {
  readonly path: string;
  readonly wanted: MissingPath['wanted'];
  /** The server makes the last part of it. */
  readonly madeIn?: boolean;
  readonly isKey?: boolean;
  readonly mayBeMissing?: boolean;
}
