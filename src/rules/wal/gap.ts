import { formatLsn, walFileName } from '../../postgres/lsn.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { at } from '../../remedies/remedy.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { standingOf } from '../timeline/standing.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { firstMissing, neededWal, recoveryStart, supplyOf } from './needed.ts';

export const gap = defineRule({
  id: 'wal/gap',
  title: "A segment is missing in the standby's own WAL",
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now', 'timelines', 'controlFile', 'localWal'],
  wants: [...newCopyFacts, 'primaryWal', 'archive', 'primaryArchive', 'runningStandby'],
  explains: [...notStreaming, 'streaming/stalled', 'wal/segment-removed'],
  says: ['invalid checkpoint record'],
  docs: {
    what: 'Looks for a hole in pg_wal between the point where recovery must begin (the last restart point, or backup_label’s start) and the end of the WAL that is there.',
    why: 'Recovery reads from its beginning without leaving anything out. What is missing must come from the primary or from the archive, or nothing behind it can be used.',
    notes:
      'A hole that the primary or the archive still fills is no finding: recovery fetches it. Segments before the last restart point are not needed.',
    references: ['src/backend/access/transam/xlogrecovery.c: WaitForWALToBecomeAvailable()'],
  },
  judge(facts) {
    const { localWal } = facts;
    if (localWal.state !== 'directory') return notApplicable(`${localWal.path} is no directory`);
    const standing = standingOf(facts);
    if (standing.kind === 'other-system') return notApplicable('it is no copy of that server at all');
    const begin = recoveryStart({ ...facts, localWal: { status: 'seen', value: localWal, source: '' } });
    const seen = { ...facts, localWal: { status: 'seen', value: localWal, source: localWal.path } as const };
    const missing = firstMissing(seen);
    if (begin === undefined || localWal.segmentSize === undefined)
      return unexamined({ kind: 'unreadable', because: 'global/pg_control cannot be read' });
    if (missing === undefined)
      return pass(
        `pg_wal has no hole from ${formatLsn(begin)}, where recovery begins, to ${formatLsn(facts.timelines.local.position)}`,
      );
    const name = walFileName(facts.timelines.local.timeline, missing, localWal.segmentSize);
    if (standing.kind === 'diverged')
      return notApplicable('the histories have parted: its own WAL is not what it goes on with');
    const needed = neededWal(seen);
    const supply = needed === undefined ? undefined : supplyOf(needed, seen);
    switch (supply?.from) {
      case 'primary':
        return pass(`${name} is missing in pg_wal, and the primary has it: ${supply.because}`);
      case 'archive':
        return pass(
          supply.proposed
            ? `${name} is missing in pg_wal, and ${supply.archive.directory ?? 'the archive'} has it: see wal/segment-removed`
            : `${name} is missing in pg_wal, and restore_command is asked for it`,
        );
      case 'perhaps-the-archive':
        return pass(`${name} is missing in pg_wal, and restore_command is asked for it`);
      case 'unknown':
        return unexamined(supply.why);
      case 'nowhere':
      case undefined:
        return fail({
          message: `Recovery must begin at ${formatLsn(begin)}, and ${name} is not in ${localWal.path}. The primary does not have it any more, nor does an archive: only a new copy helps.`,
          where: at('standby', undefined, localWal.path),
          evidence: [
            evidence('recovery begins', formatLsn(begin), 'pg_control or backup_label'),
            evidence('missing', name, localWal.path),
          ],
          remedy: newCopy(facts),
        });
    }
  },
});
