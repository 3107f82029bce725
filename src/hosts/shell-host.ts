import { posix } from 'node:path';

import { answer, noAnswer } from './host.ts';
import type { Answer, FileContent, FileKind, FileSystem, Host, Listing } from './host.ts';
import { errnoIn } from './errno-words.ts';
import type { KnownFiles } from './known-files.ts';
import { wordsFor } from './local-answers.ts';
import { localLogs, piecesOf } from './local-logs.ts';
import { mountOf, parseMounts } from './local-mounts.ts';
import { userName } from './local-processes.ts';
import { findPrograms } from './local-programs.ts';
import { listening } from './listening-ports.ts';
import { addressesThere } from './names-there.ts';
import { matching } from './path-pattern.ts';
import type { Reply, ShellChannel } from './shell-channel.ts';
import type { ShellProgram } from './shells-together.ts';
import { gathered } from './shell-gathered.ts';
import { processesThere } from './shell-process.ts';
import { replaceThere } from './shell-replace.ts';
import { runThere } from './shell-run.ts';
import { startThere } from './shell-start.ts';
import { kinds, statusIn } from './shell-status.ts';
import type { ThereNow } from './shell-greeting.ts';
import { word } from './shell-word.ts';

/** What a shell alone does not give. */
export interface Beside extends Pick<Host, 'label' | 'connect' | 'way' | 'place'> {
  readonly timeoutMs: number;
  /** Brings one more shell, for a program that lives longer than a look. */
  readonly shell: ShellProgram;
}

/**
 * A machine that is reached by a POSIX shell: its files, programs and names through what every image of PostgreSQL has
 * (coreutils or busybox). Only `replaceFile` writes there.
 */
