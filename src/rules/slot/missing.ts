import { ifSeen } from '../../facts/observed.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { slotMade } from '../../remedies/reversible.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import type { JudgedFacts, Judgement } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { isSlotName, namedSlot, slotOfName } from './named-slot.ts';
import { standbySlot, standbySlotFacts, streamsThrough } from './standby-slot.ts';

export const missing = defineRule({
  id: 'slot/missing',
  title: 'The replication slot does not exist on the primary',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: ['baseBackup', 'slots', 'replicationLogin', 'primary', ...standbySlotFacts],
  explains: [...notStreaming],
  says: ['replication slot "%s" does not exist'],
  docs: {
    what: 'Fails when `-S` names a slot that is not on the primary and `-C` does not make it; in a post-mortem, when `primary_slot_name` does.',
    why: 'The server ends the WAL connection of the copy at once, and pg_basebackup stops. A standby tries again every few seconds and never streams.',
    notes: 'With `-C` pg_basebackup makes the slot itself.',
    references: [
      'https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/backend/replication/slot.c: ReplicationSlotAcquire()',
    ],
  },
  judge(facts) {
    const { slots, replicationLogin, primary } = facts;
    const baseBackup = ifSeen(facts.baseBackup);
    if (baseBackup === undefined) return judgeStandby(facts);
    const named = namedSlot(baseBackup, slots, replicationLogin);
    if (named.kind === 'not-used') return notApplicable(named.because);
    if (baseBackup.createsSlot) return notApplicable('the slot will be made by the command (-C)');
    if (!isSlotName(named.name)) return notApplicable(`no slot can be called that, see slot/invalid-name`);
    if (named.kind === 'unseen') return unexamined(named.why);
    if (named.kind === 'present') return pass(`the slot ${named.name} exists (${named.source})`);
    return fail({
      title: `The replication slot ${named.name} does not exist on the primary`,
      message: `-S ${named.name} names a slot that the primary does not have, and -C is not given, so the copy would end at once.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('slot', `${named.name} is not there`, named.source)],
      remedy: safe(
        'Make the slot, with its WAL kept from now on. (Or add -C, and the command makes it.)',
        slotMade(named.name),
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
  if (!isSlotName(name)) return notApplicable('no slot can be called that, see slot/invalid-name');
  const named = slotOfName(name, facts.slots, facts.replicationLogin);
  if (named.kind === 'unseen') return streamsThrough(name, facts) ?? unexamined(named.why);
  if (named.kind === 'present') return pass(`the slot ${name} exists (${named.source})`);
  return fail({
    title: `The replication slot ${name} does not exist on the primary`,
    message: `primary_slot_name is ${name}, and the primary has no slot of that name: it ends each connection of this standby at once.`,
    where: at('primary', ifSeen(facts.primary)?.name),
    evidence: [evidence('primary_slot_name', name, set.source), evidence('slot', `${name} is not there`, named.source)],
    remedy: safe('Make the slot, with its WAL kept from now on.', slotMade(name)),
  });
}
