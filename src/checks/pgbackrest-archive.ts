import { posix } from 'node:path';

import type { PgBackRestArchive } from '../facts/standby-wal.ts';
import type { Host } from '../hosts/host.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import {
  pgBackRestOption,
  pgBackRestOptions,
  readPgBackRestConfiguration,
  segmentInRepository,
  stanzasIn,
} from '../postgres/pgbackrest.ts';
import { mask } from '../postgres/secret.ts';
import { textFile } from './text-file.ts';

export interface FoundRepository {
  readonly fact: PgBackRestArchive;
  /** Of this cluster, where a local repository could be listed as a whole. */
  readonly archive?: { readonly directory: string; readonly names: readonly string[] };
}

const mostDirectories = 2_000;
const mostFiles = 100_000;

/** The repository that pgBackRest's archive-get reads, as the server's user finds it; undefined: another program reads. */
export async function pgBackRestArchive(
  host: Host,
  command: string,
  dataDirectory: string,
  control: ControlFile | undefined,
): Promise<FoundRepository | undefined> {
  const options = pgBackRestOptions(command);
  if (options === undefined) return undefined;
  const { path, text } = await configurationOf(host, options.get('config'));
  const lines = readPgBackRestConfiguration(text ?? '');
  const option = (name: string): ReturnType<typeof pgBackRestOption> => pgBackRestOption(name, options, lines);
  const pg1Path = option('pg1-path');
  const type = option('repo1-type')?.value ?? 'posix';
  // another host's repository, an object store, or one of several: what it holds is not seen from here
  const isElsewhere =
    type !== 'posix' ||
    option('repo1-host') !== undefined ||
    [...lines.map(({ name }) => name), ...options.keys()].some((name) => /^repo(?!1-)\d+-/u.test(name)) ||
    text === undefined;
  const stanza = options.get('stanza');
  // a copy is made beside it first
  const looks = await Promise.all([dataDirectory, path, posix.dirname(path)].map(async (one) => host.status(one)));
  const owners = looks.map((look) => (look.ok ? look.value.uid : undefined));
  const mayWrite = owners[0] !== undefined && owners.every((uid) => uid === owners[0]);
  const repository = isElsewhere ? undefined : (option('repo1-path')?.value ?? '/var/lib/pgbackrest');
  const common = {
    configuration: path,
    stanza,
    stanzas: stanzasIn(lines),
    encrypted: (option('repo1-cipher-type')?.value ?? 'none') !== 'none',
    ...(pg1Path === undefined ? {} : { dataDirectory: pg1Path.value }),
    ...(pg1Path?.line === undefined || text === undefined
      ? {}
      : {
          dataDirectoryLine: pg1Path.line,
          ...(mayWrite
            ? {
                written: {
                  lines: text
                    .split('\n')
                    .map((line, at) => (at + 1 === pg1Path.line ? line.replace(/\r$/u, '') : mask)),
                  crlf: false,
                },
              }
            : {}),
        }),
  };
  if (repository === undefined || stanza === undefined) return { fact: { ...common, state: 'elsewhere' } };
  const root = posix.join(repository, 'archive');
  const ofStanza = posix.join(root, stanza);
  const there = await firstThatFails(host, [repository, root, ofStanza, posix.join(ofStanza, 'archive.info')]);
  if (there !== undefined) {
    const state = there.code === 'ENOENT' ? (there.path === repository ? 'missing' : 'without-stanza') : 'closed';
    return { fact: { ...common, repository, state, ...(state === 'closed' ? { closed: there.path } : {}) } };
  }
  const isCipherText = await beginsAsCipherText(host, posix.join(ofStanza, 'archive.info'));
  const fact: PgBackRestArchive = {
    ...common,
    repository,
    state: 'there',
    ...(isCipherText === undefined ? {} : { isCipherText }),
  };
  const id = control === undefined ? undefined : await archiveId(host, ofStanza, control);
  if (id === undefined) return { fact };
  const directory = posix.join(ofStanza, id);
  const names = await namesIn(host, directory);
  return names === undefined ? { fact } : { fact, archive: { directory, names } };
}

/** src/config/parse.c: the new place first; without either pgBackRest has its defaults. */
async function configurationOf(
  host: Host,
  given: string | undefined,
): Promise<{ readonly path: string; readonly text: string | undefined }> {
  const places = given === undefined ? ['/etc/pgbackrest/pgbackrest.conf', '/etc/pgbackrest.conf'] : [given];
  for (const path of places) {
    const text = await textFile(host, path, 256 * 1024);
    if (text.ok) return { path, text: text.value };
  }
  return { path: places[0] ?? '', text: undefined };
}

async function firstThatFails(
  host: Host,
  paths: readonly string[],
): Promise<{ readonly path: string; readonly code: string } | undefined> {
  for (const path of paths) {
    const isFile = path.endsWith('.info');
    const look = isFile ? await host.read(path, { maxBytes: 1 }) : await host.list(path, { limit: 1 });
    if (!look.ok) return { path, code: look.problem.code };
  }
  return undefined;
}

/** What pgBackRest encrypts begins as OpenSSL's files do (src/common/crypto/cipherBlock.c, CIPHER_BLOCK_MAGIC). */
async function beginsAsCipherText(host: Host, path: string): Promise<boolean | undefined> {
  const begin = await host.read(path, { maxBytes: cipherMagic.length });
  return begin.ok ? Buffer.from(begin.value.bytes).equals(cipherMagic) : undefined;
}

const cipherMagic = Buffer.from('Salted__');

/** `15-1`: that of this cluster, as archive.info knows it by its system identifier; of an encrypted repository the only one. */
async function archiveId(host: Host, ofStanza: string, control: ControlFile): Promise<string | undefined> {
  const info = await textFile(host, posix.join(ofStanza, 'archive.info'), 64 * 1024);
  const known = info.ok
    ? [...info.value.matchAll(/^(\d+)=\{"db-id":(\d+),"db-version":"(\d+)/gmu)].map(([, id, system, version]) => ({
        name: `${version}-${id}`,
        system,
      }))
    : [];
  if (known.length > 0) return known.find(({ system }) => system === String(control.systemIdentifier))?.name;
  const listing = await host.list(ofStanza, { limit: 100 });
  const ids = listing.ok ? listing.value.entries.filter(({ name }) => /^\d+-\d+$/u.test(name)) : [];
  return ids.length === 1 ? ids[0]?.name : undefined;
}

/** Segments by their own names, and history files; undefined where not all of it could be listed. */
async function namesIn(host: Host, directory: string): Promise<readonly string[] | undefined> {
  const listing = await host.list(directory, { limit: mostDirectories });
  if (!listing.ok || listing.value.truncated) return undefined;
  const names: string[] = [];
  for (const { name } of listing.value.entries) {
    if (!/^[0-9A-F]{16}$/u.test(name)) {
      names.push(name);
      continue;
    }
    const files = await host.list(posix.join(directory, name), { limit: mostFiles });
    if (!files.ok || files.value.truncated || names.length > mostFiles) return undefined;
    names.push(...files.value.entries.flatMap((file) => segmentInRepository(file.name) ?? []));
  }
  return names;
}
