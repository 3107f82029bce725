import { capitalized } from '../../findings/sentence.ts';
import { clusterText, writtenByBoth } from '../../facts/shared-storage.ts';
import type { SharedDirectory } from '../../facts/shared-storage.ts';
import { copyElsewhere } from '../../remedies/copy-elsewhere.ts';
import { newCopyFacts } from '../../remedies/new-copy.ts';
import { disruptive, manual, shell } from '../../remedies/remedy.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Step } from '../../findings/report.ts';
import type { ServerControl } from '../../facts/primary.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

type InContainer = Extract<ServerControl, { readonly kind: 'container' }>;
type Failure = Parameters<typeof fail>[0];

export const sharedStorage = defineRule({
  id: 'standby/shared-storage',
  title: 'The standby shares storage with another server',
  severity: 'error',
  endangersData: true,
  commands: ['postmortem'],
  needs: ['sharedStorage', 'dataDirectory', 'now'],
  wants: [...newCopyFacts],
  explains: [
    ...notStreaming,
    'streaming/stalled',
    'streaming/replay-stuck',
    'streaming/lag',
    'standby/not-running',
    'standby/signal-missing',
    'standby/raw-copy',
    'standby/incomplete-backup',
    'standby/already-primary',
    'standby/stale-pid-file',
    'standby/control-file-damaged',
    'standby/wal-directory-missing',
    'standby/tablespace-link-broken',
    'timeline/diverged',
    'timeline/two-primaries',
    'timeline/system-identifier-differs',
    'timeline/behind-primary-switch',
    'timeline/stray-history-file',
    'wal/gap',
    'wal/segment-removed',
    'wal/invalid-record-loop',
  ],
  docs: {
    what: 'Compares the data directory, pg_wal and each tablespace of the standby with those of every other server running on this machine, and of stopped clusters in the usual places. Directories are compared by device and inode, after links and mounts are resolved.',
    why: 'PostgreSQL locks its data directory, but not its tablespaces and not a pg_wal behind a link. Two servers that write to the same files overwrite each other: both lose data, often without a message.',
    notes:
      'Usual causes: a data directory copied with cp or rsync, whose links still point to the original; a mount or a volume that is used twice. Servers of two major releases can share a directory for tablespaces, because each has its own subdirectory in it. Only servers that are visible to this user are compared.',
    references: [
      'Tablespaces: https://www.postgresql.org/docs/current/manage-ag-tablespaces.html',
      'src/include/common/relpath.h: TABLESPACE_VERSION_DIRECTORY',
    ],
  },
  judge(facts) {
    const { sharedStorage: storage, dataDirectory } = facts;
    const control = ifSeen(facts.standbyControl)?.control;
    const [other] = control?.kind === 'container' ? (control.sharedWith ?? []) : [];
    if (control?.kind === 'container' && other !== undefined)
      return fail(inTwoContainers(control, other, dataDirectory.signals.standby, copyElsewhere(facts, [])));
    const shared = withoutParts(writtenByBoth(storage));
    const [first] = shared;
    if (first === undefined)
      return pass(
        storage.others.length === 0
          ? 'no other cluster was found on this machine'
          : `none of its directories is used by ${storage.others.map(({ dataDirectory: other }) => other).join(', ')}`,
      );
    const { postmaster, lastStart, path } = dataDirectory;
    const pid = postmaster?.process === 'running' ? postmaster.pid : undefined;
    const { cluster } = first;
    return fail({
      endangersData: true,
      title: `${names[first.ours.part]} is in use by another server`,
      message: `${sentences(shared)} Two servers that write to the same files destroy each other's data.${pid === undefined ? '' : ` This server runs (process ${pid}): the data of both may be damaged already.`}`,
      where: at('standby', undefined, first.ours.path),
      evidence: shared.map(({ ours, theirs, cluster: other }) =>
        evidence(
          ours.part === 'tablespace' ? `pg_tblspc/${ours.oid ?? ''}` : words[ours.part],
          `${ours.path} is ${theirs.path}`,
          `device and inode; ${clusterText(other)}`,
        ),
      ),
      remedy: disruptive(
        'Keep this server stopped, and give the standby its own storage.',
        // SIGQUIT: an immediate shutdown, which writes nothing more into the files (manual: Shutting Down the Server)
        ...(pid === undefined ? [] : [shell('standby', `kill -QUIT ${pid}`, 'stop', path)]),
        ...copyElsewhere(facts, shared),
        ...(pid === undefined && lastStart?.here !== true
          ? []
          : [
              manual(
                'standby',
                `${pid === undefined ? `If a server ever ran on ${path} with this storage, check` : 'Check'} the data of ${clusterText(cluster)} before you trust it: pg_amcheck --all --heapallindexed (14 and later). A second server wrote to its files.`,
              ),
            ]),
      ),
    });
  },
});

