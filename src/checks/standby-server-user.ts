import { seen } from '../facts/observed.ts';
import { isInVolume } from '../hosts/engine-containers.ts';
import type { StandbyServerUser } from '../facts/standby-configuration.ts';
import { accountNamed } from '../hosts/account-named.ts';
import type { Account, Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { accountOf } from './server-account.ts';

/** The user that the standby's server runs as: the owner of its data directory (miscinit.c, checkDataDir, lets no other). */
export const standbyServerUserCheck = defineCheck({
  brings: ['standbyServerUser'],
  after: ['dataDirectory'],
  async look({ dataDirectory }, { host }) {
    if (dataDirectory.status !== 'seen') return { standbyServerUser: dataDirectory };
    const { owner, path } = dataDirectory.value;
    const { place } = host;
    const user = place?.kind === 'container' ? place.made?.user : undefined;
    const given = user === undefined ? undefined : await accountOfUser(host, user, owner.gid);
    if (given !== undefined)
      return {
        standbyServerUser: seen(
          { ...given, ...homeOf(host, given.home), canActAs: true, given: true },
          `the user of the ${host.label.replace(/^the /u, '')}`,
        ),
      };
    const { uid, gid, name, home } = await accountOf(host, owner.uid, owner.gid);
    const canActAs = host.account.uid === 0 || host.account.uid === uid;
    return {
      standbyServerUser: seen({ uid, gid, name, ...homeOf(host, home), canActAs }, `the owner of ${path}`),
    };
  },
});

function homeOf({ place }: Host, home: string): Pick<StandbyServerUser, 'home' | 'homeIsLost'> {
  const isLost =
    home !== '' && place?.kind === 'container' && place.state !== 'running' && !isInVolume(home, place.made);
  return { home: home === '' ? undefined : home, ...(isLost ? { homeIsLost: true } : {}) };
}

/** `NAME`, `UID`, `UID:GID`, as --user takes them. */
async function accountOfUser(host: Host, user: string, gid: number): Promise<Account | undefined> {
  const [name = '', group = ''] = user.split(':');
  if (!/^\d+$/u.test(name)) return accountNamed(host, name);
  return accountOf(host, Number(name), /^\d+$/u.test(group) ? Number(group) : gid);
}
