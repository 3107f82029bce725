import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { namedSlot, unusedName } from './named-slot.ts';

export const noWalReserved = defineRule({
  id: 'slot/no-wal-reserved',
  title: 'The replication slot keeps no WAL yet',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['slots', 'replicationLogin', 'primary'],
  docs: {
    what: 'Warns when the slot that `-S` names has no restart_lsn: it was made by `pg_create_physical_replication_slot(NAME)` without its second argument, and was never used.',
    why: 'Such a slot protects nothing until somebody streams through it. With `-X stream` the copy itself does that; what it needs before its WAL connection begins may be gone by then.',
    references: ['https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-REPLICATION'],
  },
  judge({ baseBackup, slots, replicationLogin, primary }) {
    const named = namedSlot(baseBackup, slots, replicationLogin);
    if (named.kind === 'not-used') return notApplicable(named.because);
    if (baseBackup.createsSlot) return notApplicable('the command makes the slot, with its WAL kept from then on (-C)');
    if (named.kind === 'absent') return notApplicable(`the slot ${named.name} does not exist`);
    if (named.kind === 'unseen') return unexamined(named.why);
    if (named.type === 'logical') return notApplicable(`${named.name} is a logical slot`);
    if (named.reserved !== false) return pass(`the slot ${named.name} keeps WAL (restart_lsn is set, ${named.source})`);
    const other = unusedName(`${named.name}_new`, slots);
    return fail({
      title: `The slot ${named.name} keeps no WAL yet`,
      message: `The slot ${named.name} has no restart_lsn: until somebody streams through it, the primary removes WAL as if it were not there.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence(`slot ${named.name}`, 'restart_lsn is null', named.source)],
      remedy: safe(
        `Let the command make a slot, which keeps WAL at once: -C -S ${other} in the place of -S ${named.name}.`,
        checkAgain(baseBackup, { without: ['slot'], with: ['-C', '-S', other] }),
      ),
    });
  },
});
