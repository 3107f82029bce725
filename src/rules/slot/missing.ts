import { ifSeen } from '../../facts/observed.ts';
import { literal } from '../../remedies/quoting.ts';
import { at, safe, sql } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { isSlotName, namedSlot } from './named-slot.ts';

export const missing = defineRule({
  id: 'slot/missing',
  title: 'The replication slot that the command names does not exist',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['baseBackup'],
  wants: ['slots', 'replicationLogin', 'primary'],
  says: ['replication slot "%s" does not exist'],
  docs: {
    what: 'Fails when `-S` names a slot that is not on the primary and `-C` does not make it.',
    why: 'The server ends the WAL connection of the copy at once, and pg_basebackup stops.',
    notes: 'With `-C` pg_basebackup makes the slot itself.',
    references: [
      'https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/backend/replication/slot.c: ReplicationSlotAcquire()',
    ],
  },
  judge({ baseBackup, slots, replicationLogin, primary }) {
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
        sql('primary', `SELECT pg_create_physical_replication_slot(${literal(named.name)}, true);`),
      ),
    });
  },
});
