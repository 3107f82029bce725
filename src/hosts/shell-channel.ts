import { randomBytes } from 'node:crypto';

import { answer } from './host.ts';
import type { Answer, Problem } from './host.ts';
import { endThere } from './shell-end.ts';
import type { OpenProgram } from './local-programs.ts';
import { shellsApart } from './shells-together.ts';
import type { ShellProgram, ShellsThere } from './shells-together.ts';

/** What a script printed and how it ended. */
export interface Reply {
  readonly status: number;
  readonly out: Buffer;
  /** Its error output, without the newline at its end. */
  readonly err: string;
}

/** One script after the other, asked all at once and answered in their order: a round trip takes many of them. */
export interface ShellChannel {
  ask(script: string, timeoutMs?: number): Promise<Answer<Reply>>;
  /** Why a shell ended by itself, where one did: what was looked at since may be another machine's, or half of it. */
  lost(): Problem | undefined;
  close(): void;
}

interface Question {
  readonly script: string;
  readonly timeoutMs: number;
  readonly tell: (reply: Answer<Reply>) => void;
}

/**
 * A shell that is kept for as long as the channel is: it reads scripts from its standard input, and ends with that. Each
 * runs in a subshell without input of its own. What it prints is framed by a word that nobody else knows, so that bytes
 * come as they are, and a shell that greets is understood. A script that does not end in time ends its shell; the next
 * one gets a new shell, a few times. The first one comes from `there`.
 */
export function shellChannel(
  shell: ShellProgram,
  prelude: string,
  defaultMs: number,
  there: ShellsThere = shellsApart(shell),
): ShellChannel {
  const waiting: Question[] = [];
  let line: Line | undefined;
  let shells = 0;
  let closed = false;
  let broken: Problem | undefined;
  let lost: Problem | undefined;

  const fail = (problem: Problem): void => {
    broken = problem;
    for (const question of waiting.splice(0)) question.tell({ ok: false, problem });
  };
  const open = (): Line => {
    shells += 1;
    // what hangs may be what carries the first one
    const from = shells === 1 ? there : shellsApart(shell);
    return new Line(shell, from, prelude, {
      // what had begun is told; the rest is for the next shell
      ended: (asked, problem) => {
        line = undefined;
        if (problem.code !== 'ETIMEDOUT' && !closed) lost ??= problem;
        const [first, ...rest] = asked;
        first?.tell({ ok: false, problem });
        waiting.unshift(...rest);
        if (closed || shells >= mostShells || first === undefined || there.brokeOff()) fail(problem);
        else next();
      },
    });
  };
  const next = (): void => {
    while (waiting.length > 0) {
      line ??= open();
      const question = waiting.shift();
      if (question !== undefined) line.ask(question);
    }
  };
  return {
    ask: (script, timeoutMs = defaultMs) =>
      broken !== undefined || closed
        ? Promise.resolve({ ok: false, problem: broken ?? { code: 'ECANCELED', message: 'the connection is closed' } })
        : new Promise((tell) => {
            waiting.push({ script, timeoutMs, tell });
            next();
          }),
    lost: () => lost ?? broken,
    close: () => {
      closed = true;
      line?.end();
    },
  };
}

const mostShells = 4;
/** ssh may have to log in. */
const usualStartMs = 15_000;
const mostBytes = 96 * 1024 * 1024;

interface Listener {
  readonly ended: (asked: readonly Question[], problem: Problem) => void;
}

/** One shell of a channel. */
class Line {
  readonly #shell: ShellProgram;
  readonly #child: OpenProgram;
  readonly #listener: Listener;
  readonly #word = randomBytes(16).toString('hex');
  readonly #asked: Question[] = [];
  #bytes: Buffer[] = [];
  #length = 0;
  #tail: Buffer = Buffer.alloc(0);
  /** The number of the shell there, from its first word on. */
  #pid: number | undefined;
  #over = false;
  #timer: NodeJS.Timeout | undefined;
  #err = '';