export function shellHost(
  channel: ShellChannel,
  { ahead, ...there }: ThereNow,
  { timeoutMs, shell, ...beside }: Beside,
): Host {
  const names = new Map<number, Promise<Answer<string>>>();
  const asked = new Map<string, Promise<Answer<Reply>>>();
  const addresses = new Map<string, Promise<Answer<readonly string[]>>>();
  /** The same question while it waits for its answer: what comes is as new as an answer of its own would be. */
  const ask = async (script: string): Promise<Answer<Reply>> => {
    const waiting = asked.get(script) ?? channel.ask(script).finally(() => asked.delete(script));
    asked.set(script, waiting);
    return waiting;
  };
  const whole = (path: string): string => posix.resolve(there.workingDirectory, path);
  const gather = gathered(channel, ahead);
  /** From what was read ahead, or together with what is asked in the same turn; else it is asked by itself. */
  const known = async <T>(
    path: string,
    tell: (known: KnownFiles, path: string) => T | undefined,
    part?: Parameters<typeof gather>[1],
  ): Promise<T | undefined> => {
    const at = whole(path);
    if (at.includes('\0')) return undefined;
    const files = await ahead;
    const before = files && tell(files, at);
    if (before !== undefined) return before;
    const together = await gather(at, part);
    return together.ok ? tell(together.value, at) : undefined;
  };
  const forget = (): void => {
    addresses.clear();
    void ahead?.then((files) => files.forget());
  };
  /** What a look at a path printed, or what the system said of it. */
  const look = async (path: string, script: (path: string) => string): Promise<Answer<Reply>> => {
    if (path.includes('\0')) return noAnswer('EINVAL', 'the path holds a NUL byte');
    const replied = await ask(script(word(whole(path))));
    if (!replied.ok || replied.value.status === 0) return replied;
    const { err, out } = replied.value;
    const code = errnoIn(err) ?? (/^[A-Z]+$/u.test(err) ? err : 'EIO');
    return noAnswer(code, code === 'ENOTSUP' ? notPlain(out) : code === 'EIO' && err !== '' ? err : wordsFor(code));
  };
  const host: Host = {
    ...beside,
    ...there,
    status: async (path, options) => {
      const before = await known(path, (files, at) => files.status(at, options?.followLinks === true));
      if (before !== undefined) return before;
      const seen = await look(path, (at) => `S ${options?.followLinks === true ? '-L' : '--'} ${at}`);
      return seen.ok ? statusIn(seen.value.out.toString()) : seen;
    },
    read: async (path, options) => {
      const [maxBytes, from] = [options?.maxBytes ?? defaultMaxBytes, options?.from ?? 0];
      const tell = (files: KnownFiles, at: string): Answer<FileContent> | undefined => files.read(at, maxBytes, from);
      // most files that may be long are short
      const length = from === 0 ? Math.min(maxBytes + 1, mostTogether) : maxBytes + 1;
      const before = length > mostTogether ? undefined : await known(path, tell, { from, length });
      return before ?? readWith(look, path, maxBytes, from);
    },
    list: async (path, options) => {
      const limit = options?.limit ?? defaultLimit;
      const before = (await ahead)?.list(whole(path), limit);
      if (before !== undefined) return before;
      const seen = await look(path, (at) => `L ${at} ${limit}`);
      return seen.ok ? answer(listingIn(seen.value.out, limit)) : seen;
    },
    glob: async (patterns) => answer(await matching(host, patterns)),
    pieces: async (path, options = {}) => {
      if (path === '-') return localLogs(timeoutMs, host).pieces(path, options);
      const first = await host.read(path, { from: options.from ?? 0, maxBytes: pieceBytes });
      if (!first.ok) return first;
      return answer(piecesOf(restOf(host, path, options.from ?? 0, first.value), options.unpacked === true));
    },
    readLink: async (path) =>
      (await known(path, (files, at) => files.readLink(at))) ??
      text(await look(path, (at) => `[ -L ${at} ] || N ${at}; readlink -n ${at}`)),
    realPath: async (path) =>
      (await known(path, (files, at) => files.realPath(at))) ??
      text(await look(path, (at) => `[ -e ${at} ] || N ${at}; readlink -nf ${at}`)),
    may: async (path, what) => {
      const before = await known(path, (files, at) => files.may(at, letterOf[what]));
      if (before !== undefined) return before;
      const seen = await look(
        path,
        (at) => `if [ -${letterOf[what]} ${at} ]; then echo yes; else S -L ${at} >/dev/null && echo no; fi`,
      );
      return seen.ok ? answer(seen.value.out.toString() === 'yes\n') : seen;
    },
    fileSystem: async (path) =>
      knownFileSystem(await ahead, whole(path)) ?? fileSystemOf(await look(path, fileSystemScript)),
    anew: forget,
    addressesOf: async (name) => {
      if (name === '' || name.includes('\0'))
        return noAnswer('ENOTFOUND', `the addresses of ${name}: that is not a name`);
      const waiting = (ahead && addresses.get(name)) ?? addressesThere({ channel, shell }, name, timeoutMs);
      addresses.set(name, waiting);
      return waiting;
    },
    portInUse: (port) => listening(host, port, undefined),
    mayListen: async (address, port) => {
      const any = address === '0.0.0.0' || address === '::';
      if (!any && !/^127\.|^::1$/u.test(address) && there.interfaces().every((one) => one.address !== address))
        return answer('not-of-this-machine');
      const taken = await listening(host, port, any ? undefined : address);
      return taken.ok ? answer(taken.value ? 'taken' : 'free') : taken;
    },
    processStatus: (pid) => processes(pid),
    userName: (uid) => {
      const known = names.get(uid) ?? userName(host, uid);
      names.set(uid, known);
      return known;
    },
    replaceFile: async (path, replacement) => {
      forget();
      return replaceThere(host, whole(path), replacement);
    },
    // nothing is written there
    withScratch: () => Promise.resolve(noAnswer('ENOTSUP', `no files are made in ${beside.label}`)),
    run: (program, args, options) => runThere(channel, program, args, { timeoutMs, ...options }),
    start: (program, args, options) => {
      forget();
      return startThere(shell, program, args, options);
    },
    findPrograms: (name, places) => findPrograms(host, name, places ?? []),
  };
  const processes = processesThere(host, channel, ahead);
  return host;
}

