import { seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { accountOf } from './server-account.ts';

/** The user that the standby's server runs as: the owner of its data directory (miscinit.c, checkDataDir, lets no other). */
export const standbyServerUserCheck = defineCheck({
  brings: ['standbyServerUser'],
  after: ['dataDirectory'],
  async look({ dataDirectory }, { host }) {
    if (dataDirectory.status !== 'seen') return { standbyServerUser: dataDirectory };
    const { owner, path } = dataDirectory.value;
    const { uid, gid, name, home } = await accountOf(host, owner.uid, owner.gid);
    const canActAs = host.account.uid === 0 || host.account.uid === uid;
    return {
      standbyServerUser: seen(
        { uid, gid, name, home: home === '' ? undefined : home, canActAs },
        `the owner of ${path}`,
      ),
    };
  },
});
