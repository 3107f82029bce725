import { answer, noAnswer } from './host.ts';
import type { Answer, Host, ProcessStatus } from './host.ts';
import { errorCode } from './local-answers.ts';

/**
 * What runs under a process number: from /proc, and from ps(1) where there is no /proc. `isThere`: whether the machine has
 * a process of that number at all, whoever may look at it.
 */
export async function processStatus(
  host: Host,
  pid: number,
  isThere: (pid: number) => Promise<boolean> = isHere,
): Promise<Answer<ProcessStatus>> {
  if (!Number.isInteger(pid) || pid < 1) return noAnswer('ESRCH', `${pid} is not a PID`);
  const text = async (name: string): Promise<string | undefined> => {
    const content = await host.read(`/proc/${pid}/${name}`, { maxBytes: 64 * 1024 });
    return content.ok ? decode(content.value.bytes) : undefined;
  };
  const [stat, status, command, group, directory] = await Promise.all([
    text('stat'),
    text('status'),
    text('cmdline'),
    text('cgroup'),
    host.readLink(`/proc/${pid}/cwd`),
  ]);
  if (stat === undefined) return (await isThere(pid)) ? statusFromPs(host, pid) : gone(pid);
  // comm stands in parentheses and may hold any character, a closing parenthesis as well: the last one ends it
  const program = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'X') return gone(pid);
  if (state === 'Z') return noAnswer('zombie', `process ${pid} has ended, but its parent has not reaped it`);
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status ?? '')?.[1];
  const words = command?.split('\0').filter((word, index, all) => word !== '' || index < all.length - 1);
  return answer({
    program,
    uid: uid === undefined ? undefined : Number(uid),
    parent: Number.isInteger(Number(rest[0])) ? Number(rest[0]) : undefined,
    held: heldBy(state ?? ''),
    workingDirectory: directory.ok ? directory.value : undefined,
    startedAt: await startOf(host, Number(rest[18])),
    commandLine: words === undefined || words.length === 0 ? undefined : words,
    controlGroup: group,
  });
}

/** The name of a user: /etc/passwd, and the name services behind it where it is not there. */
export async function userName(host: Host, uid: number): Promise<Answer<string>> {
  if (uid === host.account.uid) return answer(host.account.name);
  const passwd = await host.read('/etc/passwd', { maxBytes: 1024 * 1024 });
  const local = passwd.ok ? nameIn(decode(passwd.value.bytes), uid) : undefined;
  if (local !== undefined) return answer(local);
  const asked = await host.run('getent', ['passwd', String(uid)]);
  const name = asked.ok ? nameIn(asked.value.stdout, uid) : undefined;
  return name === undefined ? noAnswer('ENOENT', `no user has the number ${uid}`) : answer(name);
}

const nameIn = (passwd: string, uid: number): string | undefined =>
  passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name, , number]) => name !== undefined && name !== '' && number === String(uid))?.[0];

/** proc(5): the first letter; ps(1) of the BSDs has T for both kinds, and D or U for a wait in the kernel. */
function heldBy(state: string): ProcessStatus['held'] {
  const letter = state.charAt(0);
  if (letter === 'T') return 'stopped';
  if (letter === 't') return 'traced';
  return letter === 'D' || letter === 'U' ? 'waiting' : undefined;
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const gone = (pid: number): Answer<never> => noAnswer('ESRCH', `no process has the number ${pid}`);

/** kill(2) with signal 0; EPERM says that it is there and another user's. */
async function isHere(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** proc(5): starttime is in clock ticks since boot, and the kernel shows user space 100 of them a second. */
async function startOf(host: Host, ticks: number): Promise<Date | undefined> {
  const kernel = await host.read('/proc/stat', { maxBytes: 1024 * 1024 });
  const boot = kernel.ok ? /^btime (\d+)$/m.exec(decode(kernel.value.bytes))?.[1] : undefined;
  return boot === undefined || !Number.isFinite(ticks) ? undefined : new Date((Number(boot) + ticks / 100) * 1000);
}

/** macOS and the BSDs have no /proc; a /proc mounted with hidepid shows other users' processes to nobody. */
async function statusFromPs(host: Host, pid: number): Promise<Answer<ProcessStatus>> {
  const asked = await host.run('ps', ['-o', 'uid=', '-o', 'ppid=', '-o', 'state=', '-o', 'comm=', '-p', String(pid)]);
  const line = asked.ok ? /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/m.exec(asked.value.stdout) : null;
  const program = line?.[4]?.split('/').at(-1);
  if (program === undefined) return noAnswer('EPERM', `process ${pid} runs, and the system does not show what it is`);
  return answer({
    program,
    uid: Number(line?.[1]),
    parent: Number(line?.[2]),
    held: heldBy(line?.[3] ?? ''),
    workingDirectory: undefined,
    startedAt: undefined,
    commandLine: undefined,
    controlGroup: undefined,
  });
}