const defaultMaxBytes = 16 * 1024 * 1024;
const defaultLimit = 1_000;
/** Beginnings of files, of which many come in one answer. */
const mostTogether = 64 * 1024;
const pieceBytes = 4 * 1024 * 1024;
const letterOf = { read: 'r', write: 'w', execute: 'x' } as const;

type Look = (path: string, script: (path: string) => string) => Promise<Answer<Reply>>;

const text = (seen: Answer<Reply>): Answer<string> => (seen.ok ? answer(seen.value.out.toString()) : seen);

const notPlain = (out: Buffer): string =>
  `it is a ${kinds.get(Number.parseInt(out.toString(), 16) >> 12) ?? 'special file'}, not a plain file`;

/** One byte more than is wanted tells whether there is more. */
async function readWith(look: Look, path: string, maxBytes: number, from: number): Promise<Answer<FileContent>> {
  const seen = await look(path, (at) => `R ${at} ${maxBytes + 1} ${from + 1}`);
  if (!seen.ok) return seen;
  const { out } = seen.value;
  return answer({ bytes: out.subarray(0, maxBytes), truncated: out.length > maxBytes });
}

async function* restOf(host: Host, path: string, from: number, first: FileContent): AsyncGenerator<Uint8Array> {
  yield first.bytes;
  let [at, more] = [from + first.bytes.length, first.truncated];
  while (more) {
    const next = await host.read(path, { from: at, maxBytes: pieceBytes });
    if (!next.ok) throw Object.assign(new Error(next.problem.message), { code: next.problem.code });
    yield next.value.bytes;
    [at, more] = [at + next.value.bytes.length, next.value.truncated];
  }
}

const letters: Readonly<Record<string, FileKind | undefined>> = {
  f: 'file',
  d: 'directory',
  l: 'link',
  p: 'fifo',
  s: 'socket',
  c: 'character device',
  b: 'block device',
};

function listingIn(out: Buffer, limit: number): Listing {
  const found = out.toString().split('\0').slice(0, -1);
  const entries = found.slice(0, limit).map((entry) => ({
    name: entry.slice(1),
    kind: letters[entry.charAt(0)] ?? ('unknown' as const),
  }));
  return { entries, truncated: found.length > limit };
}

const fileSystemScript = (at: string): string =>
  `[ -e ${at} ] || N ${at}; readlink -nf ${at}; printf '\\000'; stat -f -c '%S %b %a %c %d' ${at}; printf '\\000'; stat -L -c %d ${at}; printf '\\000'; cat /proc/self/mountinfo`;

function fileSystemOf(seen: Answer<Reply>): Answer<FileSystem> {
  if (!seen.ok) return seen;
  const [path = '', sizes = '', device = '', mounts = ''] = seen.value.out.toString().split('\0');
  return answer(fileSystemIn(path, sizes, Number(device), mounts));
}

function knownFileSystem(files: KnownFiles | undefined, path: string): Answer<FileSystem> | undefined {
  const [shown, real, status] = [files?.fileSystem(path), files?.realPath(path), files?.status(path, true)];
  if (shown === undefined || real?.ok !== true || status?.ok !== true) return undefined;
  return answer(fileSystemIn(real.value, shown.sizes, status.value.device, shown.mounts));
}

function fileSystemIn(path: string, sizes: string, device: number, mounts: string): FileSystem {
  const [block = 0, total = 0, free = 0, totalInodes = 0, freeInodes = 0] = sizes.trim().split(' ').map(Number);
  const mount = mountOf(path, parseMounts(mounts));
  return {
    mountPoint: mount?.mountPoint ?? '/',
    type: mount?.type ?? '',
    device,
    source: mount?.source ?? '',
    readOnly: mount?.readOnly ?? false,
    totalBytes: total * block,
    freeBytes: free * block,
    totalInodes,
    freeInodes,
  };
}
