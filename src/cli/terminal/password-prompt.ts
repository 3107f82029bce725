import { secret } from '../../postgres/secret.ts';
import type { Secret } from '../../postgres/secret.ts';
import { UsageError } from '../usage-error.ts';

/** Whether somebody sits at a terminal who can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/**
 * Asks for a password on the terminal without showing what is typed. `asker` is who wants it, for the message where
 * there is no terminal. An interrupt ends it with the signal's reason thrown.
 */
export async function askForPassword(asker: string, signal: AbortSignal): Promise<Secret> {
  if (!canAsk())
    throw new UsageError(
      `${asker} asks for a password, but there is no terminal.`,
      'Put it into the password file (~/.pgpass) or into PGPASSWORD.',
    );
  const typed = await readHidden(process.stdin, signal);
  process.stderr.write('\n');
  return secret(typed);
}

/** Asks for a password that is to be given to a role, twice, so that it is not mistyped. */
export async function askForNewPassword(signal: AbortSignal): Promise<Secret> {
  for (;;) {
    const first = await readHidden(process.stdin, signal, 'New password: ');
    process.stderr.write('\n');
    const second = await readHidden(process.stdin, signal, 'Once more: ');
    process.stderr.write('\n');
    if (first === second && first !== '') return secret(first);
    process.stderr.write(first === '' ? 'An empty password does not work.\n' : 'The two passwords differ.\n');
  }
}

const keys = {
  enter: '\r',
  newline: '\n',
  backspace: '\u007f',
  delete: '\b',
  interrupt: '\u0003',
  endOfInput: '\u0004',
};

/** By hand: readline shows what is typed, and has no way not to. The end of the input is an empty password. */
async function readHidden(input: NodeJS.ReadStream, signal: AbortSignal, prompt = 'Password: '): Promise<string> {
  signal.throwIfAborted();
  let typed: readonly string[] = [];
  // before the prompt, as simple_prompt() does: who types at once is not shown either
  input.setRawMode(true);
  process.stderr.write(prompt);
  input.setEncoding('utf8');
  input.resume();
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      input.off('data', take);
      signal.removeEventListener('abort', interrupted);
      input.setRawMode(false);
      input.pause();
    };
    const interrupted = (): void => {
      stop();
      process.stderr.write('\n');
      reject(signal.reason);
    };
    const take = (chunk: string): void => {
      for (const key of chunk) {
        if (key === keys.enter || key === keys.newline || key === keys.endOfInput) {
          stop();
          resolve(typed.join(''));
          return;
        }
        // in raw mode the terminal makes no signal of it
        if (key === keys.interrupt) process.kill(process.pid, 'SIGINT');
        else typed = key === keys.backspace || key === keys.delete ? typed.slice(0, -1) : [...typed, key];
      }
    };
    signal.addEventListener('abort', interrupted, { once: true });
    input.on('data', take);
  });
}
