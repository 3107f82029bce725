import { access, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import { freePort } from '../../src/throwaway/free-port.ts';
import { until } from './until.ts';

/** Why no other machine can be played; undefined where it can. */
export const noSshd: string | undefined = await (async () => {
  if (process.getuid?.() !== 0) return 'an SSH server that lets others in needs root';
  return access('/usr/sbin/sshd').then(
    () => undefined,
    () => "no SSH server is installed (Debian's openssh-server)",
  );
})();

/** The same for who becomes root there. */
export const noSudo: string | undefined =
  noSshd ??
  (await access('/usr/bin/sudo').then(
    () => undefined,
    () => "sudo is not installed (Debian's sudo)",
  ));

export interface SshMachine {
  readonly path: string;
  readonly config: string;
  readonly port: number;
  /** Of sshd, whose children are the logins. */
  readonly pid: number | undefined;
  /** How often somebody has logged in. */
  readonly logins: () => Promise<number>;
  /** Ends all connections, as a network that fails does. */
  readonly breakOff: () => Promise<void>;
}

/**
 * sshd on a loopback port, with keys of its own, and an `ssh` that knows it as db2. `sudoers`: one logs in as a user whom
 * only that sshd knows, `dba`, and this is what its sudo goes by. `sets`: variables of whoever logs in. `greets`: before each
 * login sshd shows a banner, and the shell prints something of its own before it does what it is told.
 */
export async function aSshMachine(
  afterwards: (end: () => Promise<void>) => void,
  {
    sudoers,
    sets = {},
    greets = false,
  }: {
    readonly sudoers?: string;
    readonly sets?: Readonly<Record<string, string>>;
    readonly greets?: boolean;
  } = {},
): Promise<SshMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-ssh-'));
  const file = (name: string): string => join(folder, name);
  // sshd reads the key as whoever logs in
  await chmod(folder, 0o711);
  const port = await freePort();
  for (const key of ['host', 'user']) await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
  const [kind = '', public_ = ''] = (await readFile(file('host.pub'), 'utf8')).split(' ');
  await writeFile(file('known'), `[127.0.0.1]:${port} ${kind} ${public_}\n`);
  await writeFile(
    file('sshd_config'),
    [
      ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${file('host')}`, 'PermitRootLogin yes'],
      // PAM does not know that user, and lets those in whose password is locked
      `UsePAM ${sudoers === undefined ? 'yes' : 'no'}`,
      ...[
        `AuthorizedKeysFile ${file('user.pub')}`,
        'StrictModes no',
        'PidFile none',
        'MaxStartups 100',
        'LogLevel INFO',
        ...Object.entries(greets ? { ...sets, BASH_ENV: file('greeting') } : sets).map(
          ([name, value]) => `SetEnv ${name}=${value}`,
        ),
        ...(greets ? [`Banner ${file('banner')}`] : []),
        '',
      ],
    ].join('\n'),
  );
  await writeFile(
    file('config'),
    `Host db2\nHostName 127.0.0.1\nPort ${port}\nUser ${sudoers === undefined ? 'root' : 'dba'}\nIdentityFile ${file('user')}\nUserKnownHostsFile ${file('known')}\n`,
  );
  if (greets) {
    await writeFile(file('banner'), '*** Authorized use only ***\n'.repeat(30));
    await writeFile(
      file('greeting'),
      'echo "Welcome to db2"; echo "2 updates can be applied" >&2; printf "no newline"\n',
    );
  }
  await writeFile(file('ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${file('config')}' "$@"\n`);
  await chmod(file('ssh'), 0o755);
  await execa('mkdir', ['-p', '/run/sshd']);
  const serve = ['/usr/sbin/sshd', '-D', '-E', file('log'), '-f', file('sshd_config')] as const;
  let words: readonly [string, ...string[]] = serve;
  if (sudoers !== undefined) {
    await chmod(folder, 0o755);
    await writeFile(file('passwd'), `${await readFile('/etc/passwd', 'utf8')}dba:*:64242:64242::/tmp:/bin/sh\n`, {
      mode: 0o644,
    });
    await writeFile(file('sudoers'), `${sudoers}\n`, { mode: 0o440 });
    // in a mount namespace of its own: the machine itself keeps its files
    const mounts = ['passwd', 'sudoers'].map((name) => `mount --bind '${file(name)}' /etc/${name}`);
    words = ['unshare', '--mount', 'sh', '-c', `${mounts.join(' && ')} && exec ${serve.join(' ')}`];
  }
  const [program, ...args] = words;
  const sshd = execa(program, args, { reject: false, stdio: 'ignore' });
  afterwards(async () => {
    sshd.kill();
    await sshd;
    await rm(folder, { recursive: true, force: true });
  });
  await until('sshd answers', () =>
    execa(file('ssh'), ['-oBatchMode=yes', 'db2', 'true']).then(
      () => true,
      () => null,
    ),
  );
  const logins = async (): Promise<number> =>
    (await readFile(file('log'), 'utf8')).split('\n').filter((line) => line.startsWith('Accepted publickey')).length;
  const breakOff = async (): Promise<void> => {
    // one child for each connection
    const children = await readFile(`/proc/${sshd.pid}/task/${sshd.pid}/children`, 'utf8');
    for (const pid of children.trim().split(' ')) process.kill(Number(pid), 'SIGKILL');
  };
  return { path: folder, config: file('config'), port, pid: sshd.pid, logins, breakOff };
}
