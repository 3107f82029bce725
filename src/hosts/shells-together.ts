import { randomBytes } from 'node:crypto';
import { Duplex } from 'node:stream';

import type { Problem } from './host.ts';
import { openProgram } from './local-programs.ts';
import type { OpenProgram, ProgramListener } from './local-programs.ts';
import { word } from './shell-word.ts';

/** A program of this machine that brings a POSIX shell of another one: `docker exec -i NAME sh`, `ssh HOST exec sh`. */
export interface ShellProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** How long it may take until the shell is there. */
  readonly startMs?: number;
  /** Brings one more shell, where that is done in another way. */
  readonly another?: ShellProgram;
}

/** Shells of one machine. */
export interface ShellsThere {
  open(on: ProgramListener): OpenProgram;
  /** One that becomes a connection. It is killed with its stream: what it waits for may never come. */
  connection(): Duplex;
  /** Ends what carries them; one that is opened after that is brought by itself. */
  close(): void;
  /** What carried them broke off: one more would be another login. */
  brokeOff(): boolean;
}

/** Each is brought by itself. */
export function shellsApart(shell: ShellProgram): ShellsThere {
  const open = (on: ProgramListener): OpenProgram => openProgram(shell.program, shell.args, on);
  return { open, connection: () => streamOf(open), close: () => undefined, brokeOff: () => false };
}

/**
 * An engine takes a tenth of a second or more to bring a shell, and over a network each is a request of its own, or a
 * login. Where the machine has perl, the first shell becomes one that starts the others there and carries what they say;
 * else it is the first that was wanted, and each further one is brought by itself.
 */
export function shellsTogether(shell: ShellProgram): ShellsThere {
  const apart = shellsApart(shell.another ?? shell);
  const mark = randomBytes(16).toString('hex');
  const waiting: Waiting[] = [];
  let carrier: Carrier | undefined;
  let brought: OpenProgram | undefined;
  /** Before anything is known, what came; then who hears what comes. */
  let said: Buffer = Buffer.alloc(0);
  let hears: ProgramListener | undefined;
  let isOver = false;
  let broke = false;

  const follow = (each: (one: Waiting, index: number) => OpenProgram): void => {
    for (const [index, one] of waiting.splice(0).entries()) if (!one.isOver) one.is(each(one, index));
  };
  const greeted = (program: OpenProgram): void => {
    const found = new RegExp(`\n${mark} (together|alone)\n`, 'u').exec(said.toString('latin1'));
    if (found === null) return;
    const rest = said.subarray(found.index + found[0].length);
    if (found[1] === 'together') {
      const made = new Carrier(program);
      carrier = made;
      hears = made;
      follow(({ on, ends }) => made.open(on, ends));
    } else {
      isOver = true;
      hears = waiting[0]?.on;
      follow(({ on }, index) => (index === 0 ? program : apart.open(on)));
    }
    if (rest.length > 0) hears?.onStdout(rest);
  };
  const bring = (): OpenProgram => {
    const program = openProgram(shell.program, shell.args, {
      onStdout: (chunk) => {
        if (hears !== undefined) return hears.onStdout(chunk);
        said = Buffer.concat([said, chunk]);
        greeted(program);
        if (hears === undefined && said.length > mostGreeting) program.kill();
      },
      onStderr: (text) => {
        for (const on of hears === undefined ? waiting.map((one) => one.on) : [hears]) on.onStderr(text);
      },
      onEnd: (problem, exitCode) => {
        isOver = true;
        broke = carrier !== undefined;
        carrier = undefined;
        hears?.onEnd(problem, exitCode);
        // a perl that does not run: the way there is open
        if (said.includes(`\n${mark} shell\n`)) return follow(({ on }) => apart.open(on));
        for (const { on } of waiting.splice(0)) on.onEnd(problem, exitCode);
      },
    });
    program.write(bootstrap(mark));
    return program;
  };
  const openAs = (on: ProgramListener, ends: Ends): OpenProgram => {
    if (carrier !== undefined) return carrier.open(on, ends);
    if (isOver) return apart.open(on);
    // who asks for it says how long that may take, and ends what hangs
    const one = new Waiting(on, ends, () => brought?.kill());
    waiting.push(one);
    brought ??= bring();
    return one;
  };
  return {
    open: (on) => openAs(on, 'by itself'),
    connection: () => streamOf((on) => openAs(on, 'killed')),
    brokeOff: () => broke,
    close: () => {
      // who still wants one brings it
      isOver = true;
      carrier = undefined;
      brought?.end();
    },
  };
}

