import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { guardPath, releasePath } from './if-killed.ts';
import { run } from './local-programs.ts';
import { shellChannel } from './shell-channel.ts';
import type { ShellChannel, ShellProgram } from './shell-channel.ts';
import { prelude } from './shell-greeting.ts';

/** Where to, and whether what is asked there is asked as root, by sudo, which must not ask for a password. */
export interface SshMachine {
  readonly destination: string;
  readonly sudo: boolean;
}

/** One login: the shell that is asked, and what brings one more shell over the same login. */
export interface SshLogin {
  readonly channel: ShellChannel;
  readonly shell: ShellProgram;
  /** One more shell needs no login of its own already. */
  readonly isShared: boolean;
  close(): void;
}

/**
 * Logs in by the system's own ssh. It never asks: a key that is not known or a password that is wanted is an answer. All
 * further shells come over the same login (ssh_config(5), ControlMaster), through a socket in a folder that nobody else
 * may enter; where the user's own configuration shares logins, that stays as it is.
 */
export async function logIn({ destination, sudo }: SshMachine, timeoutMs: number): Promise<SshLogin> {
  const connectSeconds = Math.max(1, Math.ceil(timeoutMs / 1_000));
  const options = ['-T', '-oBatchMode=yes', `-oConnectTimeout=${connectSeconds}`];
  // `exec sh`: csh and fish understand it as well
  const shell = (...more: readonly string[]): ShellProgram => ({
    program: 'ssh',
    args: [...options, ...more, '--', destination, sudo ? 'exec sudo -n -H sh' : 'exec sh'],
  });
  const [shares, isShared] = await Promise.all([sharesLogins(destination), isLoggedIn(destination)]);
  const folder = shares ? undefined : newFolder();
  if (folder === undefined) {
    const own = shell();
    const channel = shellChannel(own, prelude, timeoutMs);
    return { channel, shell: own, isShared, close: () => channel.close() };
  }
  const path = `-oControlPath="${join(folder, 's').replaceAll('%', '%%')}"`;
  const channel = shellChannel(shell(path, '-oControlMaster=auto', '-oControlPersist=no'), prelude, timeoutMs);
  return {
    channel,
    // where the login is gone, it makes one of its own
    shell: shell(path, '-oControlMaster=no'),
    isShared: false,
    close: () => {
      channel.close();
      removeFolder(folder);
    },
  };
}

/** Whether the configuration names a socket of its own, or ssh cannot tell (`-G`: OpenSSH 6.8) or share (Windows). */
async function sharesLogins(destination: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const told = await run('ssh', ['-G', '--', destination]);
  return !told.ok || told.value.exitCode !== 0 || /^controlpath (?!none$)/mu.test(told.value.stdout);
}

/** A login that the user's own configuration shares is there. */
async function isLoggedIn(destination: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const checked = await run('ssh', ['-O', 'check', '--', destination]);
  return checked.ok && checked.value.exitCode === 0;
}

/** What is there still when the tool ends goes with it. */
const folders = new Set<string>();
process.on('exit', () => {
  for (const folder of folders) removeFolder(folder);
});

function newFolder(): string | undefined {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'standbylint-ssh-'));
    folders.add(folder);
    guardPath(folder);
    // sun_path holds 104 bytes on some systems, and ssh adds 17 while it makes the socket
    return Buffer.byteLength(folder) + '/s'.length + 17 < 104 ? folder : undefined;
  } catch {
    return undefined;
  }
}

function removeFolder(folder: string): void {
  folders.delete(folder);
  try {
    rmSync(folder, { recursive: true, force: true });
    releasePath(folder);
  } catch {
    // nothing is to be done about it
  }
}
