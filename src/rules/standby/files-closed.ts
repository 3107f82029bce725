import { posix } from 'node:path';

import type { JudgedFacts } from '../../facts/facts.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import { isOfTheWay } from '../../derived/configuration-troubles.ts';
import type { ClosedEntry } from '../../facts/server-files.ts';
import type { Step } from '../../findings/report.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, reload, safe, shell } from '../../remedies/remedy.ts';
import { modeSet } from '../../remedies/reversible.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { isSkippedIfClosed } from '../../derived/skipped-settings.ts';
import { outsideFacts, streamsNow } from '../../derived/stream-from-outside.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import { modeText } from '../../postgres/file-mode.ts';

export const filesClosed = defineRule({
  id: 'standby/files-closed',
  title: "The server's account has no access to files of its data directory",
  severity: 'error',
  commands: ['postmortem'],
  needs: ['serverFiles', 'dataDirectory'],
  wants: ['standbyControl', 'standbyRefusal', 'serverJudgement', ...outsideFacts],
  explains: [
    ...notStreaming,
    ...replayStands,
    'standby/not-running',
    'standby/config-file-error',
    'standby/wal-directory-missing',
    'standby/tablespace-link-broken',
    'streaming/stalled',
  ],
  says: [
    'could not open file "%s": Operation not permitted',
    'could not create file "%s": Operation not permitted',
    'could not open file "%s": Permission denied',
    'could not create file "%s": Permission denied',
  ],
  docs: {
    what: 'Checks owner and mode of the directories that a server writes into, of its configuration in the data directory, and of the files of its tables, transaction status and WAL, against the account that the server runs as, whether this account may pass all directories on the way to the data directory, to pg_wal and to the tablespaces, and whether an attribute (`lsattr`) makes a file immutable or append-only.',
    why: 'A running server notices it only when it next opens the file: a standby whose pg_wal cannot be written to streams until its current WAL segment is full, and one that cannot write to the file of a table stops when it replays a change to it.',
    notes:
      'It is a warning while the standby still streams and accepts logins. If standbylint runs as the account of the server, the system is asked, which knows access control lists; otherwise owner, group and mode decide. Links are followed. `find` looks at all files for up to 3 seconds; if it cannot finish, a sample of each directory is checked, and the result says how many. The owner of the data directory is checked by standby/wrong-owner.',
    references: [
      'src/backend/storage/file/fd.c: PathNameOpenFile()',
      'src/backend/access/transam/xlog.c: XLogFileInitInternal()',
    ],
  },
  judge(facts) {
    const { serverFiles, dataDirectory, standbyControl } = facts;
    const { path, ofOthers, postmaster } = dataDirectory;
    const runs = postmaster?.process === 'running';
    const closed = serverFiles.closed.filter(
      // what is a matter of the owner, and the configuration of a server that is down, have rules of their own
      (one) =>
        (one.wanted === 'pass'
          ? isInTheWay(one, facts)
          : one.own || one.attribute !== undefined || (ofOthers.length === 0 && one.path !== path)) &&
        (runs || !isConfiguration(one.path) || isSkippedIfClosed(one)),
    );
    const [first] = closed;
    const { account, examined, filesExamined } = serverFiles;
    const files = filesExamined === undefined ? 'all' : String(filesExamined);
    if (first === undefined)
      return pass(
        `${account} can use ${examined} directories and files of ${path} that its server needs, and ${files} files of its tables, transaction status and WAL`,
      );
    const more = closed.length === 1 ? '' : `, and ${closed.length - 1} more`;
    const streams = streamsNow({ ...facts, dataDirectory: seen(dataDirectory, path) });
    const refusal = ifSeen(facts.standbyRefusal)?.message;
    // relmapper.c, read_relmap_file: what each session needs to begin; it streams all the same
    const refuses = closed.some((one) => refusal?.includes(`"${posix.relative(path, one.path)}"`) === true);
    return fail({
      title:
        first.wanted === 'pass'
          ? `${account} cannot enter ${first.path}`
          : `${account} has no ${first.wanted} access to ${shown(first, path)}`,
      severity: runs && streams && !refuses ? 'warning' : 'error',
      message: `The server runs as ${account}, which cannot ${verbs[first.wanted]} ${first.path} (${state(first)})${first.leadsTo === undefined ? '' : `, which is on the way to ${first.leadsTo}`}${more}. ${closed.every(isSkippedIfClosed) ? 'A server skips this file without an error, and none of the settings in it apply.' : runs ? 'It fails as soon as it needs it.' : 'It cannot run on it.'}`,
      where: at('standby', undefined, first.path),
      evidence: [
        ...closed
          .slice(0, mostShown)
          .map((one) => evidence(shown(one, path), state(one), one.attribute === undefined ? 'stat' : 'lsattr')),
        ...(refusal === undefined || !refuses ? [] : [evidence('each login is refused', refusal, 'the standby')]),
      ],
      remedy: safe(
        `Give ${account} access${runs ? '' : ', and start the server'}.`,
        ...(closed.length <= mostShown ? closed.flatMap((one) => opened(one, account)) : allOpened(closed, account)),
        ...(runs
          ? closed.some(isSkippedIfClosed)
            ? [reload('standby')]
            : []
          : [intoUse(standbyControl, dataDirectory)]),
      ),
    });
  },
});

