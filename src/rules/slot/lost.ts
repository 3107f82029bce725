import { ifSeen } from '../../facts/observed.ts';
import type { Slot } from '../../facts/primary.ts';
import type { Remedy, Step } from '../../findings/report.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { newCopyFacts, newCopySteps } from '../../remedies/new-copy.ts';
import { literal } from '../../remedies/quoting.ts';
import { destructive, disruptive, safe, sql } from '../../remedies/remedy.ts';
import { slotMade } from '../../remedies/reversible.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { archiveEffort, copyEffort, effortFacts } from '../../derived/effort.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { twoWays } from '../../remedies/two-ways.ts';
import { neededWal, supplyOf } from '../../derived/needed-wal.ts';
import type { Supply } from '../../derived/needed-wal.ts';
import { readArchive } from '../../remedies/standby-setting.ts';
import { slotOfName } from '../../derived/named-slot.ts';
import { standbySlot, standbySlotFacts, streamsThrough } from '../../derived/standby-slot.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

const wants = [
  'slots',
  'replicationLogin',
  'primary',
  'primaryWal',
  'timelines',
  'archive',
  'primaryArchive',
  'runningStandby',
  ...newCopyFacts,
  ...effortFacts,
  ...standbySlotFacts,
] as const;

export const lost = defineRule({
  id: 'slot/lost',
  title: 'The replication slot of the standby was invalidated',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now'],
  wants,
  explains: [...notStreaming, 'wal/segment-removed', 'slot/in-use'],
  messages: ['slot-no-longer-accessible', 'slot-invalidating'],
  says: ['This slot has been invalidated because it exceeded the maximum reserved size'],
  docs: {
    what: 'Fails when the slot in primary_slot_name is invalidated on the primary (wal_status lost). In 17 and later, it also gives the reason.',
    why: 'An invalidated slot can never be used again and must be recreated. If the primary has removed WAL that the standby needs, the standby must be recreated too.',
    notes:
      'A slot can be invalidated while the WAL still exists (idle_replication_slot_timeout, or wal_keep_size keeps it) or is in an archive: then a new slot is enough.',
    references: [
      'pg_replication_slots: https://www.postgresql.org/docs/current/view-pg-replication-slots.html',
      'src/backend/replication/slot.c: InvalidatePossiblyObsoleteSlot()',
    ],
  },
  judge(facts) {
    const own = standbySlot(facts);
    if (own.kind === 'none') return notApplicable(own.because);
    if (own.kind === 'unseen') return unexamined(own.why);
    const { name } = own;
    const named = slotOfName(name, facts.slots, facts.replicationLogin);
    if (named.kind === 'absent') return notApplicable(`the slot ${name} does not exist, see slot/missing`);
    const slot = named.kind === 'present' ? named.slot : undefined;
    if (slot === undefined)
      return (
        streamsThrough(name, facts) ??
        unexamined(
          facts.slots.status === 'unseen'
            ? facts.slots.why
            : { kind: 'not-asked', because: 'the replication slots of the primary were not read' },
        )
      );
    if (slot.walStatus !== 'lost' && slot.invalidationReason === undefined)
      return pass(`the slot ${name} is ${slot.walStatus ?? 'not used yet'} (pg_replication_slots)`);
    const reason = slot.invalidationReason === undefined ? '' : ` (${slot.invalidationReason})`;
    const supply = supplyFor(facts);
    const says =
      supply === undefined
        ? 'The WAL that this standby needs next was removed, so it needs a new base backup.'
        : supply.from === 'primary'
          ? 'The WAL that this standby needs next still exists, so a new slot is enough.'
          : `${supply.first}, which this standby needs next, and all later segments are in ${supply.archive.directory ?? 'the archive'}, so a new slot ${supply.proposed ? 'and a restore_command are' : 'is'} enough.`;
    return fail({
      title: `Slot "${name}" was invalidated${reason}`,
      message: `The primary has invalidated slot "${name}"${whyInvalidated(slot)}. No standby can stream through it again. ${says}`,
      where: at('primary', ifSeen(facts.primary)?.name),
      evidence: [
        evidence(`slot ${name}`, `wal_status ${slot.walStatus ?? 'null'}${reason}`, 'pg_replication_slots'),
        ...oldestThere(facts),
      ],
      remedy: remedyFor(slot, supply, facts),
    });
  },
});

/** slot.c, SlotInvalidationCauses; before 17 the one cause of a physical slot is not told. */
function whyInvalidated({ invalidationReason }: Slot): string {
  switch (invalidationReason) {
    case undefined:
    case 'wal_removed':
      return ': it kept more WAL than max_slot_wal_keep_size allows';
    case 'idle_timeout':
      return ': nothing used it for longer than idle_replication_slot_timeout';
    default:
      return ` (${invalidationReason})`;
  }
}

type Facts = JudgedFacts<'now', (typeof wants)[number]>;

const anew = ({ name }: Slot): readonly Step[] => [
  sql('primary', `SELECT pg_drop_replication_slot(${literal(name)});`, 'drop-slot'),
  slotMade(name),
];

type Found = Extract<Supply, { readonly from: 'primary' | 'archive' }> & { readonly bytes: bigint };

/** Who still has the WAL that the standby asks for next; undefined where nobody is known to. */
function supplyFor(facts: Facts): Found | undefined {
  const [timelines, controlFile] = [ifSeen(facts.timelines), ifSeen(facts.controlFile)];
  if (timelines === undefined || controlFile === undefined) return undefined;
  const needed = neededWal({ ...facts, timelines, controlFile });
  const supply = needed === undefined ? undefined : supplyOf(needed, { ...facts, timelines });
  return needed !== undefined && (supply?.from === 'primary' || supply?.from === 'archive')
    ? { ...supply, bytes: needed.bytes }
    : undefined;
}

function remedyFor(slot: Slot, supply: Found | undefined, facts: Facts): Remedy {
  const copy = destructive(
    'Recreate the slot, then take a new base backup; the old directory is moved aside.',
    ...anew(slot),
    ...newCopySteps({
      ...facts,
      // made again by then
      slots: { status: 'seen', value: [{ ...slot, walStatus: 'reserved' }], source: '' },
    }),
  );
  if (supply === undefined) return copy;
  if (supply.from === 'primary')
    return safe('Recreate the slot.', ...anew(slot), ...changeOnStandby(facts, {}, 'reload'));
  const again = supply.proposed
    ? disruptive(
        'Recreate the slot, and let the standby read the archive.',
        ...anew(slot),
        ...readArchive(facts, supply.archive),
      )
    : safe('Recreate the slot.', ...anew(slot), ...changeOnStandby(facts, {}, 'reload'));
  return twoWays({ remedy: again, ...archiveEffort(supply.bytes, facts) }, { remedy: copy, ...copyEffort(facts) });
}

function oldestThere({ primaryWal, timelines }: Facts) {
  const oldest = ifSeen(primaryWal)?.oldest;
  const next = ifSeen(timelines)?.local.position;
  return [
    ...(oldest === undefined ? [] : [evidence('oldest WAL of the primary', formatLsn(oldest), 'pg_ls_waldir()')]),
    ...(next === undefined ? [] : [evidence('the standby has WAL up to', formatLsn(next), "the standby's pg_wal")]),
  ];
}
