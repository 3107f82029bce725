import type { JudgedFacts } from '../../facts/facts.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import { neededWal, supplyOf } from '../../derived/needed-wal.ts';
import type { NeededWal, Supply } from '../../derived/needed-wal.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, safe, shell } from '../../remedies/remedy.ts';
import { readArchive } from '../../remedies/standby-setting.ts';
import { directoriesMade, moved } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { intoUse } from '../../remedies/signal-file.ts';

const supplyFacts = [
  ...newCopyFacts,
  'timelines',
  'controlFile',
  'primaryWal',
  'archive',
  'primaryArchive',
  'runningStandby',
] as const;

export const walDirectoryMissing = defineRule({
  id: 'standby/wal-directory-missing',
  title: 'pg_wal is missing',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['localWal', 'dataDirectory', 'now'],
  wants: supplyFacts,
  explains: [...notStreaming, 'wal/gap', 'wal/segment-removed', 'wal/disk-full'],
  messages: ['required-wal-dir-missing'],
  docs: {
    what: 'Fails when pg_wal does not exist, is not a directory, or is a link whose target does not exist (a WAL disk that is not mounted).',
    why: 'The server does not start.',
    notes:
      'A standby can fetch its WAL again from its primary or an archive, so an empty pg_wal is enough as long as one of them has it. A base backup that was never started needs the WAL that came with it.',
    references: ['src/backend/access/transam/xlog.c: ValidateXLOGDirectoryStructure()'],
  },
  judge(facts) {
    const { localWal, dataDirectory } = facts;
    const { path, state, leadsTo = path, byRoot } = localWal;
    if (state === 'directory') return pass(`${path} is a directory`);
    const what = {
      missing: 'does not exist',
      'dangling-link': `is a link to ${leadsTo}, which does not exist`,
      'not-a-directory': 'is not a directory',
    }[state];
    const make =
      state === 'dangling-link'
        ? [
            byRoot === true
              ? asRoot(
                  'standby',
                  `install -d -m 0700 -o ${shellWord(dataDirectory.owner.name)} ${shellWord(leadsTo)}`,
                  'make-directory',
                  leadsTo,
                )
              : shell('standby', `mkdir -p -m 0700 ${shellWord(leadsTo)}`, 'make-directory', leadsTo),
          ]
        : state === 'missing'
          ? [directoriesMade('standby', path)]
          : [moved('standby', path, `${path}.put-aside`), directoriesMade('standby', path)];
    const all = { ...facts, localWal: seen(localWal, path), dataDirectory: seen(dataDirectory, dataDirectory.path) };
    // what is mounted may have it
    const { needed, supply } = state === 'dangling-link' ? nothing : supplied(all);
    const finding = {
      message: `${path} ${what}, so the server does not start.${state === 'dangling-link' ? ' Perhaps a file system is not mounted.' : ''}`,
      where: at('standby', undefined, path),
      evidence: [evidence('pg_wal', what, `stat ${path}`)],
    };
    const gone = ` With it, the standby lost ${needed?.name ?? ''}, which it needs next and its primary no longer has.`;
    if (supply?.from === 'nowhere')
      return fail({ ...finding, message: `${finding.message}${gone}`, remedy: newCopy(all) });
    if (supply?.from === 'archive' && supply.proposed)
      return fail({
        ...finding,
        message: `${finding.message}${gone} ${supply.archive.directory ?? 'The archive'}, where the primary archives to, has it.`,
        remedy: safe('Create it, and let the standby read the archive.', ...make, ...readArchive(all, supply.archive)),
      });
    return fail({
      ...finding,
      remedy: safe(
        state === 'dangling-link'
          ? 'Mount the file system of its target. If no file system is missing, create the directory: the standby fetches its WAL again.'
          : 'Create it. The standby fetches its WAL again from its primary.',
        ...make,
        intoUse(facts.standbyControl, dataDirectory),
      ),
    });
  },
});

type Facts = JudgedFacts<'localWal' | 'dataDirectory' | 'now', (typeof supplyFacts)[number]>;
interface Supplied {
  readonly needed?: NeededWal | undefined;
  readonly supply?: Supply;
}

const nothing: Supplied = {};

/** Where the WAL is to be had that went with the directory. */
function supplied(facts: Omit<Facts, 'localWal' | 'dataDirectory'> & AsSeen): Supplied {
  const [timelines, controlFile] = [ifSeen(facts.timelines), ifSeen(facts.controlFile)];
  if (timelines === undefined || controlFile === undefined) return nothing;
  const needed = neededWal({ ...facts, timelines, controlFile });
  return needed === undefined ? nothing : { needed, supply: supplyOf(needed, { ...facts, timelines }) };
}

type AsSeen = Pick<Parameters<typeof neededWal>[0], 'localWal' | 'dataDirectory'>;
