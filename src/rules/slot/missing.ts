import { ifSeen } from '../../facts/observed.ts';
import { safe } from '../../remedies/remedy.ts';
import { slotMade } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { isSlotName, namedSlot, slotOfName } from '../../derived/named-slot.ts';
import { standbySlot, standbySlotFacts, streamsThrough } from '../../derived/standby-slot.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { Judgement } from '../../findings/judgement.ts';

export const missing = defineRule({
  id: 'slot/missing',
  title: 'The replication slot does not exist on the primary',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: ['baseBackup', 'slots', 'replicationLogin', 'primary', 'manager', ...standbySlotFacts],
  explains: [...notStreaming],
  messages: ['slot-does-not-exist', 'slotsync-primary-slot-missing', 'pgrw-slot-does-not-exist'],
  docs: {
    what: 'Fails when the slot given with `-S` does not exist on the primary and `-C` does not create it; in a post-mortem, when the slot in `primary_slot_name` does not exist.',
    why: 'The primary ends the WAL connection at once, and pg_basebackup stops. A standby tries again every few seconds and never streams.',
    notes: 'With `-C`, pg_basebackup creates the slot itself.',
    references: [
      'pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/backend/replication/slot.c: ReplicationSlotAcquire()',
    ],
  },
  judge(facts) {
    const { primary } = facts;
    const baseBackup = ifSeen(facts.baseBackup);
    if (baseBackup === undefined) return judgeStandby(facts);
    const named = namedSlot({ ...facts, baseBackup });
    if (named.kind === 'not-used') return notApplicable(named.because);
    if (baseBackup.createsSlot) return notApplicable('the command will create the slot (-C)');
    if (!isSlotName(named.name)) return notApplicable(`this is not a valid slot name, see slot/invalid-name`);
    if (named.kind === 'unseen') return unexamined(named.why);
    if (named.kind === 'present') return pass(`the slot ${named.name} exists (${named.source})`);
    return fail({
      title: `Replication slot "${named.name}" does not exist on the primary`,
      message: `-S ${named.name} names a slot that does not exist on the primary, and -C is not given, so pg_basebackup would stop at once.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('slot', `${named.name} does not exist`, named.source)],
      remedy: safe(
        'Create the slot so that it keeps WAL from now on. (Or add -C, and the command creates it.)',
        slotMade(named.name),
      ),
    });
  },
});

type Facts = JudgedFacts<
  'now',
  'slots' | 'replicationLogin' | 'primary' | 'manager' | (typeof standbySlotFacts)[number]
>;

function judgeStandby(facts: Facts): Judgement {
  const own = standbySlot(facts);
  if (own.kind === 'none') return notApplicable(own.because);
  if (own.kind === 'unseen') return unexamined(own.why);
  const { name, set } = own;
  if (!isSlotName(name)) return notApplicable('this is not a valid slot name, see slot/invalid-name');
  const named = slotOfName(name, facts.slots, facts.replicationLogin);
  if (named.kind === 'unseen') return streamsThrough(name, facts) ?? unexamined(named.why);
  if (named.kind === 'present') return pass(`the slot ${name} exists (${named.source})`);
  // patroni: dcs/__init__.py, get_replication_slots: the leader drops the slot of a member that is down, and makes it again
  if (ifSeen(facts.manager)?.kind === 'patroni' && ifSeen(facts.dataDirectory)?.postmaster?.process !== 'running')
    return notApplicable('Patroni makes the slot of this member while it runs');
  return fail({
    title: `Replication slot "${name}" does not exist on the primary`,
    message: `primary_slot_name is "${name}", but the primary has no slot with that name and ends each connection of this standby at once.`,
    where: at('primary', ifSeen(facts.primary)?.name),
    evidence: [
      evidence('primary_slot_name', name, set.source),
      evidence('slot', `${name} does not exist`, named.source),
    ],
    remedy: safe('Create the slot so that it keeps WAL from now on.', slotMade(name)),
  });
}
