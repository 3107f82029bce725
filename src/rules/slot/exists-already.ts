import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { namedSlot, unusedName } from '../../derived/named-slot.ts';

export const existsAlready = defineRule({
  id: 'slot/exists-already',
  title: 'The slot that the command would create already exists',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['slots', 'replicationLogin', 'primary'],
  messages: ['slot-already-exists'],
  docs: {
    what: 'Fails when `-C -S NAME` is given and the primary already has a slot of that name.',
    why: '`CREATE_REPLICATION_SLOT` fails and pg_basebackup stops. An interrupted base backup leaves such a slot behind, so a second attempt with the same command fails.',
    notes:
      'The slot may belong to a standby that is only temporarily down: if the slot is dropped, that standby loses its WAL.',
    references: [
      'pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/backend/replication/slot.c: ReplicationSlotCreate()',
    ],
  },
  judge({ baseBackup, slots, replicationLogin, primary }) {
    if (!baseBackup.createsSlot) return notApplicable('the command does not create a slot (-C)');
    const named = namedSlot({ baseBackup, slots, replicationLogin });
    if (named.kind === 'not-used') return notApplicable(named.because);
    if (named.kind === 'unseen') return unexamined(named.why);
    if (named.kind === 'absent') return pass(`the primary has no slot ${named.name} yet (${named.source})`);
    const free = named.type === 'physical' && named.slot?.active !== true;
    const other = unusedName(`${named.name}_new`, slots);
    const state =
      named.slot === undefined
        ? named.type
        : `${named.type}, ${named.slot.active ? `in use by process ${named.slot.activePid ?? 'unknown'}` : 'not in use'}`;
    return fail({
      title: `-C would create slot "${named.name}", which already exists`,
      message: `The primary already has a slot "${named.name}" (${state}). It refuses to create another one with that name, and pg_basebackup stops.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence('slot', `${named.name}: ${state}`, named.source)],
      remedy: free
        ? safe(
            `Remove -C: -S ${named.name} alone uses the existing slot. (If it belongs to another standby, use -C -S ${other} instead.)`,
            checkAgain(baseBackup, { without: ['create-slot'] }),
          )
        : safe(
            `Give the new slot another name: -C -S ${other} instead of -C -S ${named.name}.`,
            checkAgain(baseBackup, { without: ['slot'], with: ['-S', other] }),
          ),
    });
  },
});
