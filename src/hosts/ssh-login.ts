import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { guardPath, releasePath } from './if-killed.ts';
import { run } from './local-programs.ts';
import { shellChannel } from './shell-channel.ts';
import type { ShellChannel } from './shell-channel.ts';
import { prelude } from './shell-greeting.ts';
import { shellsTogether } from './shells-together.ts';
import type { ShellProgram, ShellsThere } from './shells-together.ts';

/** Where to, and whether what is asked there is asked as root, by sudo, which must not ask for a password. */
export interface SshMachine {
  readonly destination: string;
  readonly sudo: boolean;
}

/** One login: the shell that is asked, and what brings one more shell over the same login. */
export interface SshLogin {
  readonly channel: ShellChannel;
  readonly shell: ShellProgram;
  readonly shells: ShellsThere;
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
  const folder = (await sharesLogins(destination)) ? undefined : newFolder();
  const path = `-oControlPath="${join(folder ?? '', 's').replaceAll('%', '%%')}"`;
  // where the login is gone, one more makes one of its own
  const another = folder === undefined ? shell() : shell(path, '-oControlMaster=no');
  const first = folder === undefined ? another : shell(path, '-oControlMaster=auto', '-oControlPersist=no');
  const shells = shellsTogether({ ...first, another });
  const channel = shellChannel(first, prelude, timeoutMs, shells);
  return {
    channel,
    shells,
    shell: another,
    close: () => {
      channel.close();
      shells.close();
      if (folder !== undefined) removeFolder(folder);
    },
  };
}

/** Whether the configuration names a socket of its own, or ssh cannot tell (`-G`: OpenSSH 6.8) or share (Windows). */
async function sharesLogins(destination: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const told = await run('ssh', ['-G', '--', destination]);
  return !told.ok || told.value.exitCode !== 0 || /^controlpath (?!none$)/mu.test(told.value.stdout);
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