/** How one ends that is not wanted any more: its input comes to an end, or at once. */
type Ends = 'by itself' | 'killed';

/** What is said to a shell before it is known how it comes. */
class Waiting implements OpenProgram {
  readonly on: ProgramListener;
  readonly ends: Ends;
  readonly #giveUp: () => void;
  readonly #held: ((to: OpenProgram) => void)[] = [];
  #to: OpenProgram | undefined;
  isOver = false;

  constructor(on: ProgramListener, ends: Ends, giveUp: () => void) {
    this.on = on;
    this.ends = ends;
    this.#giveUp = giveUp;
  }

  is(to: OpenProgram): void {
    this.#to = to;
    for (const say of this.#held) say(to);
  }

  write(text: string | Uint8Array): void {
    this.#say((to) => to.write(text));
  }

  end(): void {
    this.#say((to) => to.end());
  }

  kill(): void {
    if (this.#to !== undefined) return this.#to.kill();
    this.isOver = true;
    if (this.ends === 'by itself') this.#giveUp();
  }

  #say(say: (to: OpenProgram) => void): void {
    if (this.#to === undefined) this.#held.push(say);
    else say(this.#to);
  }
}

const headBytes = 9;
const mostOfFrame = 65_536;
/** What a machine says before its shell is there. */
const mostGreeting = 1024 * 1024;
/** So much output is dropped after the reader has gone, for a script to end by itself; a script that prints more is cut off. */
const mostUnheard = 100_000_000;

/** The perl there: frames of a letter, the number of a shell, a length, and so many bytes. */
class Carrier implements ProgramListener {
  readonly #program: OpenProgram;
  readonly #shells = new Map<number, ProgramListener>();
  #parts: Buffer[] = [];
  #length = 0;
  #wanted = headBytes;
  #last = 0;

  constructor(program: OpenProgram) {
    this.#program = program;
  }

  open(on: ProgramListener, ends: Ends): OpenProgram {
    this.#last += 1;
    const id = this.#last;
    this.#shells.set(id, on);
    this.#send(ends === 'killed' ? 'c' : 'o', id);
    return {
      write: (text) => this.#send('d', id, text),
      end: () => this.#send('e', id),
      // a shell that was killed would leave what it has started to the first process of a container
      kill: () => this.#send(ends === 'killed' ? 'k' : 'x', id),
    };
  }

  onStdout(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#wanted) return;
    let bytes = Buffer.concat(this.#parts, this.#length);
    this.#wanted = headBytes;
    while (bytes.length >= headBytes) {
      const end = headBytes + bytes.readUInt32BE(5);
      // something else speaks there
      if (end > headBytes + mostOfFrame) return this.#program.kill();
      if (bytes.length < end) {
        this.#wanted = end;
        break;
      }
      this.#tell(bytes.toString('latin1', 0, 1), bytes.readUInt32BE(1), bytes.subarray(headBytes, end));
      bytes = bytes.subarray(end);
    }
    this.#parts = [bytes];
    this.#length = bytes.length;
  }

  onStderr(text: string): void {
    for (const on of this.#shells.values()) on.onStderr(text);
  }

  onEnd(problem: Problem | undefined, exitCode?: number): void {
    for (const on of this.#shells.values()) on.onEnd(problem, exitCode);
    this.#shells.clear();
  }

  #tell(letter: string, id: number, body: Buffer): void {
    const on = this.#shells.get(id);
    if (letter === 'd') return on?.onStdout(body);
    this.#shells.delete(id);
    on?.onEnd(undefined);
  }

  #send(letter: string, id: number, text: string | Uint8Array = ''): void {
    const body = Buffer.from(text);
    const head = Buffer.alloc(headBytes);
    head.write(letter, 'latin1');
    head.writeUInt32BE(id, 1);
    head.writeUInt32BE(body.length, 5);
    this.#program.write(Buffer.concat([head, body]));
  }
}

function streamOf(open: (on: ProgramListener) => OpenProgram): Duplex {
  const program = open({
    onStdout: (chunk) => void stream.push(chunk),
    onStderr: () => undefined,
    onEnd: (problem) => {
      if (problem === undefined) stream.push(null);
      else stream.destroy(Object.assign(new Error(problem.message), { code: problem.code }));
    },
  });
  const stream: Duplex = new Duplex({
    allowHalfOpen: false,
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      program.write(chunk);
      done();
    },
    final: (done) => {
      program.end();
      done();
    },
    destroy: (error, done) => {
      program.kill();
      done(error);
    },
  });
  return stream;
}

/**
 * One command, so that nothing of it is left for perl. What is behind it is sent when the answer is there: shells read ahead.
 */
const bootstrap = (mark: string): string =>
  [
    String.raw`{ printf '\n%s shell\n' ${mark}`,
    // no word about a locale that is not there, and bytes as they are
    `if command -v perl >/dev/null 2>&1; then unset PERL5OPT PERL_UNICODE; PERL_BADLANG=0; export PERL_BADLANG; exec perl -e ${word(perl)} ${mark}; fi`,
    String.raw`printf '\n%s alone\n' ${mark}; }`,
    '',
  ].join('\n');

/**
 * Each shell is waited for here: in a container the first process is often the postmaster, and a process that is left to it
 * and ended by a signal would be a crashed backend to it. It ends when its input has, and the shells with it: connections
 * at once, the others when they come to the end of theirs.
 */
const perl = String.raw`
use strict; delete $ENV{PERL_BADLANG}; $SIG{PIPE} = "IGNORE"; binmode(STDIN); binmode(STDOUT);
my (%in, %out, %todo, %ends, %pid, %connects, %left); my ($open, $buffer) = (1, "");
sub say_all { my $b = shift; my $o = 0;
  while ($o < length($b)) { my $w = syswrite(STDOUT, $b, length($b) - $o, $o); if (!defined($w)) { $open = 0; return; } $o += $w; } }
sub frame { my ($letter, $id, $b) = @_; say_all(pack("a1NN", $letter, $id, length($b)) . $b); }
sub start { my ($id, $connects) = @_;
  my ($ir, $iw, $or, $ow); my $p;
  if (!pipe($ir, $iw) || !pipe($or, $ow) || !defined($p = fork())) { frame("e", $id, ""); return; }
  if ($p == 0) { $SIG{PIPE} = "DEFAULT"; open(STDIN, "<&", $ir) && open(STDOUT, ">&", $ow) && exec("sh"); exit 127; }
  close($ir); close($ow);
  $pid{$id} = $p; $in{$id} = $iw; $out{$id} = $or; $todo{$id} = ""; $connects{$id} = $connects; }
sub finish { my $id = shift; if ($in{$id}) { close($in{$id}); delete $in{$id}; } }
sub take { my ($letter, $id, $b) = @_;
  if ($letter eq "o" || $letter eq "c") { start($id, $letter eq "c"); }
  elsif (!$pid{$id}) { return; }
  elsif ($letter eq "d") { $todo{$id} .= $b; }
  elsif ($letter eq "k") { kill("KILL", $pid{$id}); }
  elsif ($letter eq "x") { $left{$id} = ${mostUnheard} unless defined($left{$id}); take("e", $id, ""); }
  elsif ($letter eq "e") { $ends{$id} = 1; finish($id) if $todo{$id} eq ""; } }
say_all("\n$ARGV[0] together\n");
while ($open || %pid) {
  if (!$open) { for my $id (keys %pid) { take($connects{$id} ? "k" : "x", $id, ""); } }
  my ($r, $w) = ("", "");
  vec($r, 0, 1) = 1 if $open;
  vec($r, fileno($out{$_}), 1) = 1 for keys %out;
  for my $id (keys %in) { vec($w, fileno($in{$id}), 1) = 1 if $todo{$id} ne ""; }
  next if select($r, $w, undef, undef) < 0;
  for my $id (keys %in) {
    next unless $todo{$id} ne "" && vec($w, fileno($in{$id}), 1);
    my $n = syswrite($in{$id}, $todo{$id}, 4096);
    if (defined($n)) { substr($todo{$id}, 0, $n) = ""; } else { $todo{$id} = ""; $ends{$id} = 1; }
    finish($id) if $ends{$id} && $todo{$id} eq ""; }
  for my $id (keys %out) {
    next unless vec($r, fileno($out{$id}), 1);
    if (sysread($out{$id}, my $b, ${mostOfFrame})) {
      if (!defined($left{$id})) { frame("d", $id, $b); next; }
      $left{$id} -= length($b); next if $left{$id} > 0; }
    finish($id); close($out{$id}); waitpid($pid{$id}, 0);
    delete $_->{$id} for (\%out, \%pid, \%todo, \%ends, \%connects, \%left);
    frame("e", $id, ""); }
  if ($open && vec($r, 0, 1)) {
    sysread(STDIN, $buffer, 65536, length($buffer)) or $open = 0;
    while (length($buffer) >= 9) {
      my ($letter, $id, $n) = unpack("a1NN", $buffer);
      last if length($buffer) < 9 + $n;
      my $b = substr($buffer, 9, $n); substr($buffer, 0, 9 + $n) = "";
      take($letter, $id, $b); } } }
`;
