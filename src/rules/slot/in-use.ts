import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Slot, WalSender } from '../../facts/primary.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { slotMade } from '../../remedies/reversible.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { namedSlot, slotOfName, unusedName } from '../../derived/named-slot.ts';
import { standbySlot, standbySlotFacts, streamsThrough } from '../../derived/standby-slot.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { Judgement } from '../../findings/judgement.ts';

export const inUse = defineRule({
  id: 'slot/in-use',
  title: 'The replication slot is in use by another connection',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: ['baseBackup', 'slots', 'replicationLogin', 'walSenders', 'primary', ...standbySlotFacts],
  explains: [...notStreaming],
  messages: ['slot-is-active'],
  docs: {
    what: 'Fails when a streaming connection holds the slot given with `-S`; in a post-mortem, when another connection holds the slot of a running standby that does not stream.',
    why: 'Only one connection at a time can use a slot. The server refuses the WAL connection of pg_basebackup or, later, the second standby that connects.',
    references: ['src/backend/replication/slot.c: ReplicationSlotAcquire()'],
  },
  judge(facts) {
    const { slots, walSenders, primary } = facts;
    const baseBackup = ifSeen(facts.baseBackup);
    if (baseBackup === undefined) return judgeStandby(facts);
    const named = namedSlot({ ...facts, baseBackup });
    if (named.kind === 'not-used') return notApplicable(named.because);
    if (baseBackup.createsSlot) return notApplicable('the command creates its own slot (-C)');
    if (named.kind === 'absent') return notApplicable(`the slot ${named.name} does not exist`);
    if (named.kind === 'unseen') return unexamined(named.why);
    if (named.type === 'logical') return notApplicable(`${named.name} is a logical slot, see slot/is-logical`);
    const { slot } = named;
    if (slot === undefined)
      return slots.status === 'unseen' ? unexamined(slots.why) : notApplicable('pg_replication_slots was not read');
    if (!slot.active) return pass(`the slot ${named.name} is not in use (pg_replication_slots)`);
    const process = holderOf(slot, walSenders);
    const other = unusedName(`${named.name}_new`, slots);
    return fail({
      title: `Slot "${named.name}" is in use by ${process}`,
      message: `Slot "${named.name}" is in use by ${process}. Only one connection at a time can use a slot, so the primary would refuse pg_basebackup.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence(`slot ${named.name}`, `active, ${process}`, 'pg_replication_slots')],
      remedy: safe(
        `Give this standby its own slot: -C -S ${other} instead of -S ${named.name}.`,
        checkAgain(baseBackup, { without: ['slot'], with: ['-C', '-S', other] }),
      ),
    });
  },
});

type Facts = JudgedFacts<
  'now',
  'slots' | 'replicationLogin' | 'walSenders' | 'primary' | (typeof standbySlotFacts)[number]
>;

function judgeStandby(facts: Facts): Judgement {
  const own = standbySlot(facts);
  if (own.kind === 'none') return notApplicable(own.because);
  if (own.kind === 'unseen') return unexamined(own.why);
  const { name } = own;
  const streams = streamsThrough(name, facts);
  if (streams !== undefined) return streams;
  const named = slotOfName(name, facts.slots, facts.replicationLogin);
  if (named.kind === 'absent') return notApplicable(`the slot ${name} does not exist, see slot/missing`);
  if (named.kind === 'unseen') return unexamined(named.why);
  if (named.type === 'logical') return notApplicable(`${name} is a logical slot, see slot/is-logical`);
  const { slot } = named;
  if (slot === undefined)
    return facts.slots.status === 'unseen'
      ? unexamined(facts.slots.why)
      : notApplicable('pg_replication_slots was not read');
  if (!slot.active) return pass(`the slot ${name} is not in use (pg_replication_slots)`);
  const server = ifSeen(facts.runningStandby);
  // the WAL sender of a standby that has just gone holds the slot until wal_sender_timeout
  if (server === undefined || server.receiverHidden || server.replay.again?.receiverStatus === 'streaming')
    return notApplicable(`it is not known whether this standby's own connection holds the slot ${name}`);
  const process = holderOf(slot, facts.walSenders);
  const other = unusedName(`${name}_new`, facts.slots);
  return fail({
    title: `Slot "${name}" is in use by ${process}`,
    message: `This standby does not stream, and ${process} uses its slot "${name}". Only one connection at a time can use a slot: two standbys that share it block each other.`,
    where: at('primary', ifSeen(facts.primary)?.name),
    evidence: [evidence(`slot ${name}`, `active, ${process}`, 'pg_replication_slots')],
    remedy: safe(
      'Give this standby its own slot.',
      slotMade(other),
      ...changeOnStandby(facts, { primary_slot_name: other }, 'reload'),
    ),
  });
}

function holderOf({ activePid }: Slot, walSenders: Observed<readonly WalSender[]>): string {
  const holder = ifSeen(walSenders)?.find(({ pid }) => pid === activePid);
  const who = [
    holder?.applicationName === undefined || holder.applicationName === '' ? undefined : holder.applicationName,
    holder?.address === undefined ? undefined : `from ${holder.address}`,
  ].filter((part) => part !== undefined);
  return `process ${activePid ?? 'unknown'}${who.length === 0 ? '' : ` (${who.join(' ')})`}`;
}
