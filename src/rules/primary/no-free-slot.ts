import { ifSeen } from '../../facts/observed.ts';
import { integerOf } from '../../facts/settings.ts';
import { changeAndRestart, valueInFiles } from '../../remedies/change-setting.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { isSlotName, namedSlot } from '../../derived/named-slot.ts';

export const noFreeSlot = defineRule({
  id: 'primary/no-free-slot',
  title: 'The primary has no free replication slot for the base backup',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'primarySettings'],
  wants: ['slots', 'replicationLogin', 'primary', 'fileSettings', 'primaryControl'],
  explains: ['slot/missing'],
  messages: ['slot-all-in-use'],
  says: ['Free one or increase "max_replication_slots".'],
  docs: {
    what: 'Fails if the command creates a slot and the primary already has `max_replication_slots` slots.',
    why: '`-C -S NAME` creates a slot. Without `-S`, `pg_basebackup -X stream` creates a temporary slot, which keeps the WAL written during the base backup. If no slot is free, the server refuses and the base backup fails.',
    notes:
      'Without `-S`, the option `--no-slot` avoids the temporary slot. With `max_replication_slots = 0`, even `pg_basebackup` without slot options fails.',
    references: [
      'max_replication_slots: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-MAX-REPLICATION-SLOTS',
      'src/backend/replication/slot.c: ReplicationSlotCreate()',
    ],
  },
  judge({ baseBackup, primarySettings: settings, slots, replicationLogin, primary, fileSettings, primaryControl }) {
    const named = namedSlot({ baseBackup, slots, replicationLogin });
    const temporary = baseBackup.slot === undefined && baseBackup.walMethod === 'stream' && !baseBackup.noSlot;
    const makes =
      temporary ||
      (baseBackup.createsSlot && named.kind !== 'not-used') ||
      (named.kind === 'absent' && isSlotName(named.name));
    if (!makes) return notApplicable('this base backup creates no slot');
    const allowed = integerOf(settings, 'max_replication_slots');
    if (allowed === undefined)
      return unexamined({
        kind: 'permission',
        because: 'max_replication_slots: the server does not show this setting',
      });
    if (slots.status !== 'seen' && allowed > 0)
      return slots.status === 'unseen' ? unexamined(slots.why) : notApplicable(slots.why);
    const used = ifSeen(slots) ?? [];
    if (used.length < allowed)
      return pass(`${used.length} of ${allowed} replication slots are used (pg_replication_slots)`);
    const wanted = used.length + 1;
    const inFile = valueInFiles(fileSettings, 'max_replication_slots');
    const waits = inFile !== undefined && Number(inFile) >= wanted;
    const value = waits ? inFile : String(allowed === 0 ? 10 : wanted);
    return fail({
      title: `All ${allowed} replication slots of the primary are in use`,
      message: `${temporary ? 'pg_basebackup -X stream creates a temporary slot' : `The command creates slot ${baseBackup.slot}`}, but max_replication_slots is ${allowed}${used.length === 0 ? '' : `: ${used.map(({ name, active }) => `${name}${active ? '' : ' (inactive)'}`).join(', ')}`}. The server refuses the slot, and the base backup fails.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('max_replication_slots', String(allowed), 'pg_settings'),
        ...used.map(({ name, active }) =>
          evidence('slot', `${name}, ${active ? 'active' : 'inactive'}`, 'pg_replication_slots'),
        ),
      ],
      remedy: disruptive(
        waits
          ? `Restart the server: its configuration files already allow ${inFile}.`
          : `Allow ${value} slots, and restart the server.${temporary ? ' Or add --no-slot to the command, which needs no restart.' : ''}`,
        ...changeAndRestart(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { max_replication_slots: value },
        ),
      ),
    });
  },
});