  constructor(shell: ShellProgram, from: ShellsThere, prelude: string, listener: Listener) {
    this.#shell = shell;
    this.#listener = listener;
    this.#child = from.open({
      onStdout: (chunk) => this.#take(chunk),
      onStderr: (text) => {
        this.#err = `${this.#err}${text}`.slice(-2_000);
      },
      onEnd: (problem) => this.#end(problem ?? { code: 'EPIPE', message: this.#lastWords() }),
    });
    this.#child.write(`${prelude}\nprintf '\\n%s=%s\\n' ${this.#word} "$$"\n`);
    this.#setTimer(shell.startMs ?? usualStartMs);
  }

  ask(question: Question): void {
    this.#asked.push(question);
    // fd 4 is the real output: the command substitution takes what the script says on its error output
    this.#child.write(
      `{ e=$( { ${question.script}\n} 2>&1 >&4 4>&- </dev/null ); s=$?; } 4>&1; printf '\\n%s %s\\n%s' ${this.#word} "$s" "$e"; printf '\\n%s\\n' ${this.#word}\n`,
    );
    if (this.#pid !== undefined && this.#asked.length === 1) this.#setTimer(question.timeoutMs);
  }

  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#child.end();
  }

  #setTimer(ms: number): void {
    clearTimeout(this.#timer);
    const late = { code: 'ETIMEDOUT', message: `no answer within ${ms / 1000} s` };
    this.#timer = setTimeout(() => this.#end(late), ms);
  }

  #end(problem: Problem): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    const end = (): void => {
      this.#child.kill();
      this.#listener.ended(this.#asked.splice(0), problem);
    };
    if (problem.code !== 'ETIMEDOUT' || this.#pid === undefined) return end();
    // what hangs would outlive the way there
    void endThere(this.#shell.another ?? this.#shell, this.#pid).then(end);
  }

  #lastWords(): string {
    // an engine says last where more is to be read
    const said =
      this.#err
        .trim()
        .split('\n')
        .findLast((line) => line.trim() !== '' && !/^(?:Run|See) '.+ --help'/u.test(line)) ?? '';
    return said === '' ? `${this.#shell.program} ended` : said;
  }

  #take(chunk: Buffer): void {
    if (this.#over) return;
    this.#bytes.push(chunk);
    this.#length += chunk.length;
    if (this.#length > mostBytes) {
      this.#end({ code: 'EMSGSIZE', message: `more than ${mostBytes} bytes came` });
      return;
    }
    // large answers come in many chunks: they are joined when the end of a frame may be in them
    const seen = Buffer.concat([this.#tail, chunk]);
    this.#tail = seen.subarray(-(this.#word.length + 2));
    if (seen.includes(this.#word)) this.#readFrames();
  }

  #readFrames(): void {
    let bytes: Buffer = Buffer.concat(this.#bytes, this.#length);
    if (this.#pid === undefined) {
      const start = bytes.indexOf(`\n${this.#word}=`);
      const end = start === -1 ? -1 : bytes.indexOf('\n', start + 1);
      if (end === -1) return this.#keep(bytes);
      this.#pid = Number(bytes.toString('latin1', start + this.#word.length + 2, end));
      bytes = bytes.subarray(end + 1);
      this.#timeNext();
    }
    for (;;) {
      const frame = this.#frameIn(bytes);
      if (frame === undefined) return this.#keep(bytes);
      bytes = frame.rest;
      const question = this.#asked.shift();
      this.#timeNext();
      question?.tell(answer(frame.reply));
    }
  }

  #timeNext(): void {
    const [first] = this.#asked;
    if (first === undefined) clearTimeout(this.#timer);
    else this.#setTimer(first.timeoutMs);
  }

  #frameIn(bytes: Buffer): { readonly reply: Reply; readonly rest: Buffer } | undefined {
    const head = bytes.indexOf(`\n${this.#word} `);
    if (head === -1) return undefined;
    const headEnd = bytes.indexOf('\n', head + 1);
    const close = headEnd === -1 ? -1 : bytes.indexOf(`\n${this.#word}\n`, headEnd);
    if (close === -1) return undefined;
    const status = Number(bytes.toString('latin1', head + 1, headEnd).split(' ')[1]);
    return {
      reply: { status, out: bytes.subarray(0, head), err: bytes.toString('utf8', headEnd + 1, close) },
      rest: bytes.subarray(close + this.#word.length + 2),
    };
  }

  #keep(bytes: Buffer): void {
    this.#bytes = [bytes];
    this.#length = bytes.length;
  }
}