/** Each of them is the first process of its container, and takes the number in the lock file for its own. */
function inTwoContainers(
  { name = '', engine = 'docker', dataDirectory }: InContainer,
  other: string,
  isStandby: boolean,
  elsewhere: readonly Step[],
): Failure {
  // an orderly end would write to the files once more
  const first = isStandby
    ? shell('client', `${engine} kill ${shellWord(name)}`, 'container')
    : manual(
        'client',
        `Find out which of the two containers, ${name} or ${other}, serves your applications: without standby.signal, this is a primary's data. Kill the other one at once (${engine} kill): an orderly stop would write to the files once more.`,
      );
  return {
    endangersData: true,
    title: `Container "${other}" runs a server on the same data directory`,
    message: `Containers ${name} and ${other} both run a server on ${dataDirectory}. Two servers that write to the same files destroy each other's data, and the lock file (postmaster.pid) does not keep servers in two containers apart.`,
    where: at('standby', undefined, dataDirectory),
    evidence: [evidence('volume', `${dataDirectory} is that of ${other}, which is running`, `${engine} inspect`)],
    remedy: disruptive(
      isStandby
        ? `Kill ${name}, and give this standby its own storage.`
        : 'Keep one of the two servers, and give the standby its own storage.',
      first,
      ...elsewhere,
      manual(
        'client',
        `Check the data of the server that stays on ${dataDirectory} before you trust it: pg_amcheck --all --heapallindexed (14 and later). A second server wrote to its files.`,
      ),
    ),
  };
}

const names = {
  'data-directory': 'The data directory of the standby',
  pg_wal: 'pg_wal of the standby',
  tablespace: 'A tablespace directory of the standby',
} as const;

const words = { 'data-directory': 'data directory', pg_wal: 'pg_wal', tablespace: 'tablespace' } as const;

const theirWords = {
  'data-directory': 'the data directory',
  pg_wal: 'pg_wal',
  tablespace: 'a tablespace directory',
} as const;

/** Where the data directory itself is another server's, so are its parts. */
function withoutParts(shared: readonly SharedDirectory[]): readonly SharedDirectory[] {
  const whole = new Set(shared.filter(({ ours }) => ours.part === 'data-directory').map(({ cluster }) => cluster));
  return shared.filter(({ ours, cluster }) => ours.part === 'data-directory' || !whole.has(cluster));
}

/** What each of them is, for a standby with few of them. */
function sentences(shared: readonly SharedDirectory[]): string {
  const told = shared.slice(0, 3).map(({ ours, theirs, cluster }) => {
    const what = ours.part === 'tablespace' ? `Tablespace ${ours.oid ?? ''}` : capitalized(words[ours.part]);
    return `${what} of this standby (${ours.path}) is also ${theirWords[theirs.part]} of ${clusterText(cluster)}.`;
  });
  const others = shared.length - told.length;
  return `${told.join(' ')}${others === 0 ? '' : ` So are ${others} more.`}`;
}
