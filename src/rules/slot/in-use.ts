import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { namedSlot, unusedName } from './named-slot.ts';

export const inUse = defineRule({
  id: 'slot/in-use',
  title: 'The replication slot that the command names is in use',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['slots', 'replicationLogin', 'walSenders', 'primary'],
  says: ['replication slot "%s" is active for PID %s'],
  docs: {
    what: 'Fails when the slot that `-S` names is held by a connection that streams.',
    why: 'A slot serves one connection at a time. The server refuses the copy’s WAL connection, or, after the copy, the standby that comes second.',
    references: ['src/backend/replication/slot.c: ReplicationSlotAcquire()'],
  },
  judge({ baseBackup, slots, replicationLogin, walSenders, primary }) {
    const named = namedSlot(baseBackup, slots, replicationLogin);
    if (named.kind === 'not-used') return notApplicable(named.because);
    if (baseBackup.createsSlot) return notApplicable('the command makes a slot of its own (-C)');
    if (named.kind === 'absent') return notApplicable(`the slot ${named.name} does not exist`);
    if (named.kind === 'unseen') return unexamined(named.why);
    if (named.type === 'logical') return notApplicable(`${named.name} is a logical slot, see slot/is-logical`);
    const { slot } = named;
    if (slot === undefined)
      return slots.status === 'unseen'
        ? unexamined(slots.why)
        : notApplicable('pg_replication_slots was not looked at');
    if (!slot.active) return pass(`the slot ${named.name} is not in use (pg_replication_slots)`);
    const holder = ifSeen(walSenders)?.find(({ pid }) => pid === slot.activePid);
    const who = [
      holder?.applicationName === undefined || holder.applicationName === '' ? undefined : holder.applicationName,
      holder?.address === undefined ? undefined : `from ${holder.address}`,
    ].filter((part) => part !== undefined);
    const process = `process ${slot.activePid ?? 'unknown'}${who.length === 0 ? '' : ` (${who.join(' ')})`}`;
    const other = unusedName(`${named.name}_new`, slots);
    return fail({
      title: `The slot ${named.name} is in use by ${process}`,
      message: `${process} streams through the slot ${named.name}. A slot serves one connection at a time, so the copy would be refused.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence(`slot ${named.name}`, `active, ${process}`, 'pg_replication_slots')],
      remedy: safe(
        `Give this standby a slot of its own: -C -S ${other} in the place of -S ${named.name}.`,
        checkAgain(baseBackup, { without: ['slot'], with: ['-C', '-S', other] }),
      ),
    });
  },
});
