import type { Connection, Destination } from './host.ts';
import { errnoIn } from './errno-words.ts';
import { programStream } from './local-programs.ts';
import type { ShellProgram } from './shell-channel.ts';
import { word } from './shell-word.ts';

/**
 * A connection made by what is there of the machine's own programs: perl (every Debian has it), which can be another user
 * for a Unix socket; else nc or bash for TCP, and for the socket of a server here its port on 127.0.0.1. The first line
 * that comes back says whether it is connected; from then on the stream is the connection.
 */
export function connectThere(shell: ShellProgram, destination: Destination, signal: AbortSignal): Promise<Connection> {
  const stream = programStream(shell.program, shell.args);
  stream.on('error', () => undefined);
  const giveUp = (): void => void stream.destroy();
  signal.addEventListener('abort', giveUp, { once: true });
  stream.write(`${scriptFor(destination)}\n`);
  return new Promise<Connection>((resolve, reject) => {
    let said = Buffer.alloc(0);
    const settle = (): void => {
      signal.removeEventListener('abort', giveUp);
      stream.off('data', look).off('close', ended);
    };
    const refuse = (text: string): void => {
      settle();
      stream.destroy();
      reject(Object.assign(new Error(text), { code: errnoIn(text) ?? 'ENOTSUP' }));
    };
    const look = (chunk: Buffer): void => {
      said = Buffer.concat([said, chunk]);
      const start = said.indexOf(mark);
      const end = start === -1 ? -1 : said.indexOf('\n', start);
      if (end === -1) return;
      const line = said.toString('utf8', start + mark.length, end);
      const [, localAddress] = /^ok ?(.*)$/u.exec(line) ?? [];
      if (localAddress === undefined) return refuse(line);
      settle();
      stream.pause();
      if (said.length > end + 1) stream.unshift(said.subarray(end + 1));
      resolve(localAddress === '' ? stream : Object.assign(stream, { localAddress }));
    };
    const ended = (): void => refuse(said.toString('utf8').trim().split('\n').at(-1) ?? '');
    stream.on('data', look).on('close', ended);
  });
}

/** Nothing that a shell greets with begins like this. */
const mark = 'standbylint-connection:';

function scriptFor(destination: Destination): string {
  const [kind, path, port] =
    destination.kind === 'tcp'
      ? ['tcp', destination.address, String(destination.port)]
      : ['unix', destination.path, /\.s\.PGSQL\.(\d+)$/u.exec(destination.path)?.[1] ?? ''];
  const { uid = '', gid = '' } = destination.kind === 'socket' ? (destination.as ?? {}) : {};
  const address = kind === 'tcp' ? path : '127.0.0.1';
  return [
    'exec 2>&1',
    `if command -v perl >/dev/null 2>&1; then exec perl -e ${word(perl)} ${kind} ${word(path)} ${word(port)} ${word(String(uid))} ${word(String(gid))}; fi`,
    `a=${word(address)}; p=${word(port)}`,
    'if command -v nc >/dev/null 2>&1; then',
    `if e=$(nc -w 5 "$a" "$p" </dev/null 2>&1 >/dev/null); then echo ${mark}ok; exec nc "$a" "$p" 2>/dev/null; fi`,
    `echo "${mark}$e"; exit 1; fi`,
    `if command -v bash >/dev/null 2>&1; then exec bash -c ${word(bash)} bash "$a" "$p"; fi`,
    `echo '${mark}none of perl, nc and bash is there to connect with'`,
  ].join('\n');
}

/** Two processes, one for each direction; the one that hears the server end ends the other. */
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
sub pass { my ($from, $to) = @_; my $b;
  while (my $n = sysread($from, $b, 65536)) { my $o = 0; while ($o < $n) { my $w = syswrite($to, $b, $n - $o, $o) or return; $o += $w; } } }
my $child = fork();
if (!$child) { pass(\\*STDIN, $s); shutdown($s, 1); exit 0; }
pass($s, \\*STDOUT); kill("KILL", $child); exit 0;
`;

const bash = `
e=$( { exec 3<>"/dev/tcp/$1/$2"; } 2>&1 ) || { echo "${mark}$e"; exit 1; }
exec 3<>"/dev/tcp/$1/$2"; echo ${mark}ok; exec 2>/dev/null
cat <&0 >&3 & cat <&3; kill $! 2>/dev/null
`;
