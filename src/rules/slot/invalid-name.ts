import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { Observed } from '../../facts/observed.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Slot } from '../../facts/primary.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { slotMade } from '../../remedies/reversible.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { isSlotName, unusedName, whyNotUsed } from '../../derived/named-slot.ts';
import { inFiles } from '../../derived/in-force.ts';
import type { InForce } from '../../derived/in-force.ts';
import { isPrimaryNow } from '../../derived/role-now.ts';
import { standbySlot, standbySlotFacts } from '../../derived/standby-slot.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { Judgement } from '../../findings/judgement.ts';

export const invalidName = defineRule({
  id: 'slot/invalid-name',
  title: 'The replication slot name is invalid',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: ['baseBackup', 'slots', ...standbySlotFacts],
  explains: ['slot/missing', ...notStreaming, 'standby/not-running'],
  messages: ['slot-name-invalid-char', 'slot-name-too-long', 'slot-name-too-short'],
  docs: {
    what: 'Fails when the name in `-S`, or in the primary_slot_name of a standby, contains characters other than lower-case letters, digits and underscores, or is longer than 63 characters.',
    why: 'The server refuses the name, because it is also the name of a directory in pg_replslot.',
    notes: 'Host names with hyphens or dots are the usual cause.',
    references: ['src/backend/replication/slot.c: ReplicationSlotValidateName()'],
  },
  judge(facts) {
    const { slots } = facts;
    const baseBackup = ifSeen(facts.baseBackup);
    if (baseBackup === undefined) return judgeStandby(facts);
    const { slot } = baseBackup;
    const because = whyNotUsed(baseBackup);
    if (slot === undefined || because !== undefined) return notApplicable(because ?? 'the command names no slot');
    if (isSlotName(slot)) return pass(`${slot} is a valid slot name`);
    const reason = whyNoName(slot);
    const words = betterName(slot, baseBackup, slots);
    return fail({
      title: `${JSON.stringify(slot)} is not a valid slot name: ${reason}`,
      message: `A slot name consists of lower-case letters, digits and underscores, but ${reason}. The server refuses it.`,
      where: at('client'),
      evidence: [evidence('-S', JSON.stringify(slot), 'the command line')],
      remedy: safe(
        `Use a valid slot name: ${words.join(' ')}.`,
        checkAgain(baseBackup, { without: ['slot', 'create-slot'], with: words }),
      ),
    });
  },
});

/** A name like the one that is given; a slot that is seen not to be there is made by the command (-C). */
function betterName(
  given: string,
  { createsSlot }: BaseBackupCommand,
  slots: Observed<readonly Slot[]>,
): readonly string[] {
  const like = likeName(given);
  if (createsSlot) return ['-C', '-S', unusedName(like, slots)];
  const there = ifSeen(slots)?.some(({ name }) => name === like);
  return there === false ? ['-C', '-S', like] : ['-S', like];
}

type Facts = JudgedFacts<'now', 'slots' | (typeof standbySlotFacts)[number]>;

/** The server itself refuses such a value: it does not start with it, and does not take it in at a reload. */
function judgeStandby(facts: Facts): Judgement {
  const own = standbySlot(facts);
  // a running server has refused it at a reload, and goes by its old value until it is started again
  const written = isPrimaryNow(facts.runningStandby) ? undefined : inFiles('primary_slot_name', facts);
  if (written !== undefined && written.value !== '' && !isSlotName(written.value)) return refused(written, facts);
  if (own.kind === 'unseen') return unexamined(own.why);
  return own.kind === 'named' ? pass(`${own.name} is a valid slot name`) : notApplicable(own.because);
}

function refused(set: InForce, facts: Facts): Judgement {
  const name = set.value;
  const reason = whyNoName(name);
  const like = likeName(name);
  const there = ifSeen(facts.slots)?.some((slot) => slot.name === like) === true;
  const runs = ifSeen(facts.runningStandby) !== undefined;
  return fail({
    title: `${JSON.stringify(name)} is not a valid slot name: ${reason}`,
    ...(runs ? { severity: 'warning' as const } : {}),
    message: `primary_slot_name is ${JSON.stringify(name)}. A slot name consists of lower-case letters, digits and underscores, but ${reason}. The server ${runs ? 'keeps the value that it had before, and would not start again' : 'does not start'}.`,
    where: set.where,
    evidence: [evidence('primary_slot_name', JSON.stringify(name), set.source)],
    remedy: safe(
      `Use a valid slot name: ${like}.`,
      ...(there ? [] : [slotMade(like)]),
      ...changeOnStandby(facts, { primary_slot_name: like }, 'reload'),
    ),
  });
}

function whyNoName(slot: string): string {
  const wrong = [...new Set(slot.match(/[^a-z0-9_]/gu) ?? [])].slice(0, 10);
  if (slot === '') return 'it is empty';
  return wrong.length > 0
    ? `it contains ${wrong.map((letter) => JSON.stringify(letter)).join(', ')}`
    : `it has ${slot.length} characters, and the maximum is 63`;
}

const likeName = (given: string): string =>
  given
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/gu, '_')
    .slice(0, 63) || 'standby1';
