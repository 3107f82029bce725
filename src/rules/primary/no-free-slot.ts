import { ifSeen } from '../../facts/observed.ts';
import { integerOf } from '../../facts/settings.ts';
import { changeAndRestart, valueAtRestart } from '../../remedies/change-setting.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { Judgement } from '../../findings/judgement.ts';
import type { Step } from '../../findings/report.ts';
import { inForce } from '../../derived/in-force.ts';
import { isSlotName, namedSlot, slotOfName } from '../../derived/named-slot.ts';
import { standbySlot, standbySlotFacts } from '../../derived/standby-slot.ts';
import { isOn } from '../../postgres/settings.ts';
import { slotMade } from '../../remedies/reversible.ts';
import { notStreaming } from '../consequences.ts';

export const noFreeSlot = defineRule({
  id: 'primary/no-free-slot',
  title: 'The primary has no free replication slot',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['baseBackup', 'slots', 'replicationLogin', 'primary', 'fileSettings', 'primaryControl', ...standbySlotFacts],
  explains: ['slot/missing', ...notStreaming],
  messages: ['slot-all-in-use'],
  says: ['Free one or increase "max_replication_slots".'],
  docs: {
    what: 'Fails if the command creates a slot and the primary already has `max_replication_slots` slots; of a standby that does not stream, if its slot has to be created there, or if it creates a temporary one (`wal_receiver_create_temp_slot`).',
    why: '`-C -S NAME` creates a slot. Without `-S`, `pg_basebackup -X stream` creates a temporary slot, which keeps the WAL written during the base backup. If no slot is free, the server refuses and the base backup fails.',
    notes:
      'Without `-S`, the option `--no-slot` avoids the temporary slot. With `max_replication_slots = 0`, even `pg_basebackup` without slot options fails.',
    references: [
      'max_replication_slots: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-MAX-REPLICATION-SLOTS',
      'src/backend/replication/slot.c: ReplicationSlotCreate()',
    ],
  },
  judge(facts) {
    const baseBackup = ifSeen(facts.baseBackup);
    if (baseBackup === undefined) return judgeStandby(facts);
    const named = namedSlot({ baseBackup, slots: facts.slots, replicationLogin: facts.replicationLogin });
    const temporary = baseBackup.slot === undefined && baseBackup.walMethod === 'stream' && !baseBackup.noSlot;
    const makes =
      temporary ||
      (baseBackup.createsSlot && named.kind !== 'not-used') ||
      (named.kind === 'absent' && isSlotName(named.name));
    if (!makes) return notApplicable('this base backup creates no slot');
    return whereNoneIsFree(facts, {
      who: temporary
        ? 'pg_basebackup -X stream creates a temporary slot'
        : `The command creates slot ${baseBackup.slot}`,
      so: 'the base backup fails',
      otherwise: temporary ? ' Or add --no-slot to the command, which needs no restart.' : '',
      steps: [],
    });
  },
});

type Facts = JudgedFacts<
  'primarySettings',
  'slots' | 'replicationLogin' | 'primary' | 'fileSettings' | 'primaryControl' | (typeof standbySlotFacts)[number]
>;

function judgeStandby(facts: Facts): Judgement {
  if (ifSeen(facts.runningStandby)?.receiver?.status === 'streaming') return pass('the standby streams');
  const own = standbySlot(facts);
  if (own.kind === 'unseen') return unexamined(own.why);
  if (own.kind === 'none')
    return isOn(inForce('wal_receiver_create_temp_slot', facts)?.value)
      ? whereNoneIsFree(facts, {
          who: 'The standby creates a temporary slot (wal_receiver_create_temp_slot)',
          so: 'each attempt to stream ends',
          otherwise: '',
          steps: [],
        })
      : notApplicable(own.because);
  const named = slotOfName(own.name, facts.slots, facts.replicationLogin);
  if (named.kind !== 'absent' || !isSlotName(own.name))
    return notApplicable('no slot has to be created for the standby');
  return whereNoneIsFree(facts, {
    who: `Slot ${own.name} of this standby has to be created`,
    so: 'the standby cannot stream',
    otherwise: '',
    steps: [slotMade(own.name)],
  });
}

interface Maker {
  readonly who: string;
  readonly so: string;
  readonly otherwise: string;
  /** What is possible once a slot is free. */
  readonly steps: readonly Step[];
}

function whereNoneIsFree(
  { primarySettings: settings, slots, primary, fileSettings, primaryControl }: Facts,
  { who, so, otherwise, steps }: Maker,
): Judgement {
  const allowed = integerOf(settings, 'max_replication_slots');
  if (allowed === undefined)
    return unexamined({
      kind: 'permission',
      because: 'max_replication_slots: the server does not show this setting',
    });
  if (slots.status !== 'seen' && allowed > 0)
    return slots.status === 'unseen' ? unexamined(slots.why) : notApplicable(slots.why);
  const used = ifSeen(slots) ?? [];
  if (used.length < allowed)
    return pass(`${used.length} of ${allowed} replication slots are used (pg_replication_slots)`);
  const wanted = used.length + 1;
  const inFile = valueAtRestart(fileSettings, settings, 'max_replication_slots');
  const waits = inFile !== undefined && Number(inFile) >= wanted;
  const value = waits ? inFile : String(allowed === 0 ? 10 : wanted);
  return fail({
    title:
      allowed === 0
        ? 'The primary allows no replication slots'
        : `All ${allowed} replication slots of the primary are in use`,
    message: `${who}, but max_replication_slots is ${allowed}${used.length === 0 ? '' : `: ${used.map(({ name, active }) => `${name}${active ? '' : ' (inactive)'}`).join(', ')}`}. The server refuses the slot, and ${so}.`,
    where: at('primary', ifSeen(primary)?.name),
    evidence: [
      evidence('max_replication_slots', String(allowed), 'pg_settings'),
      ...used.map(({ name, active }) =>
        evidence('slot', `${name}, ${active ? 'active' : 'inactive'}`, 'pg_replication_slots'),
      ),
    ],
    remedy: disruptive(
      waits
        ? `Restart the server: its configuration files already allow ${inFile}.`
        : `Allow ${value} slots, and restart the server.${otherwise}`,
      ...changeAndRestart(
        { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
        { max_replication_slots: value },
      ),
      ...steps,
    ),
  });
}
