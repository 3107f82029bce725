import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { notStreaming } from '../consequences.ts';
import { compareTimelines } from '../../derived/timeline-comparison.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { Fault, Judgement } from '../../findings/judgement.ts';
import { ifSeen } from '../../facts/observed.ts';
import { advance, bytesBetween, formatLsn, segmentStart } from '../../postgres/lsn.ts';
import type { Lsn, WalSegmentSize } from '../../postgres/lsn.ts';
import { backupName } from '../../remedies/edit-file.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { safe, shell } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import {
  firstMissing,
  firstNotIn,
  labelPutBack,
  nameOnUpstream,
  neededWal,
  recoveryStart,
  supplyOf,
} from '../../derived/needed-wal.ts';

const wants = [...newCopyFacts, 'primaryWal', 'archive', 'primaryArchive', 'runningStandby'] as const;
const needs = ['now', 'timelines', 'controlFile', 'localWal'] as const;
type Facts = JudgedFacts<(typeof needs)[number], (typeof wants)[number]>;

export const gap = defineRule({
  id: 'wal/gap',
  title: "A segment is missing in the standby's own WAL",
  severity: 'error',
  commands: ['postmortem'],
  needs,
  wants,
  explains: [...notStreaming, 'streaming/stalled', 'wal/segment-removed'],
  messages: ['invalid-checkpoint-record'],
  docs: {
    what: 'Looks for a gap in pg_wal between the point where recovery must begin (the last restartpoint, or the start in backup_label) and the end of the existing WAL. It also fails when a backup_label was put back into a standby that had already replayed past its backup, and the WAL from the start of that backup no longer exists.',
    why: 'Recovery cannot skip WAL. What is missing must come from the primary or the archive; otherwise, nothing after the gap can be used.',
    notes:
      'A gap that the primary or the archive can fill is not reported: recovery fetches the WAL. Segments before the last restartpoint are not needed.',
    references: ['src/backend/access/transam/xlogrecovery.c: WaitForWALToBecomeAvailable()'],
  },
  judge(facts) {
    const { localWal } = facts;
    if (localWal.state !== 'directory') return notApplicable(`${localWal.path} is not a directory`);
    const comparison = compareTimelines(facts);
    if (comparison.kind === 'other-system') return notApplicable('it is not a copy of that server');
    const begin = recoveryStart(facts);
    const seen = { ...facts, localWal: { status: 'seen', value: localWal, source: localWal.path } as const };
    const putBack = withLabelPutBack(facts);
    if (putBack !== undefined) return putBack;
    const missing = firstMissing(seen);
    if (begin === undefined || localWal.segmentSize === undefined)
      return unexamined({ kind: 'unreadable', because: 'global/pg_control cannot be read' });
    if (missing === undefined)
      return pass(
        `pg_wal has no gap from ${formatLsn(begin)}, where recovery begins, to ${formatLsn(facts.timelines.local.position)}`,
      );
    const name = nameOnUpstream(facts.timelines.upstream, missing, localWal.segmentSize);
    if (comparison.kind === 'diverged')
      return notApplicable('the standby has diverged, so its own WAL does not matter');
    const needed = neededWal(seen);
    const supply = needed === undefined ? undefined : supplyOf(needed, seen);
    switch (supply?.from) {
      case 'primary':
        return pass(`${name} is missing in pg_wal, but the primary has it: ${supply.because}`);
      case 'archive':
        return pass(
          supply.proposed
            ? `${name} is missing in pg_wal, but ${supply.archive.directory ?? 'the archive'} has it: see wal/segment-removed`
            : `${name} is missing in pg_wal, but restore_command can fetch it`,
        );
      case 'perhaps-the-archive':
        return pass(`${name} is missing in pg_wal, but restore_command can fetch it`);
      case 'unknown':
        return unexamined(supply.why);
      case 'nowhere':
      case undefined: {
        const misplaced = besideWal(
          facts,
          { missing, name, segmentSize: localWal.segmentSize },
          // what comes behind them has to come from somewhere
          (from) => needed === undefined || supplyOf({ ...needed, from, position: from }, seen).from !== 'nowhere',
        );
        if (misplaced !== undefined) return fail(misplaced);
        return fail({
          message: `Recovery must begin at ${formatLsn(begin)}, but ${name} is not in ${localWal.path}. Neither the primary nor an archive has it, so the standby needs a new base backup.`,
          where: at('standby', undefined, localWal.path),
          evidence: [
            evidence('recovery begins', formatLsn(begin), 'pg_control or backup_label'),
            evidence('missing', name, localWal.path),
          ],
          remedy: newCopy(facts),
        });
      }
    }
  },
});

