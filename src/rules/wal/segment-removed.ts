import type { DataDirectory } from '../../facts/data-directory.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { ServerLog } from '../../facts/server-log.ts';
import { oneLine } from '../../derived/sighting-evidence.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { disruptive, manual, safe } from '../../remedies/remedy.ts';
import { restartStandby } from '../../remedies/standby-setting.ts';
import { notStreaming } from '../consequences.ts';
import { compareTimelines } from '../../derived/timeline-comparison.ts';
import { archiveEffort, copyEffort, effortFacts } from '../../derived/effort.ts';
import { twoWays } from '../../remedies/two-ways.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { nameOnUpstream, neededWal, supplyOf } from '../../derived/needed-wal.ts';
import { saidToBeRemoved } from '../../derived/removed-wal.ts';
import { contentOf } from '../../derived/segment-content.ts';
import { readArchive } from '../../remedies/standby-setting.ts';

export const segmentRemoved = defineRule({
  id: 'wal/segment-removed',
  title: 'The primary no longer has the WAL that the standby needs',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now', 'timelines', 'controlFile'],
  wants: [...newCopyFacts, ...effortFacts, 'primaryWal', 'archive', 'primaryArchive', 'runningStandby'],
  explains: [...notStreaming, 'streaming/stalled', 'streaming/breaks-repeatedly'],
  messages: ['requested-wal-removed'],
  docs: {
    what: "Finds the end of the standby's own WAL, and so the segment that it requests next, and checks whether the primary still has it (pg_ls_waldir(), the slot, wal_keep_size), or else the archive that restore_command reads from.",
    why: 'A standby cannot skip WAL. If the primary has only later WAL, the standby waits forever until it is recreated.',
    notes:
      'If restore_command can fetch the missing segments, the standby recovers by itself, and nothing is reported. If it is not set, but the directory that the primary archives to is on this machine and has the segments, setting restore_command is enough.',
    references: [
      'src/backend/access/transam/xlog.c: KeepLogSeg()',
      'src/backend/replication/walsender.c: WalSndSegmentOpen()',
    ],
  },
  judge(facts) {
    const { timelines } = facts;
    const comparison = compareTimelines(facts);
    if (comparison.kind === 'other-system' || comparison.kind === 'diverged')
      return notApplicable('the standby has diverged or belongs to another cluster, so missing WAL does not matter');
    const needed = neededWal(facts);
    if (needed === undefined) return unexamined({ kind: 'unreadable', because: 'global/pg_control cannot be read' });
    const supply = supplyOf(needed, facts);
    const shown = [
      evidence(
        'its own WAL ends',
        `${formatLsn(needed.position)} on timeline ${timelines.local.timeline}`,
        timelines.local.positionFrom,
      ),
      evidence('it needs next', needed.name, 'the timeline history of the upstream'),
    ];
    const where = at('primary');
    switch (supply.from) {
      case 'primary':
        return pass(supply.because);
      case 'unknown':
        return unexamined(supply.why);
      case 'archive': {
        const { archive, first, last, segments } = supply;
        if (!supply.proposed)
          return pass(
            `the primary has removed ${first}, but ${archive.directory ?? 'the archive'} has it and all later segments (${segments} segments, up to ${last})`,
          );
        const steps = readArchive(facts, archive);
        // from 14 on a reload suffices
        const way = steps.some(({ does }) => does === 'restart') ? disruptive : safe;
        return fail({
          title: 'The primary no longer has the WAL the standby needs; its archive does',
          message: `The standby needs ${first}, which the primary has removed. The directory that the primary archives to, ${archive.directory ?? ''}, has all segments from it up to ${last} (${segments} segments): with a restore_command, the standby recovers without a new base backup.`,
          where: at('standby'),
          evidence: [...shown, evidence('in the archive', `${first} … ${last}`, archive.directory ?? '')],
          remedy: twoWays(
            {
              remedy: way('Let the standby read the archive.', ...steps),
              ...archiveEffort(needed.bytes, facts),
            },
            { remedy: newCopy(facts), ...copyEffort(facts) },
          ),
        });
      }
      case 'perhaps-the-archive': {
        if (ifSeen(facts.runningStandby)?.replay.moves === true)
          return pass(
            `the primary has removed ${needed.name}, but replay progresses: restore_command fetches what is missing`,
          );
        const refusal = askedInVain(facts, needed.name);
        return fail({
          ...(refusal === undefined ? { severity: 'warning' } : {}),
          title: 'The primary no longer has the WAL that the standby needs',
          message: `The standby needs ${needed.name}, which the primary has removed. ${
            refusal === undefined
              ? 'restore_command may fetch it, but standbylint cannot look into its archive.'
              : 'restore_command did not fetch it: the server runs it before each attempt to stream.'
          }`,
          where: at('standby'),
          evidence: [
            ...shown,
            evidence('restore_command', supply.archive.command, 'the settings of the standby'),
            ...(refusal === undefined ? [] : [evidence('its log says', refusal, 'the log of the standby')]),
          ],
          remedy: twoWays(
            {
              remedy: disruptive(
                'Check whether the archive has it.',
                manual(
                  'standby',
                  `Run restore_command as the server's user, with %f replaced by ${needed.name} and %p by a path in /tmp. If it fetches the file, start the standby. If not, the standby needs a new base backup.`,
                ),
                restartStandby(facts.standbyControl),
              ),
              ...archiveEffort(needed.bytes, facts),
            },
            { remedy: newCopy(facts), ...copyEffort(facts) },
          ),
        });
      }
      case 'nowhere': {
        const { oldest } = supply;
        const archive = ifSeen(facts.archive);
        const spoiled = archive?.spoiled?.find(({ start }) => start >= needed.from && start < oldest);
        const lacks =
          archive === undefined
            ? 'restore_command is not set'
            : spoiled === undefined
              ? `${archive.directory ?? 'The archive'} does not have all missing segments`
              : `${archive.directory ?? 'The archive'} has ${spoiled.name}, but that file ${contentOf(spoiled, needed.segmentSize)} and cannot be used`;
        return fail({
          ...(spoiled === undefined ? {} : { title: `Archived WAL segment ${spoiled.name} is damaged` }),
          message: `The standby needs ${needed.name}, but the oldest segment on the primary begins at ${formatLsn(oldest)}. ${lacks}, so the standby needs a new base backup.`,
          where,
          evidence: [
            ...shown,
            evidence(
              'oldest on the primary',
              nameOnUpstream(timelines.upstream, oldest, needed.segmentSize),
              'pg_ls_waldir()',
            ),
            ...(spoiled === undefined
              ? []
              : [
                  evidence(
                    'in the archive',
                    `${spoiled.name} ${contentOf(spoiled, needed.segmentSize)}`,
                    archive?.directory ?? '',
                  ),
                ]),
          ],
          remedy: newCopy(facts),
        });
      }
    }
  },
});

/** What its WAL receiver said last, which a running server starts after restore_command did not bring the segment (xlogrecovery.c). */
function askedInVain(
  {
    dataDirectory,
    serverLog,
  }: { readonly dataDirectory: Observed<DataDirectory>; readonly serverLog: Observed<ServerLog> },
  segment: string,
): string | undefined {
  const summary = ifSeen(serverLog)?.summary;
  if (ifSeen(dataDirectory)?.postmaster?.process !== 'running') return undefined;
  if ((summary?.receiverFailure?.position ?? -1) < (summary?.start?.position ?? 0)) return undefined;
  const said = saidToBeRemoved(serverLog, segment);
  return said && oneLine(said);
}
