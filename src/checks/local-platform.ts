import type { LocalPlatform, Tool } from '../facts/machine.ts';
import { ifSeen, seen } from '../facts/observed.ts';
import type { Answer, Host, Ran } from '../hosts/host.ts';
import { isLocaleEverywhere, isSortedBySystem, localesIn } from '../postgres/locales.ts';
import { defineCheck } from './check.ts';
import { standbyServer } from './standby-server.ts';

/** Locales, C library and build of what will run the standby here. */
export const localPlatformCheck = defineCheck({
  brings: ['localPlatform'],
  after: ['clientTools', 'primary', 'primarySettings', 'databases', 'dataDirectory'],
  async look({ clientTools, primary, primarySettings, databases, dataDirectory }, { host }) {
    const server = ifSeen(standbyServer(clientTools, primary, dataDirectory));
    const needsCompression = /^(?:lz4|zstd)$/.test(ifSeen(primarySettings)?.get('wal_compression')?.value ?? '');
    const used = ifSeen(databases) ?? [];
    const needsLocales =
      ifSeen(primary)?.sameMachine !== true &&
      used.some(({ collate, ctype }) => !isLocaleEverywhere(collate) || !isLocaleEverywhere(ctype));
    // no program runs for what no database asks for
    const [locales, libcVersion, compression] = await Promise.all([
      needsLocales ? host.run('locale', ['-a']).then(installedLocales) : undefined,
      server !== undefined && used.some(isSortedBySystem) ? libcOf(host, server) : undefined,
      server !== undefined && needsCompression ? compressionOf(host, server) : undefined,
    ]);
    const value: LocalPlatform = { architecture: host.architecture, locales, libcVersion, compression };
    return { localPlatform: seen(value, 'locale -a, the C library and the server program on this host') };
  },
});

const installedLocales = (ran: Answer<Ran>): readonly string[] | undefined => {
  const names = ran.ok && ran.value.exitCode === 0 ? localesIn(ran.value.stdout) : [];
  return names.length === 0 ? undefined : names;
};

/**
 * glibc's version as the server would record it (pg_locale.c, get_collation_actual_version). A program that brings its
 * own C library uses that one: the dynamic loader is asked which (ld.so(8), LD_TRACE_LOADED_OBJECTS, which is all that
 * ldd does). Another C library does not know the variable and prints the program's version.
 */
async function libcOf(host: Host, server: Tool): Promise<string | undefined> {
  const traced = await host.run(`${server.binDirectory}/postgres`, ['--version'], {
    environment: { LD_TRACE_LOADED_OBJECTS: '1' },
  });
  const path = traced.ok ? /^\s*libc\.so\.6 => (\/.*) \(0x[0-9a-f]+\)$/m.exec(traced.value.stdout)?.[1] : undefined;
  if (path === undefined) return undefined;
  const library = await host.read(path, { maxBytes: 8 * 1024 * 1024 });
  if (!library.ok) return undefined;
  // csu/version.c: `GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.`
  const text = Buffer.from(library.value.bytes);
  const at = text.indexOf('GNU C Library');
  return at < 0 ? undefined : /release version (\d+\.\d+)/.exec(text.toString('latin1', at, at + 200))?.[1];
}

/** A server that was built with a method refers to its library's functions by name; one built without never does. */
async function compressionOf(host: Host, server: Tool): Promise<readonly string[] | undefined> {
  const program = await host.read(`${server.binDirectory}/postgres`, { maxBytes: 64 * 1024 * 1024 });
  if (!program.ok || program.value.truncated) return undefined;
  const bytes = Buffer.from(program.value.bytes);
  return [
    ['lz4', 'LZ4_decompress_safe'],
    ['zstd', 'ZSTD_decompress'],
  ].flatMap(([method, name]) => (method !== undefined && name !== undefined && bytes.includes(name) ? [method] : []));
}
