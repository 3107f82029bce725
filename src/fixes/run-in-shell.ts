import type { Step } from '../findings/report.ts';
import type { Host } from '../hosts/host.ts';
import { shellWord } from '../remedies/quoting.ts';
import type { ShellOn, StepResult } from './reach.ts';

/** A server that is started has a minute to come up (pg_ctl.c, DEFAULT_WAIT). */
const timeoutMs = 75_000;

/**
 * Runs a shell step by `sh -c` as that user, with all its groups, and with an environment in which nothing of ours stands.
 * Where a start fails, what the server wrote to its log since belongs to what was printed.
 */
export async function runInShell({ host, user, environment }: ShellOn, step: Step): Promise<StepResult> {
  const log = step.does === 'start' || step.does === 'restart' ? step.paths?.[1] : undefined;
  const sizeBefore = log === undefined ? 0 : await sizeOf(host, log);
  const run = 'exec sh -c "$1" </dev/null';
  const words = ['sh', step.text];
  const ran =
    host.account.uid === user.uid
      ? await host.run('sh', ['-c', run, ...words], { alone: true, environment, timeoutMs })
      : host.place !== undefined
        ? await host.run('sh', ['-c', run, ...words], { account: user, alone: true, environment, timeoutMs })
        : // root's own program must not see that user's environment, which could name libraries for it to load: the shell
          // that is that user's already sets it
          await host.run('setpriv', [...asUser(user), 'sh', '-c', `eval "$(cat)"; ${run}`, ...words], {
            alone: true,
            environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
            input: assignments(environment),
            timeoutMs,
          });
  if (!ran.ok) return { ok: false, output: ran.problem.message };
  const { exitCode, stdout, stderr } = ran.value;
  const written = log === undefined ? '' : await readFrom(host, log, sizeBefore);
  const printed = `${stdout}${stderr}${exitCode === 0 ? '' : written}`.trim().slice(-longest);
  return exitCode === 0
    ? { ok: true, output: printed }
    : { ok: false, output: `it ended with status ${exitCode}${printed === '' ? '' : `: ${printed}`}` };
}

const longest = 4_000;

/** util-linux. A number without a name has no groups but its own. */
const asUser = ({ uid, gid, name }: ShellOn['user']): readonly string[] => [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${gid}`,
  name === String(uid) ? '--clear-groups' : '--init-groups',
  '--',
];

const assignments = (environment: ShellOn['environment']): string =>
  Object.entries(environment)
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/u.test(name))
    .map(([name, value]) => `export ${name}=${shellWord(value)}\n`)
    .join('');

async function sizeOf(host: Host, file: string): Promise<number> {
  const status = await host.status(file);
  return status.ok ? status.value.sizeBytes : 0;
}

async function readFrom(host: Host, file: string, from: number): Promise<string> {
  const read = await host.read(file, { from, maxBytes: 64 * 1024 });
  return read.ok ? new TextDecoder().decode(read.value.bytes) : '';
}
