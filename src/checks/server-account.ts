import type { Host } from '../hosts/host.ts';
import type { UserWithGroups } from '../hosts/host-of-user.ts';
import { textFile } from './text-file.ts';

/**
 * The user of this number as the system knows it: name, home, groups. A number without a name (a container's) is its own
 * name, and has no home.
 */
export async function accountOf(host: Host, uid: number, gid: number): Promise<UserWithGroups> {
  const [passwd, groups] = await Promise.all([textFile(host, '/etc/passwd'), textFile(host, '/etc/group')]);
  const fields = (passwd.ok ? lineOf(passwd.value, uid) : undefined) ?? (await asked(host, uid));
  const name = fields?.[0] ?? (uid === host.account.uid ? host.account.name : String(uid));
  const home = fields?.[5] ?? (uid === host.account.uid ? host.account.home : '');
  const own = Number(fields?.[3] ?? gid);
  return { uid, gid: own, name, home, groups: groups.ok ? groupsOf(groups.value, name) : [] };
}

/** Users of a directory service are not in /etc/passwd. */
async function asked(host: Host, uid: number): Promise<readonly string[] | undefined> {
  const found = await host.run('getent', ['passwd', String(uid)]);
  return found.ok ? lineOf(found.value.stdout, uid) : undefined;
}

const lineOf = (passwd: string, uid: number): readonly string[] | undefined =>
  passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[2] === String(uid));

/** group(5): name, password, number, members between commas. */
const groupsOf = (file: string, user: string): readonly number[] =>
  file
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => (fields[3] ?? '').split(',').includes(user))
    .map((fields) => Number(fields[2]));
