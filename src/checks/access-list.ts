import type { Host } from '../hosts/host.ts';

/**
 * What an access control list gives a user its mode does not tell (acl(5)), and root, who may do everything, cannot try it as
 * that user: ls(1) marks what has such a list.
 */
export async function hasAccessList(host: Host, path: string): Promise<boolean> {
  const ran = await host.run('ls', ['-ld', '--', path], { timeoutMs: longestMs });
  return ran.ok && /^[-d][-rwxsStT]{9}\+/u.test(ran.value.stdout);
}

const longestMs = 3_000;