const mostShown = 8;

/** A running server is past the way to its data directory. The server's own program says where it cannot go. */
function isInTheWay(
  { wanted, leadsTo, isPassedHere }: ClosedEntry,
  { dataDirectory: { path, postmaster }, serverJudgement }: JudgedFacts<'dataDirectory', 'serverJudgement'>,
): boolean {
  if (wanted !== 'pass' || (postmaster?.process === 'running' && leadsTo === path)) return false;
  return isPassedHere === true || ifSeen(serverJudgement)?.refused.some(({ words }) => isOfTheWay.test(words)) === true;
}

const verbs = { write: 'write to', read: 'read', pass: 'enter' } as const;

const shown = ({ path }: ClosedEntry, directory: string): string => {
  const inside = posix.relative(directory, path);
  return inside === '' || inside.startsWith('..') ? path : inside;
};

/** Without pg_hba.conf, which the server cannot start without, and whose content its own rule judges. */
const isConfiguration = (path: string): boolean =>
  /(?:postgresql(?:\.auto)?\.conf|pg_ident\.conf|PG_VERSION)$/u.test(path);

const state = ({ attribute, owner, mode }: ClosedEntry): string =>
  attribute === undefined
    ? `owner ${owner.name}, mode ${modeText(mode)}`
    : `${attribute}, an attribute that chattr sets`;

/** The bits of the owner alone are added: what group and others may do stays. */
function opened({ path, own, mode, kind, attribute, wanted }: ClosedEntry, account: string): readonly Step[] {
  if (attribute !== undefined) return [released(attribute, [path])];
  // whose it is stays: others may pass it then, and not list it
  if (wanted === 'pass')
    return [asRoot('standby', `chmod ${own ? 'u' : 'o'}+x ${shellWord(path)}`, 'change-mode', path)];
  const needed = mode | (kind === 'directory' ? 0o700 : 0o600);
  const change = modeSet('standby', path, modeText(needed), mode);
  if (own) return [change];
  return [
    asRoot('standby', `chown ${shellWord(account)}: ${shellWord(path)}`, 'change-owner', path),
    ...(needed === mode ? [] : [change]),
  ];
}

const released = (attribute: NonNullable<ClosedEntry['attribute']>, paths: readonly string[]): Step =>
  asRoot(
    'standby',
    `chattr ${attribute === 'immutable' ? '-i' : '-a'} ${paths.map(shellWord).join(' ')}`,
    'change-mode',
    ...paths,
  );

/** Too many for a command each: what is beside them is given the same. */
function allOpened(closed: readonly ClosedEntry[], account: string): readonly Step[] {
  const locked = (['immutable', 'append-only'] as const).flatMap((attribute) => {
    const paths = closed.filter((one) => one.attribute === attribute).map(({ path }) => path);
    return paths.length === 0 ? [] : [released(attribute, paths)];
  });
  const ways = closed.filter(({ wanted }) => wanted === 'pass').flatMap((one) => opened(one, account));
  const rest = closed.filter(({ attribute, wanted }) => attribute === undefined && wanted !== 'pass');
  if (rest.length === 0) return [...ways, ...locked];
  const places = [...new Set(rest.map(({ path, kind }) => (kind === 'directory' ? path : posix.dirname(path))))];
  const words = places.map(shellWord).join(' ');
  const foreign = rest.some(({ own }) => !own);
  return [
    ...ways,
    ...locked,
    ...(foreign ? [asRoot('standby', `chown -R ${shellWord(account)}: ${words}`, 'change-owner', ...places)] : []),
    shell('standby', `chmod -R u+rwX ${words}`, 'change-mode', ...places),
  ];
}
