import type { Duplex } from 'node:stream';

import { NoWay } from './host.ts';
import type { Destination, Host, Problem } from './host.ts';
import { errnoIn } from './errno-words.ts';
import { shellsApart } from './shells-together.ts';
import type { ShellProgram, ShellsThere } from './shells-together.ts';
import { word } from './shell-word.ts';

/** How connections are made from another machine. */
export type Dialling = Required<Pick<Host, 'way' | 'connect'>>;

/** With what is left of it to be ended. */
export interface Dialler {
  readonly dialling: Dialling;
  /** Brings shells for connections that are likely to be wanted, and as many more, one by one, as those are taken. */
  prepare(atOnce: number, later: number): void;
  close(): void;
}

/**
 * Connections are made by what is there of the machine's own programs: perl (every Debian has it), which can be another
 * user for a Unix socket; else nc or bash for TCP, and for the socket of a server there its port on 127.0.0.1. A shell for
 * each is brought by `way`, which takes its own time: how long it takes to get to that machine tells nothing of the way
 * from there on.
 */
export function diallingThere(shell: ShellProgram, label: string): Dialling {
  return diallerThere(shellsApart(shell), label).dialling;
}

/** The same, for who ends it. */
export function diallerThere(
  shells: ShellsThere,
  label: string,
  lost: () => Problem | undefined = () => undefined,
): Dialler {
  const prepared: Shell[] = [];
  let spare = 0;
  const begun: (readonly [destination: string, stream: Duplex])[] = [];
  const another = (): Shell => {
    const stream = shells.connection();
    stream.on('error', () => undefined);
    stream.write(`echo ${readyMark}\n`);
    const late = setTimeout(() => stream.destroy(), wayMs);
    const ready = lineAfter(stream, readyMark).finally(() => clearTimeout(late));
    return { stream, ready };
  };
  const begin = async ({ stream, ready }: Shell, destination: Destination): Promise<string | undefined> => {
    // to wait for the shell first would be one more wait for that machine
    stream.write(`${scriptFor(destination)}\n`);
    const { line, otherwise } = await ready;
    if (line === undefined) return otherwise;
    begun.push([JSON.stringify(destination), stream]);
    return undefined;
  };
  const way = async (destination: Destination): Promise<void> => {
    // what comes of it would not count, and would be another login
    const broken = lost()?.message;
    const early = prepared.shift();
    if (early !== undefined && spare-- > 0) prepared.push(another());
    if (broken === undefined && early !== undefined && (await begin(early, destination)) === undefined) return;
    const why = broken ?? (await begin(another(), destination));
    if (why !== undefined) throw new NoWay(`no connection could be made from ${label}: ${why}`);
  };
  const dialling: Dialling = {
    way,
    connect: async (destination, signal) => {
      const wanted = JSON.stringify(destination);
      if (begun.every(([one]) => one !== wanted)) await way(destination);
      const [[, stream] = []] = begun.splice(
        begun.findIndex(([one]) => one === wanted),
        1,
      );
      if (stream === undefined) throw new NoWay(`no connection could be made from ${label}`);
      const giveUp = (): void => void stream.destroy();
      signal.addEventListener('abort', giveUp, { once: true });
      const { line, otherwise } = await lineAfter(stream, mark);
      signal.removeEventListener('abort', giveUp);
      const [, localAddress] = /^ok ?(.*)$/u.exec(line ?? '') ?? [];
      if (localAddress !== undefined) return localAddress === '' ? stream : Object.assign(stream, { localAddress });
      stream.destroy();
      const message = line ?? otherwise;
      const code = errnoIn(message);
      if (code === undefined) throw new NoWay(`no connection could be made from ${label}: ${message}`);
      throw Object.assign(new Error(message), { code });
    },
  };
  return {
    dialling,
    prepare: (atOnce, later) => {
      spare = later;
      for (let number = 0; number < atOnce; number += 1) prepared.push(another());
    },
    close: () => {
      for (const { stream } of prepared.splice(0)) stream.destroy();
      for (const [, stream] of begun.splice(0)) stream.destroy();
    },
  };
}

/** One more shell: what it says once it is there, or what was said where it is not. */
interface Shell {
  readonly stream: Duplex;
  readonly ready: ReturnType<typeof lineAfter>;
}

/** As long as for the first shell. */
const wayMs = 15_000;

