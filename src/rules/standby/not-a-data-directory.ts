import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import type { PlaceState } from '../../facts/machine.ts';
import type { ServerControl } from '../../facts/primary.ts';
import type { ServerLog } from '../../facts/server-log.ts';
import { isDataDirectory } from '../../facts/data-directory.ts';
import type { DataDirectory } from '../../facts/data-directory.ts';
import type { ClusterNear } from '../../facts/clusters-near.ts';
import type { CopyAttempt } from '../../facts/copy-attempt.ts';
import type { Fault } from '../../findings/judgement.ts';
import type { Step } from '../../findings/report.ts';
import { copiedByPatroni } from '../../remedies/copied-by-patroni.ts';
import { copyAgain } from '../../remedies/empty-container.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, manual, safe, shell } from '../../remedies/remedy.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const notADataDirectory = defineRule({
  id: 'standby/not-a-data-directory',
  title: 'The data directory does not exist or is not one',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectoryPlace'],
  wants: [
    'dataDirectory',
    'controlFile',
    'standbyControl',
    'serverLog',
    'copyAttempt',
    'clustersNear',
    'manager',
    'managerLog',
  ],
  explains: [...notStreaming, 'standby/incomplete-backup', 'standby/version-mismatch'],
  messages: ['not-a-valid-data-dir', 'data-dir-does-not-exist', 'pgctl-not-cluster-dir'],
  docs: {
    what: 'Fails when the directory given with `-D` does not exist, is not a directory, or has no PG_VERSION with a release in it.',
    why: 'No server starts on it. Usual causes: -D is the parent directory or a subdirectory of the data directory, or a file system is not mounted.',
    notes:
      'PostgreSQL also starts on a directory whose postgresql.conf sets `data_directory` (Debian: /etc/postgresql/N/NAME). If `-D` is such a directory, its data directory is checked.',
    references: ['src/backend/utils/init/miscinit.c: checkDataDir(), ValidatePgVersion()'],
  },
  judge(facts) {
    const { dataDirectoryPlace: place, dataDirectory, controlFile, standbyControl, serverLog, copyAttempt } = facts;
    const { path, state } = place;
    const near = ifSeen(facts.clustersNear) ?? [];
    if (state.kind === 'unreadable') return unexamined({ kind: 'permission', because: `${path}: ${state.message}` });
    const otherwise = meant(near);
    const seen = ifSeen(dataDirectory);
    if (state.kind === 'directory' && seen === undefined)
      return dataDirectory.status === 'unseen'
        ? unexamined(dataDirectory.why)
        : unexamined({ kind: 'unreadable', because: `${path} was not checked` });
    if (seen?.major !== undefined) return pass(`${seen.path}/PG_VERSION says ${seen.major}`);
    if (seen?.versionUnread !== undefined)
      return unexamined({ kind: 'unreadable', because: `${seen.path}/PG_VERSION: ${seen.versionUnread}` });
    if (seen !== undefined && isDataDirectory(seen) && state.kind === 'directory') {
      const control = ifSeen(controlFile);
      const major = control?.ok === true ? control.value.major : null;
      const file = `${seen.path}/PG_VERSION`;
      return fail({
        title: 'PG_VERSION is missing or damaged',
        message: `${seen.path} contains a cluster, but ${seen.versionText === undefined ? `${file} does not exist` : `${file} does not contain a release`}: the server does not accept it as a data directory. Other files may be missing too.`,
        where: at('standby', undefined, file),
        evidence: [
          evidence(
            'PG_VERSION',
            seen.versionText === undefined ? 'does not exist' : JSON.stringify(seen.versionText.slice(0, 40)),
            file,
          ),
        ],
        remedy:
          major === null
            ? safe('Find the data directory.', otherwise)
            : safe(
                'Recreate it: the control file contains the release.',
                shell('standby', `echo ${major} > ${shellWord(file)}`, 'make-file', file),
                ...(seen.postmaster?.process === 'running' ? [] : [intoUse(standbyControl, seen)]),
              ),
      });
    }
    const gone = removed(seen, state, ifSeen(serverLog), ifSeen(standbyControl)?.control);
    if (gone !== undefined) return fail(gone);
    const attempt = attempted(path, state, ifSeen(copyAttempt));
    if (attempt !== undefined) return fail(attempt);
    const packed = tarred(path, state);
    if (packed !== undefined) return fail(packed);
    const aside = movedAside(path, state, near);
    if (aside !== undefined) return fail(aside);
    const empty = notMadeYet(path, state, ifSeen(standbyControl)?.control);
    if (empty !== undefined) return fail(empty);
    const manager = ifSeen(facts.manager);
    const isVoid = state.kind === 'absent' || (state.kind === 'directory' && state.entries.length === 0);
    if (manager?.kind === 'patroni' && isVoid && place.missingMount === undefined)
      return fail(copiedByPatroni({ path, is: what(state) }, manager, ifSeen(facts.managerLog)));
    return fail({
      message: `${path} ${what(state)}, so no server can start on it.`,
      where: at('standby', undefined, path),
      evidence: [
        place.configFile === undefined
          ? evidence('-D', place.given, 'the command line')
          : evidence('data_directory', place.given, place.configFile),
        ...near.map((one) => evidence('data directory', told(one), `${one.path}/PG_VERSION`)),
        ...(place.missingMount === undefined ? [] : [evidence('missing mount', place.missingMount, '/etc/fstab')]),
      ],
      remedy: safe(
        state.kind === 'dangling-link'
          ? 'Bring back what the link leads to, or use the data directory for -D.'
          : 'Use the data directory for -D.',
        ...(state.kind === 'dangling-link' && place.missingMount === undefined
          ? [
              manual(
                'standby',
                `If ${state.leadsTo} is on a file system that is not mounted, mount it. If the data directory was moved, let the link lead there.`,
              ),
            ]
          : []),
        ...(place.missingMount === undefined
          ? []
          : [asRoot('standby', `mount ${shellWord(place.missingMount)}`, 'mount')]),
        otherwise,
      ),
    });
  },
});

