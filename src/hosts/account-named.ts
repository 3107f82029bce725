import type { Account, Host } from './host.ts';

/** The user of this name in /etc/passwd; undefined where there is none. */
export async function accountNamed(host: Host, wanted: string): Promise<Account | undefined> {
  const passwd = await host.read('/etc/passwd', { maxBytes: 1024 * 1024 });
  if (!passwd.ok) return undefined;
  const fields = Buffer.from(passwd.value.bytes)
    .toString('utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === wanted);
  if (fields === undefined) return undefined;
  const [name = '', , uid, gid, , home = ''] = fields;
  return /^\d+$/u.test(uid ?? '') && /^\d+$/u.test(gid ?? '')
    ? { name, uid: Number(uid), gid: Number(gid), home }
    : undefined;
}