/** What stands behind a mark, or, where that does not come, what was said last. The stream is paused at the next byte. */
function lineAfter(
  stream: Duplex,
  wanted: string,
): Promise<{ readonly line: string | undefined; readonly otherwise: string }> {
  return new Promise((resolve) => {
    let said = Buffer.alloc(0);
    const settle = (line: string | undefined): void => {
      stream.off('data', look).off('close', ended).pause();
      resolve({ line, otherwise: said.toString('utf8').trim().split('\n').at(-1) || 'no answer came' });
    };
    const look = (chunk: Buffer): void => {
      said = Buffer.concat([said, chunk]);
      const start = said.indexOf(wanted);
      const end = start === -1 ? -1 : said.indexOf('\n', start);
      if (end === -1) return;
      settle(said.toString('utf8', start + wanted.length, end));
      if (said.length > end + 1) stream.unshift(said.subarray(end + 1));
    };
    const ended = (): void => settle(undefined);
    stream.on('data', look).on('close', ended).resume();
    if (stream.destroyed) ended();
  });
}

/** Nothing that a shell greets with begins like this. */
const mark = 'standbylint-connection:';
const readyMark = 'standbylint-ready';

function scriptFor(destination: Destination): string {
  const [kind, path, port] =
    destination.kind === 'tcp'
      ? ['tcp', destination.address, String(destination.port)]
      : ['unix', destination.path, /\.s\.PGSQL\.(\d+)$/u.exec(destination.path)?.[1] ?? ''];
  const { uid = '', gid = '' } = destination.kind === 'socket' ? (destination.as ?? {}) : {};
  const address = kind === 'tcp' ? path : '127.0.0.1';
  // one command, so that nothing of it is left for whoever reads on
  return [
    '{ exec 2>&1',
    `if command -v perl >/dev/null 2>&1; then unset PERL5OPT PERL_UNICODE; exec perl -e ${word(perl)} ${kind} ${word(path)} ${word(port)} ${word(String(uid))} ${word(String(gid))}; fi`,
    `a=${word(address)}; p=${word(port)}`,
    'if command -v nc >/dev/null 2>&1; then',
    `if e=$(nc -w 5 "$a" "$p" </dev/null 2>&1 >/dev/null); then echo ${mark}ok; exec nc "$a" "$p" 2>/dev/null; fi`,
    `echo "${mark}$e"; exit 1; fi`,
    `if command -v bash >/dev/null 2>&1; then exec bash -c ${word(bash)} bash "$a" "$p"; fi`,
    `echo '${mark}none of perl, nc and bash is there to connect with'; exit 1`,
    '}',
  ].join('\n');
}

/**
 * One process. In a container the first process is often the postmaster, and it inherits what loses its parent: a child of
 * ours that ended by a signal there would be taken for a crashed backend, and all sessions would be ended
 * (postmaster.c, HandleChildCrash).
 */
const perl = `
use Socket; $| = 1;
my ($kind, $where, $port, $uid, $gid) = @ARGV;
if ($uid ne "") { $) = "$gid $gid"; $> = $uid; }
my ($family, $address);
if ($kind eq "unix") { $where =~ s/^@/\\0/; $family = PF_UNIX; $address = pack_sockaddr_un($where); }
elsif ($where =~ /:/) { $family = PF_INET6; $address = Socket::pack_sockaddr_in6($port, Socket::inet_pton(PF_INET6, $where)); }
else { $family = PF_INET; $address = pack_sockaddr_in($port, inet_aton($where)); }
my $s; socket($s, $family, SOCK_STREAM, 0) && connect($s, $address) or do { print "${mark}$!\\n"; exit 1; };
my $own = "";
if ($family == PF_INET) { $own = inet_ntoa((unpack_sockaddr_in(getsockname($s)))[1]); }
elsif ($family == PF_INET6) { $own = Socket::inet_ntop(PF_INET6, (Socket::unpack_sockaddr_in6(getsockname($s)))[1]); }
print "${mark}ok $own\\n"; open(STDERR, ">", "/dev/null");
$SIG{PIPE} = "IGNORE";
sub pass { my ($from, $to) = @_; my $b; my $n = sysread($from, $b, 65536) or return 0; my $o = 0;
  while ($o < $n) { my $w = syswrite($to, $b, $n - $o, $o) or return 0; $o += $w; } return 1; }
my $open = 1;
while (1) {
  my $r = ""; vec($r, fileno(STDIN), 1) = $open; vec($r, fileno($s), 1) = 1;
  next if select($r, undef, undef, undef) < 0;
  if (vec($r, fileno($s), 1)) { pass($s, \\*STDOUT) or exit 0; }
  if ($open && vec($r, fileno(STDIN), 1)) { pass(\\*STDIN, $s) or do { shutdown($s, 1); $open = 0; }; }
}
`;

/** What it has ended is waited for, for the same reason. */
const bash = `
e=$( { exec 3<>"/dev/tcp/$1/$2"; } 2>&1 ) || { echo "${mark}$e"; exit 1; }
exec 3<>"/dev/tcp/$1/$2"; echo ${mark}ok; exec 2>/dev/null
cat <&0 >&3 & w=$!; cat <&3 & r=$!; wait -n; kill "$w" "$r"; wait; exit 0
`;