/** The data directory that -D should name. */
function meant(all: readonly ClusterNear[]): Step {
  // what runs as a primary is none
  const standbys = all.filter(({ state, pid }) => pid === undefined || state !== 'in production');
  const near = standbys.length === 0 ? all : standbys;
  const [only, ...others] = near;
  if (only === undefined)
    return manual('standby', "Use the standby's data directory for -D: SHOW data_directory; on the standby shows it.");
  return others.length === 0
    ? manual('standby', `Use -D ${shellWord(only.path)}, if that is the standby.`)
    : manual('standby', `Use the one of these that is the standby for -D: ${near.map(told).join('; ')}.`);
}

function told({ path, release, state, pid }: ClusterNear): string {
  const more = [
    ...(release === undefined ? [] : [`PostgreSQL ${release}`]),
    ...(state === undefined ? [] : [state]),
    ...(pid === undefined ? [] : [`process ${pid} runs on it`]),
  ];
  return more.length === 0 ? path : `${path} (${more.join(', ')})`;
}

/** By a fix of ours, which then did not come to its end; the name is {@link NamedPlace.aside}. */
function movedAside(path: string, state: PlaceState, near: readonly ClusterNear[]): Fault | undefined {
  const aside = near
    .filter((one) => one.path.startsWith(`${path}.before-standby-`))
    .toSorted((one, other) => one.path.localeCompare(other.path, 'en'))
    .at(-1);
  if (aside === undefined || state.kind !== 'absent') return undefined;
  const [from, to] = [shellWord(aside.path), shellWord(path)];
  return {
    title: 'The data directory was moved aside',
    message: `${path} does not exist. It was moved to ${aside.path}, and no new base backup took its place.`,
    where: at('standby', undefined, path),
    evidence: [evidence('data directory', told(aside), `${aside.path}/PG_VERSION`)],
    remedy: safe('Move it back, and see what it needs.', {
      ...shell('standby', `mv ${from} ${to}`, 'put-back', path),
      undo: shell('standby', `mv ${to} ${from}`, 'move-aside', aside.path),
    }),
  };
}

/** The files are gone, and something tells that they were there: the server that still runs, or the log of its container. */
function removed(
  directory: DataDirectory | undefined,
  state: PlaceState,
  log: ServerLog | undefined,
  control: ServerControl | undefined,
): Fault | undefined {
  if (directory === undefined || state.kind !== 'directory') return undefined;
  const { path, postmaster } = directory;
  const runs = postmaster?.process === 'running';
  const own = control?.kind === 'container' ? control : undefined;
  const container = own?.pgdata !== undefined && posix.normalize(own.pgdata) === path ? own : undefined;
  const streamed = container === undefined ? undefined : log?.summary.streaming;
  if (!runs && streamed === undefined) return undefined;
  return {
    title: runs ? 'The files of the running server were removed' : 'The files of the standby were removed',
    message: `${path} ${what(state)}, ${runs ? `while its server, process ${postmaster.pid}, still runs` : 'but its server had its data there'}: the files were removed, and no server can start on it.`,
    where: at('standby', undefined, path),
    evidence: [
      runs
        ? evidence('server', `process ${postmaster.pid} works in ${path}`, '/proc')
        : evidence(
            'it streamed',
            `last at ${streamed?.time?.toISOString() ?? 'a time that is not told'}`,
            `${container?.engine ?? 'docker'} logs ${container?.name ?? ''}`,
          ),
    ],
    remedy: safe(
      'Take a new base backup of its primary.',
      container?.name === undefined
        ? copyAgain('standby', path)
        : copyAgain('client', `${container.engine ?? 'docker'}:${container.name}`),
    ),
  };
}

