import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { Observed } from '../../facts/observed.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Slot } from '../../facts/primary.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { isSlotName, unusedName, whyNotUsed } from './named-slot.ts';

export const invalidName = defineRule({
  id: 'slot/invalid-name',
  title: 'No replication slot can have the name that the command gives',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['baseBackup'],
  wants: ['slots'],
  explains: ['slot/missing'],
  says: [
    'replication slot name "%s" contains invalid character',
    'replication slot name "%s" is too long',
    'replication slot name "%s" is too short',
  ],
  docs: {
    what: 'Fails when `-S` gives a name with anything else than lower-case letters, digits and underscores, or one that is longer than 63 characters.',
    why: 'The server refuses it: a slot’s name is also the name of a directory under pg_replslot.',
    notes: 'Host names with hyphens or dots are the usual cause.',
    references: ['src/backend/replication/slot.c: ReplicationSlotValidateName()'],
  },
  judge({ baseBackup, slots }) {
    const { slot } = baseBackup;
    const because = whyNotUsed(baseBackup);
    if (slot === undefined || because !== undefined) return notApplicable(because ?? 'the command names no slot');
    if (isSlotName(slot)) return pass(`${slot} is a name that a slot can have`);
    const wrong = [...new Set(slot.match(/[^a-z0-9_]/gu) ?? [])].slice(0, 10);
    const reason =
      slot === ''
        ? 'it is empty'
        : wrong.length > 0
          ? `it contains ${wrong.map((letter) => JSON.stringify(letter)).join(', ')}`
          : `it has ${slot.length} characters, and 63 is the most`;
    const words = betterName(slot, baseBackup, slots);
    return fail({
      title: `${JSON.stringify(slot)} cannot be the name of a slot: ${reason}`,
      message: `The name of a slot consists of lower-case letters, digits and underscores; in this one, ${reason}. The server refuses it.`,
      where: at('client'),
      evidence: [evidence('-S', JSON.stringify(slot), 'the command line')],
      remedy: safe(
        `Use a name that a slot can have: ${words.join(' ')}.`,
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
  const like =
    given
      .toLowerCase()
      .replaceAll(/[^a-z0-9_]/gu, '_')
      .slice(0, 63) || 'standby1';
  if (createsSlot) return ['-C', '-S', unusedName(like, slots)];
  const there = ifSeen(slots)?.some(({ name }) => name === like);
  return there === false ? ['-C', '-S', like] : ['-S', like];
}
