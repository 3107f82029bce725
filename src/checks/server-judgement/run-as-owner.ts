import type { Account, Answer, Host, Ran } from '../../hosts/host.ts';
import type { Configuration } from '../../postgres/configuration.ts';
import type { CommandLineSetting } from '../../postgres/postmaster-files.ts';

export interface Judging {
  readonly program: string;
  readonly owner: Pick<Account, 'uid' | 'gid'>;
  readonly dataDirectory: string;
  readonly configFile: string;
  readonly commandLine: readonly CommandLineSetting[];
  readonly configuration: Configuration;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Runs a server program as the owner of a data directory, with nothing of our environment. */
export function runAsOwner(
  host: Host,
  owner: Pick<Account, 'uid' | 'gid'>,
  program: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Answer<Ran>> {
  return host.run(program, args, {
    ...options,
    alone: true,
    environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    maxOutputBytes: 256 * 1024,
    ...(host.account.uid === 0 ? { account: owner } : {}),
  });
}