/** What recovery needs was copied or unpacked into the data directory itself, where no server looks. */
function besideWal(
  facts: Facts,
  {
    missing,
    name,
    segmentSize,
  }: { readonly missing: Lsn; readonly name: string; readonly segmentSize: WalSegmentSize },
  goesOn: (from: Lsn) => boolean,
): Fault | undefined {
  const { localWal, dataDirectory, standbyControl } = facts;
  const [directory, { beside, path }] = [ifSeen(dataDirectory), localWal];
  if (beside === undefined || directory === undefined) return undefined;
  const isThere = beside.segments.includes(name);
  if (!isThere && !(beside.isPacked && directory.backupLabel !== undefined)) return undefined;
  if (isThere && !goesOn(behind(beside.segments, missing, segmentSize, facts))) return undefined;
  const inDirectory = (file: string): string => `${directory.path}/${file}`;
  const tar = inDirectory('pg_wal.tar');
  const files = beside.segments.map(inDirectory);
  const command = isThere
    ? `mv -n ${files.map(shellWord).join(' ')} ${shellWord(`${path}/`)}`
    : `tar -C ${shellWord(path)} -xpkf ${shellWord(tar)}`;
  return {
    title: isThere ? 'Segments of WAL are beside pg_wal, not in it' : 'pg_wal.tar was not unpacked into pg_wal',
    message: `Recovery needs ${name}, which is not in ${path}. ${isThere ? `It is in ${directory.path} itself, where the server does not look for it` : `${tar}, which pg_basebackup made with the base backup, is still packed`}.`,
    where: at('standby', undefined, directory.path),
    evidence: [evidence('missing', name, path), evidence('there', isThere ? name : 'pg_wal.tar', directory.path)],
    remedy: safe(
      isThere ? 'Move them into pg_wal: recovery goes on by itself.' : 'Unpack it into pg_wal.',
      shell('standby', command, 'make-file', `${path}/${name}`),
      ...(directory.postmaster?.process === 'running' ? [] : [intoUse(standbyControl, directory)]),
    ),
  };
}

function behind(names: readonly string[], first: Lsn, segmentSize: WalSegmentSize, { timelines }: Facts): Lsn {
  let end = first;
  while (names.includes(nameOnUpstream(timelines.upstream, end, segmentSize))) {
    const next = advance(end, BigInt(segmentSize));
    if (next === undefined) return end;
    end = next;
  }
  return end;
}

/** What a server with this label asks for is nowhere any more, and without it nothing of that is needed. */
function withLabelPutBack(facts: Facts): Judgement | undefined {
  const start = labelPutBack(facts);
  const directory = ifSeen(facts.dataDirectory);
  const { localWal, timelines } = facts;
  if (start === undefined || directory === undefined || !facts.controlFile.ok) return undefined;
  const { walSegmentSize: segmentSize, checkpoint } = facts.controlFile.value;
  const from = segmentStart(start, segmentSize);
  const { history } = timelines.local;
  if (localWal.more || firstNotIn(localWal.timelines, history, { from, to: checkpoint.redo }) === undefined)
    return undefined;
  const name = nameOnUpstream(timelines.upstream, start, segmentSize);
  const needed = { position: start, from, name, segmentSize, bytes: bytesBetween(start, timelines.upstream.position) };
  if (supplyOf(needed, facts).from !== 'nowhere') return undefined;
  const file = `${directory.path}/backup_label`;
  return fail({
    title: 'backup_label was put back, and its WAL no longer exists',
    message: `${file} makes recovery begin at ${formatLsn(start)}, but neither the primary nor an archive has ${name} any more. This standby had already replayed its backup: it was shut down at its restartpoint ${formatLsn(checkpoint.redo)}, where recovery begins without the file.`,
    where: at('standby', undefined, file),
    evidence: [
      evidence('START WAL LOCATION', formatLsn(start), file),
      evidence('shut down in recovery, restartpoint', formatLsn(checkpoint.redo), 'pg_control'),
    ],
    remedy: safe(
      'Move backup_label aside, and start the server without it.',
      moved('standby', file, backupName(file, facts.now)),
      intoUse(facts.standbyControl, directory),
    ),
  });
}
