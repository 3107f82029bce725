import type { Account, Answer, Host } from '../hosts/host.ts';
import { answer, noAnswer } from '../hosts/host.ts';
import { textFile } from './text-file.ts';

/**
 * The environment that the running server was started with; of one that is down nothing is known, and nothing is ours,
 * but what a container is created with, which is the same at each start.
 * Its own user may read it where root may not: in a container, root is not allowed to trace (man 5 proc, CAP_SYS_PTRACE).
 */
export async function environmentOf(
  host: Host,
  pid: number | undefined,
  owner?: Account,
): Promise<Readonly<Record<string, string>>> {
  if (pid === undefined) return ofContainer(host);
  const file = `/proc/${pid}/environ`;
  const own = await textFile(host, file);
  const environment = own.ok || owner === undefined || !mayBe(owner, host) ? own : await readAs(owner, host, file);
  if (!environment.ok) return ofContainer(host);
  return Object.fromEntries(
    environment.value.split('\0').flatMap((entry) => {
      const equals = entry.indexOf('=');
      return equals < 1 ? [] : [[entry.slice(0, equals), entry.slice(equals + 1)] as const];
    }),
  );
}

const mayBe = ({ uid }: Account, { account }: Host): boolean => account.uid === 0 && uid !== 0;

async function readAs(account: Account, host: Host, file: string): Promise<Answer<string>> {
  const ran = await host.run('cat', [file], { account });
  if (!ran.ok) return ran;
  const { exitCode, stdout, stderr } = ran.value;
  return exitCode === 0 ? answer(stdout) : noAnswer('EACCES', stderr);
}

/** libpq's variables: what an entrypoint makes of the others is not known. */
const ofContainer = ({ place, environment }: Host): Readonly<Record<string, string>> =>
  place?.kind !== 'container'
    ? {}
    : Object.fromEntries(
        Object.entries(environment).flatMap(([name, value]) =>
          value !== undefined && /^PG(?!DATA$)[A-Z]+$/u.test(name) ? [[name, value]] : [],
        ),
      );
