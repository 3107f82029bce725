import { ifSeen } from '../../facts/observed.ts';
import { integerOf } from '../../facts/settings.ts';
import { changeAndRestart, valueInFiles } from '../../remedies/change-setting.ts';
import { at, disruptive } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { isSlotName, namedSlot } from '../slot/named-slot.ts';

export const noFreeSlot = defineRule({
  id: 'primary/no-free-slot',
  title: 'The primary has no replication slot left for this copy',
  severity: 'error',
  provenBy: 'copy',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'primarySettings'],
  wants: ['slots', 'replicationLogin', 'primary', 'fileSettings', 'primaryControl'],
  explains: ['slot/missing'],
  says: ['all replication slots are in use', 'Free one or increase "max_replication_slots".'],
  docs: {
    what: 'Fails when the command makes a slot and the primary already has `max_replication_slots` of them.',
    why: '`-C -S NAME` makes a slot. Without `-S`, `pg_basebackup -X stream` makes a temporary one, so that the WAL of the copy’s duration is kept. Where there is no room the server refuses it and the copy ends.',
    notes:
      'Without `-S`, `--no-slot` goes on without a temporary slot. `max_replication_slots = 0` stops a plain `pg_basebackup` as well.',
    references: [
      'https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-MAX-REPLICATION-SLOTS',
      'src/backend/replication/slot.c: ReplicationSlotCreate()',
    ],
  },
  judge({ baseBackup, primarySettings: settings, slots, replicationLogin, primary, fileSettings, primaryControl }) {
    const named = namedSlot(baseBackup, slots, replicationLogin);
    const temporary = baseBackup.slot === undefined && baseBackup.walMethod === 'stream' && !baseBackup.noSlot;
    const makes =
      temporary ||
      (baseBackup.createsSlot && named.kind !== 'not-used') ||
      (named.kind === 'absent' && isSlotName(named.name));
    if (!makes) return notApplicable('this copy makes no slot');
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
      title: `All ${allowed} replication slots of the primary are used, and this copy makes one more`,
      message: `${temporary ? 'pg_basebackup -X stream makes a temporary slot' : `The slot ${baseBackup.slot} is to be made`}, and max_replication_slots is ${allowed}${used.length === 0 ? '' : `: ${used.map(({ name, active }) => `${name}${active ? '' : ' (inactive)'}`).join(', ')}`}. The server refuses it, and the copy ends there.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence('max_replication_slots', String(allowed), 'pg_settings'),
        ...used.map(({ name, active }) =>
          evidence('slot', `${name}, ${active ? 'active' : 'inactive'}`, 'pg_replication_slots'),
        ),
      ],
      remedy: disruptive(
        waits
          ? `Restart the server: its files already allow ${inFile}.`
          : `Allow ${value} slots and restart the server.${temporary ? ' Or add --no-slot to the command, which needs no restart.' : ''}`,
        ...changeAndRestart(
          { primarySettings: { status: 'seen', value: settings, source: 'pg_settings' }, fileSettings, primaryControl },
          { max_replication_slots: value },
        ),
      ),
    });
  },
});
