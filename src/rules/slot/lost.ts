import { ifSeen } from '../../facts/observed.ts';
import type { Slot } from '../../facts/primary.ts';
import type { Step } from '../../facts/report.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { newCopyFacts, newCopySteps } from '../../remedies/new-copy.ts';
import { literal } from '../../remedies/quoting.ts';
import { at, destructive, safe, sql } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import type { JudgedFacts } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { slotOfName } from './named-slot.ts';
import { standbySlot, standbySlotFacts, streamsThrough } from './standby-slot.ts';

const wants = [
  'slots',
  'replicationLogin',
  'primary',
  'primaryWal',
  'timelines',
  'archive',
  'runningStandby',
  ...newCopyFacts,
  ...standbySlotFacts,
] as const;

export const lost = defineRule({
  id: 'slot/lost',
  title: 'The slot of the standby has lost its WAL',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now'],
  wants,
  explains: [...notStreaming, 'wal/segment-removed', 'slot/in-use'],
  says: [
    'can no longer access replication slot "%s"',
    'This slot has been invalidated because it exceeded the maximum reserved size',
    'invalidating obsolete replication slot "%s"',
    'invalidating slot "%s" because its restart_lsn %X/%X exceeds max_slot_wal_keep_size',
  ],
  docs: {
    what: 'Fails when the slot that primary_slot_name names is invalidated on the primary (wal_status lost), and says why where the server tells it (17 and later).',
    why: 'Such a slot serves nobody again. It has to be made anew; and where the primary has removed WAL that the standby needs, the standby too.',
    notes:
      'A slot can be lost while the WAL is still there (idle_replication_slot_timeout, or wal_keep_size beside it) or in an archive: then a new slot is enough.',
    references: [
      'https://www.postgresql.org/docs/current/view-pg-replication-slots.html',
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
            : { kind: 'not-asked', because: 'the replication slots of the primary were not looked at' },
        )
      );
    if (slot.walStatus !== 'lost' && slot.invalidationReason === undefined)
      return pass(`the slot ${name} is ${slot.walStatus ?? 'not used yet'} (pg_replication_slots)`);
    const reason = slot.invalidationReason === undefined ? '' : ` (${slot.invalidationReason})`;
    const walIsThere = hasWal(facts);
    return fail({
      title: `The slot ${name} is lost${reason}`,
      message: `The primary has invalidated the slot ${name}${reason}: it fell behind by more than it may keep, and nobody can stream through it again. ${
        walIsThere
          ? 'The WAL that this standby needs next is still there, so that a new slot is enough.'
          : 'The WAL that it kept is gone, and the standby with it.'
      }`,
      where: at('primary', ifSeen(facts.primary)?.name),
      evidence: [
        evidence(`slot ${name}`, `wal_status ${slot.walStatus ?? 'null'}${reason}`, 'pg_replication_slots'),
        ...oldestThere(facts),
      ],
      remedy: walIsThere
        ? safe('Make the slot anew.', ...anew(slot), ...changeOnStandby(facts, {}, 'reload'))
        : destructive(
            'Make the slot anew, then the standby: the old directory is moved aside.',
            ...anew(slot),
            ...newCopySteps({
              ...facts,
              // made anew by then
              slots: { status: 'seen', value: [{ ...slot, walStatus: 'reserved' }], source: '' },
            }),
          ),
    });
  },
});

type Facts = JudgedFacts<'now', (typeof wants)[number]>;

const anew = ({ name }: Slot): readonly Step[] => [
  sql('primary', `SELECT pg_drop_replication_slot(${literal(name)});`),
  sql('primary', `SELECT pg_create_physical_replication_slot(${literal(name)}, true);`),
];

/** What the standby asks for next is in the primary's pg_wal, or the archive leads from there to what is. */
function hasWal({ primaryWal, timelines, archive }: Facts): boolean {
  const oldest = ifSeen(primaryWal)?.oldest;
  const next = ifSeen(timelines)?.local.position;
  if (oldest === undefined || next === undefined) return false;
  if (oldest <= next) return true;
  const kept = ifSeen(archive)?.segments ?? [];
  return kept.some(
    ({ first, end, gaps }) =>
      first <= next && end >= oldest && gaps.every(({ from, to }) => to <= next || from >= oldest),
  );
}

function oldestThere({ primaryWal, timelines }: Facts) {
  const oldest = ifSeen(primaryWal)?.oldest;
  const next = ifSeen(timelines)?.local.position;
  return [
    ...(oldest === undefined ? [] : [evidence('oldest WAL of the primary', formatLsn(oldest), 'pg_ls_waldir()')]),
    ...(next === undefined ? [] : [evidence('the standby has WAL up to', formatLsn(next), "the standby's pg_wal")]),
  ];
}
