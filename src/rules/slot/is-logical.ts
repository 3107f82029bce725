import { ifSeen } from '../../facts/observed.ts';
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

export const isLogical = defineRule({
  id: 'slot/is-logical',
  title: 'The replication slot is a logical slot',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: ['baseBackup', 'slots', 'replicationLogin', 'primary', ...standbySlotFacts],
  explains: [...notStreaming],
  messages: ['cannot-use-logical-slot-physical', 'walsender-cannot-use-logical-slot-cmd'],
  docs: {
    what: 'Fails when `-S`, or the primary_slot_name of a standby, is a logical replication slot.',
    why: 'A base backup and a physical standby need physical streaming, which a logical slot does not provide.',
    references: ['src/backend/replication/walsender.c: StartReplication()'],
  },
  judge(facts) {
    const { slots, primary } = facts;
    const baseBackup = ifSeen(facts.baseBackup);
    if (baseBackup === undefined) return judgeStandby(facts);
    const named = namedSlot({ ...facts, baseBackup });
    if (named.kind === 'not-used') return notApplicable(named.because);
    if (baseBackup.createsSlot) return notApplicable('the command creates its own physical slot (-C)');
    if (named.kind === 'absent') return notApplicable(`the slot ${named.name} does not exist`);
    if (named.kind === 'unseen') return unexamined(named.why);
    if (named.type === 'physical') return pass(`the slot ${named.name} is physical (${named.source})`);
    const other = unusedName(`${named.name}_physical`, slots);
    return fail({
      title: `Slot "${named.name}" is logical: a base backup cannot use it`,
      message: `Slot "${named.name}" belongs to logical replication: a subscriber reads changes through it. A standby needs a physical slot.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence(`slot ${named.name}`, 'logical', named.source)],
      remedy: safe(
        `Let the command create a physical slot with another name: -C -S ${other} instead of -S ${named.name}.`,
        checkAgain(baseBackup, { without: ['slot'], with: ['-C', '-S', other] }),
      ),
    });
  },
});

type Facts = JudgedFacts<'now', 'slots' | 'replicationLogin' | 'primary' | (typeof standbySlotFacts)[number]>;

function judgeStandby(facts: Facts): Judgement {
  const own = standbySlot(facts);
  if (own.kind === 'none') return notApplicable(own.because);
  if (own.kind === 'unseen') return unexamined(own.why);
  const { name, set } = own;
  const named = slotOfName(name, facts.slots, facts.replicationLogin);
  if (named.kind === 'absent') return notApplicable(`the slot ${name} does not exist, see slot/missing`);
  if (named.kind === 'unseen') return streamsThrough(name, facts) ?? unexamined(named.why);
  if (named.type === 'physical') return pass(`the slot ${name} is physical (${named.source})`);
  const other = unusedName(`${name}_physical`, facts.slots);
  return fail({
    title: `Slot "${name}" is logical: a standby cannot use it`,
    message: `primary_slot_name is "${name}", which belongs to logical replication: a subscriber reads changes through it. A standby needs a physical slot.`,
    where: at('primary', ifSeen(facts.primary)?.name),
    evidence: [evidence('primary_slot_name', name, set.source), evidence(`slot ${name}`, 'logical', named.source)],
    remedy: safe(
      'Create a physical slot with another name, and let the standby use it.',
      slotMade(other),
      ...changeOnStandby(facts, { primary_slot_name: other }, 'reload'),
    ),
  });
}