/** The directory that a container starts its server on: there is no other one to look for. */
function notMadeYet(path: string, state: PlaceState, control: ServerControl | undefined): Fault | undefined {
  if (state.kind !== 'directory' || state.entries.length > 0 || control?.kind !== 'container') return undefined;
  const { name, engine = 'docker', pgdata, ended } = control;
  if (name === undefined || pgdata === undefined || posix.normalize(pgdata) !== path) return undefined;
  const said = ended?.said;
  return {
    title: `The data directory of the container "${name}" is empty`,
    message: `${path} is where the container ${name} starts its server, and it is empty: no base backup was made into it.${said === undefined ? '' : ` The container's output says last: ${said.replace(/\.$/u, '')}.`}`,
    where: at('standby', undefined, path),
    evidence: [evidence('PGDATA', pgdata, `${engine} inspect ${name}`)],
    remedy: safe('Take a base backup of its primary.', copyAgain('client', `${engine}:${name}`)),
  };
}

/** What pg_basebackup --format=tar wrote, and nobody has unpacked. */
function tarred(path: string, state: PlaceState): Fault | undefined {
  if (state.kind !== 'directory') return undefined;
  const tars = state.entries.toSorted().filter((name) => /^(?:base|pg_wal|\d+)\.tar(?:\.\w+)?$/u.test(name));
  const base = tars.find((name) => name.startsWith('base.'));
  if (base === undefined) return undefined;
  const wal = tars.find((name) => name.startsWith('pg_wal.'));
  const tablespaces = tars.filter((name) => /^\d/u.test(name));
  const target = `${path}-unpacked`;
  const unpack = (name: string, into: string): string =>
    ` && tar${name.endsWith('.lz4') ? ' -I lz4' : ''} -C ${shellWord(into)} -xpf ${shellWord(`${path}/${name}`)}`;
  const command = `mkdir -m 0700 ${shellWord(target)}${unpack(base, target)}${wal === undefined ? '' : unpack(wal, `${target}/pg_wal`)}`;
  return {
    title: 'The base backup is still packed in tar files',
    message: `${path} contains ${base}, as pg_basebackup --format=tar writes it, but no server can start on a tar file.`,
    where: at('standby', undefined, path),
    evidence: [evidence('tar files', tars.slice(0, 10).join(', '), path)],
    remedy: safe(
      'Unpack it into a directory of its own.',
      shell('standby', command, 'make-directory', target),
      manual(
        'standby',
        `${
          tablespaces.length === 0
            ? ''
            : `Unpack ${tablespaces.join(', ')} into the directories that ${target}/tablespace_map gives for these numbers. `
        }Check it before its first start: standbylint postmortem -D ${shellWord(target)}`,
      ),
    ),
  };
}

/** The container makes its data directory by itself, or its command is to: what prevents that is what prevents the copy. */
function attempted(path: string, state: PlaceState, attempt: CopyAttempt | undefined): Fault | undefined {
  if (attempt === undefined || (attempt.command === undefined && attempt.said === undefined)) return undefined;
  const { command, said, container } = attempt;
  const place = `${container.engine}:${container.name}:${path}`;
  return {
    title: 'The base backup was not made yet',
    message: `${path} ${what(state)}. ${command === undefined ? '' : `The command of the container ${container.name} runs pg_basebackup. `}${said === undefined ? 'Nothing in its output says why there is no copy.' : `Its output says last: ${said.replace(/[.:]?$/u, '.')}`}`,
    where: at('standby', undefined, path),
    evidence: [
      ...(command === undefined ? [] : [evidence('command', command, `${container.engine} inspect ${container.name}`)]),
      ...(said === undefined ? [] : [evidence('said last', said, `${container.engine} logs ${container.name}`)]),
    ],
    remedy: safe(
      'Find what prevents the base backup: a preflight names it, with its fix.',
      command === undefined
        ? manual('client', `Check it: standbylint preflight -h PRIMARY -U ROLE -D ${shellWord(place)} -R.`)
        : shell('client', `standbylint preflight ${command} -D ${shellWord(place)}`, 'check-again'),
    ),
  };
}

function what(state: PlaceState): string {
  switch (state.kind) {
    case 'absent':
      return 'does not exist';
    case 'dangling-link':
      return `is a link to ${state.leadsTo}, which does not exist`;
    case 'not-a-directory':
      return `is not a directory: ${state.at} is a ${state.is}`;
    case 'unreadable':
      return 'cannot be read';
    case 'directory':
      return state.entries.length === 0 ? 'is empty' : 'has no PG_VERSION and no other file of a cluster';
  }
}
