import { ifSeen } from '../../facts/observed.ts';
import { formatLsn, walFileName } from '../../postgres/lsn.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { at, disruptive, manual } from '../../remedies/remedy.ts';
import { restartStandby } from '../../remedies/standby-setting.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { standingOf } from '../timeline/standing.ts';
import { archiveEffort, copyEffort, effortFacts } from '../effort.ts';
import { twoWays } from '../two-ways.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { neededWal, supplyOf } from './needed.ts';
import { contentOf } from './content-of.ts';
import { readArchive } from './read-archive.ts';

export const segmentRemoved = defineRule({
  id: 'wal/segment-removed',
  title: 'The primary no longer has the WAL that the standby needs next',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now', 'timelines', 'controlFile'],
  wants: [...newCopyFacts, ...effortFacts, 'primaryWal', 'archive', 'primaryArchive', 'runningStandby'],
  explains: [...notStreaming, 'streaming/stalled'],
  says: ['requested WAL segment %s has already been removed'],
  docs: {
    what: 'Finds where the standby’s own WAL ends, and so which segment it will ask for next, and looks whether the primary still has it (pg_ls_waldir(), the slot, wal_keep_size), or else the archive that restore_command reads from.',
    why: 'WAL has no holes. A standby that is offered only later WAL waits for ever, or is made anew.',
    notes:
      'Where restore_command brings the missing segments, the standby comes back by itself, and there is no finding. Where none is set, and the directory that the primary archives to lies on this machine and has them, restore_command is all that is missing.',
    references: [
      'src/backend/access/transam/xlog.c: KeepLogSeg()',
      'src/backend/replication/walsender.c: WalSndSegmentOpen()',
    ],
  },
  judge(facts) {
    const { timelines } = facts;
    const standing = standingOf(facts);
    if (standing.kind === 'other-system' || standing.kind === 'diverged')
      return notApplicable('the histories have parted, or never were one: what it needs is no longer the question');
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
            `the primary has removed ${first}, and ${archive.directory ?? 'the archive'} has it and all that follows (${segments} segments, up to ${last})`,
          );
        return fail({
          title: 'The primary no longer has the WAL that the standby needs next; its archive has it',
          message: `The standby needs ${first}, which the primary has removed. The directory that the primary archives to, ${archive.directory ?? ''}, has it and all that follows up to ${last} (${segments} segments): with a restore_command the standby comes back without a new copy.`,
          where: at('standby'),
          evidence: [...shown, evidence('in the archive', `${first} … ${last}`, archive.directory ?? '')],
          remedy: twoWays(
            {
              remedy: disruptive('Let the standby read the archive.', ...readArchive(facts, archive)),
              ...archiveEffort(needed.bytes, facts),
            },
            { remedy: newCopy(facts), ...copyEffort(facts) },
          ),
        });
      }
      case 'perhaps-the-archive':
        if (ifSeen(facts.runningStandby)?.replay.moves === true)
          return pass(
            `the primary has removed ${needed.name}, and replay moves: restore_command brings what is missing`,
          );
        return fail({
          severity: 'warning',
          title: 'The primary no longer has the WAL that the standby needs next; only its archive can',
          message: `The standby needs ${needed.name}, which the primary has removed. restore_command may bring it: where it reads from cannot be looked into from here.`,
          where: at('standby'),
          evidence: [...shown, evidence('restore_command', supply.archive.command, 'the settings of the standby')],
          remedy: twoWays(
            {
              remedy: disruptive(
                'See whether the archive has it.',
                manual(
                  'standby',
                  `As the server's user, run restore_command by hand with %f replaced by ${needed.name} and %p by a path in /tmp. If it brings the file, start the standby; if not, a new copy is needed.`,
                ),
                restartStandby(facts.standbyControl),
              ),
              ...archiveEffort(needed.bytes, facts),
            },
            { remedy: newCopy(facts), ...copyEffort(facts) },
          ),
        });
      case 'nowhere': {
        const { oldest } = supply;
        const archive = ifSeen(facts.archive);
        const spoiled = archive?.spoiled?.find(({ start }) => start >= needed.from && start < oldest);
        const lacks =
          archive === undefined
            ? 'No restore_command is set that could bring it from an archive'
            : spoiled === undefined
              ? `${archive.directory ?? 'The archive'} does not have all that is missing`
              : `${archive.directory ?? 'The archive'} has ${spoiled.name}, but that file ${contentOf(spoiled, needed.segmentSize)}, and the server does not take it`;
        return fail({
          ...(spoiled === undefined ? {} : { title: `Archived WAL segment ${spoiled.name} is damaged` }),
          message: `The standby needs ${needed.name}, and the oldest segment on the primary begins at ${formatLsn(oldest)}. ${lacks}: only a new copy helps.`,
          where,
          evidence: [
            ...shown,
            evidence(
              'oldest on the primary',
              walFileName(needed.timeline, oldest, needed.segmentSize),
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
