import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { namedSlot, unusedName } from '../../derived/named-slot.ts';

export const noWalReserved = defineRule({
  id: 'slot/no-wal-reserved',
  title: 'The replication slot keeps no WAL yet',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['slots', 'replicationLogin', 'primary'],
  docs: {
    what: 'Warns when the slot given with `-S` has no restart_lsn: it was created by `pg_create_physical_replication_slot(NAME)` without the second argument and never used.',
    why: 'Such a slot keeps no WAL until a connection streams through it. With `-X stream`, the base backup itself does that, but WAL that it needs from before its WAL connection starts may be gone by then.',
    references: [
      'Replication Management Functions: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-REPLICATION',
    ],
  },
  judge({ baseBackup, slots, replicationLogin, primary }) {
    const named = namedSlot({ baseBackup, slots, replicationLogin });
    if (named.kind === 'not-used') return notApplicable(named.because);
    if (baseBackup.createsSlot)
      return notApplicable('the command creates the slot, and the slot keeps WAL from then on (-C)');
    if (named.kind === 'absent') return notApplicable(`the slot ${named.name} does not exist`);
    if (named.kind === 'unseen') return unexamined(named.why);
    if (named.type === 'logical') return notApplicable(`${named.name} is a logical slot`);
    if (named.reserved !== false) return pass(`the slot ${named.name} keeps WAL (restart_lsn is set, ${named.source})`);
    const other = unusedName(`${named.name}_new`, slots);
    return fail({
      title: `Slot "${named.name}" keeps no WAL yet`,
      message: `Slot "${named.name}" has no restart_lsn: until a connection streams through it, the primary removes WAL as if the slot did not exist.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence(`slot ${named.name}`, 'restart_lsn is null', named.source)],
      remedy: safe(
        `Let the command create a slot, which keeps WAL at once: -C -S ${other} instead of -S ${named.name}.`,
        checkAgain(baseBackup, { without: ['slot'], with: ['-C', '-S', other] }),
      ),
    });
  },
});
