import { posix } from 'node:path';

import type { Passfile, PasswordSource } from '../facts/connection.ts';
import { isInVolume } from '../hosts/engine-containers.ts';
import type { FileStatus, Host } from '../hosts/host.ts';
import type { ConnectionHost } from '../postgres/connection-hosts.ts';
import { describeSource } from '../postgres/connection-parameters.ts';
import type { ConnectionParameters } from '../postgres/connection-parameters.ts';
import { findPassword, maskedPassfileLine, passfileModeProblem } from '../postgres/passfile.ts';
import type { PassfileLookup } from '../postgres/passfile.ts';
import type { Secret } from '../postgres/secret.ts';
import { writtenLines } from '../postgres/written-lines.ts';
import { fileText } from '../postgres/file-text.ts';
import { homeExpanded } from './meant-file.ts';

export interface Passwords {
  readonly source: PasswordSource;
  passwordFor(host: ConnectionHost): Secret | undefined;
}

/**
 * The password that libpq would send to each host: a given one, else that of the password file, which it leaves aside
 * when somebody else may read it (fe-connect.c, passwordFromFile).
 */
export async function lookUpPasswords(host: Host, parameters: ConnectionParameters): Promise<Passwords> {
  const { values, sources, passfile, hosts } = parameters;
  const pathSource = sources.passfile === undefined ? 'the default' : describeSource(sources.passfile);
  const path = passfile?.path ?? values.passfile ?? '';
  const given = values.password;
  if (given !== undefined && given.reveal() !== '') {
    return {
      source: { ...wordsOf(sources.password), passfile: { path, pathSource, state: { kind: 'not-asked' } } },
      passwordFor: () => given,
    };
  }

  const file = passfile === undefined ? absent : await readPassfile(host, passfile.path);
  const lookups = lookupsIn(file, hosts);
  const passwordFor = (one: ConnectionHost): Secret | undefined => {
    const lookup = lookups.get(one);
    return lookup?.kind === 'found' && !lookup.empty ? lookup.password : undefined;
  };
  const state = stateOf(file, lookups);
  const used = state.kind === 'used' ? ({ from: 'passfile', words: `line ${state.line} of ${path}` } as const) : none;
  const written = file.kind === 'read' ? { written: writtenLines(file.text, maskedPassfileLine) } : {};
  const meant =
    file.kind === 'absent' ? { ...(await placeFor(host, passfile?.path)), ...(await withHome(host, path, hosts)) } : {};
  return { source: { ...used, passfile: { path, pathSource, state, ...meant, ...written } }, passwordFor };
}

/** What is written beside a container that does not run stays only where that is in one of its volumes. */
async function placeFor(host: Host, path: string | undefined): Promise<Pick<Passfile, 'hasNoPlace'>> {
  if (path === undefined) return {};
  const directory = posix.dirname(path);
  const { place } = host;
  if (place?.kind === 'container' && place.state !== 'running' && !isInVolume(directory, place.made))
    return { hasNoPlace: true };
  const [status, may] = await Promise.all([
    host.status(directory, { followLinks: true }),
    host.may(directory, 'write'),
  ]);
  const isMissing = !status.ok && (status.problem.code === 'ENOENT' || status.problem.code === 'EACCES');
  return isMissing || (may.ok && !may.value) ? { hasNoPlace: true } : {};
}

async function withHome(host: Host, path: string, hosts: readonly ConnectionHost[]): Promise<Pick<Passfile, 'meant'>> {
  const meant = homeExpanded(host, path);
  if (meant === undefined) return {};
  const file = await readPassfile(host, meant);
  return { meant: { path: meant, state: stateOf(file, lookupsIn(file, hosts)) } };
}

const none = { from: 'none', words: 'no password' } as const;

function wordsOf(source: ConnectionParameters['sources']['password']): Pick<PasswordSource, 'from' | 'words'> {
  if (source === undefined) return none;
  const words = describeSource(source);
  if (source.kind === 'environment') return { from: 'environment', words };
  if (source.kind === 'service') return { from: 'service file', words };
  if (source.kind === 'option') return { from: 'prompt', words: 'the prompt' };
  return { from: 'conninfo', words };
}

type Unused = Extract<Passfile['state'], { readonly kind: 'absent' | 'ignored' }>;

type PassfileRead = Unused | { readonly kind: 'read'; readonly text: string };

const absent: PassfileRead = { kind: 'absent' };

const lookupsIn = (file: PassfileRead, hosts: readonly ConnectionHost[]): ReadonlyMap<ConnectionHost, PassfileLookup> =>
  new Map(file.kind === 'read' ? hosts.map((one) => [one, findPassword(file.text, one.passfileKey)]) : []);

async function readPassfile(host: Host, path: string): Promise<PassfileRead> {
  const status = await host.status(path, { followLinks: true });
  if (!status.ok) {
    const isAbsent = status.problem.code === 'ENOENT' || status.problem.code === 'ENOTDIR';
    return isAbsent ? absent : { kind: 'ignored', why: 'unreadable', mode: undefined };
  }
  const { kind, mode } = status.value;
  const fixed = (await isFixed(host, path, status.value)) ? ({ hasFixedMode: true } as const) : {};
  const problem = passfileModeProblem({ isFile: kind === 'file', mode });
  if (problem !== undefined) {
    return { kind: 'ignored', why: problem.kind === 'not-a-plain-file' ? 'not a plain file' : 'mode', mode, ...fixed };
  }
  const read = await host.read(path);
  if (!read.ok) return { kind: 'ignored', why: 'unreadable', mode, ...fixed };
  return { kind: 'read', text: fileText(read.value.bytes) };
}

/** What its owner may write by its mode and cannot is on a file system that is read-only. */
async function isFixed(host: Host, path: string, { uid, mode }: Pick<FileStatus, 'uid' | 'mode'>): Promise<boolean> {
  if (host.account.uid === 0) return false;
  if (uid !== host.account.uid) return true;
  const may = (mode & 0o200) === 0 ? undefined : await host.may(path, 'write');
  return may?.ok === true && !may.value;
}

/** Several hosts have a line each: the first that has one speaks for the file. */
function stateOf(file: PassfileRead, found: ReadonlyMap<ConnectionHost, PassfileLookup>): Passfile['state'] {
  if (file.kind !== 'read') return file;
  const lookups = [...found.values()];
  for (const lookup of lookups) {
    if (lookup.kind === 'found' && !lookup.empty) return { kind: 'used', line: lookup.line, misread: lookup.misread };
  }
  const nearest = lookups.flatMap((lookup) =>
    lookup.kind === 'found'
      ? [{ line: lookup.line, because: 'the line matches and holds no password', matches: true }]
      : lookup.nearMisses.map(({ line, because }) => ({ line, because })),
  );
  return { kind: 'no-match', nearest: nearest.slice(0, 5) };
}
