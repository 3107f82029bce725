import { posix } from 'node:path';

import { isDataDirectory } from '../facts/data-directory.ts';
import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';

/**
 * The files of the relations of a standby, of its WAL and of its transactions: several checks ask for them, and here they are
 * looked at once. It waits for no primary.
 */
export const dataFilesCheck = defineCheck({
  brings: ['dataFiles'],
  after: ['dataDirectory', 'runningStandby'],
  async look({ dataDirectory }, { subject, host }) {
    const directory = ifSeen(dataDirectory);
    if (directory === undefined || !isDataDirectory(directory) || host.filesBelow === undefined)
      return { dataFiles: notApplicable('they are looked for by find(1)') };
    const { path } = directory;
    const spaces = await host.list(posix.join(path, 'pg_tblspc'), { limit: mostFiles });
    const roots = [...holdingFiles, ...(spaces.ok ? spaces.value.entries.map(({ name }) => `pg_tblspc/${name}`) : [])];
    const isCompared = subject.command === 'postmortem' && subject.admin !== undefined;
    const found = await host.filesBelow(
      roots.map((name) => posix.join(path, name)),
      {
        ...{ limit: mostFiles, timeoutMs: longestMs },
        beginning: isCompared ? { bytes: 8, most: mostOpened, of: (name) => /^[1-9][^_]*$/u.test(name) } : undefined,
      },
    );
    if (!found.ok) return { dataFiles: notApplicable(found.problem.message) };
    return {
      dataFiles: seen(
        found.value.map(({ path: at, sizeBytes, mode, uid, isBehindLink, beginning }) => ({
          path: at.slice(path.length + 1),
          sizeBytes,
          mode,
          uid,
          isBehindLink,
          beginsWithZeros: beginning?.length === 8 ? beginning.every((byte) => byte === 0) : undefined,
        })),
        'stat(2)',
      ),
    };
  },
});

/** What holds the files of a server, beside its tablespaces. */
export const holdingFiles = ['base', 'global', 'pg_wal', 'pg_xact', 'pg_multixact', 'pg_commit_ts', 'pg_subtrans'];

const mostFiles = 20_000;
/** More are not opened in one look. */
export const mostOpened = 4_000;
const longestMs = 3_000;
