import { ifSeen, seen, unseen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { localEnd } from './local-history.ts';

/** Before anything is asked of a server: the WAL that is here by then is not ahead of what the primary says afterwards. */
export const localEndCheck = defineCheck({
  brings: ['localEnd'],
  after: ['controlFile', 'localWal'],
  async look({ controlFile, localWal }, { host }) {
    if (controlFile.status !== 'seen') return { localEnd: controlFile };
    if (!controlFile.value.ok) return { localEnd: unseen('unreadable', 'global/pg_control cannot be read') };
    return { localEnd: seen(await localEnd(host, controlFile.value.value, ifSeen(localWal)), 'pg_control and pg_wal') };
  },
});
