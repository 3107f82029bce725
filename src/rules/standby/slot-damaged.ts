import { intoUse } from '../../remedies/signal-file.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { ifSeen } from '../../facts/observed.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const slotDamaged = defineRule({
  id: 'standby/slot-damaged',
  title: 'The state of a replication slot on the standby is damaged',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory'],
  wants: ['damagedSlots', 'standbyControl'],
  explains: [...notStreaming, 'standby/not-running'],
  messages: [
    'slot-file-wrong-magic',
    'slot-file-unsupported-version',
    'slot-file-corrupted-length',
    'slot-file-checksum-mismatch',
  ],
  says: ['could not open file "pg_replslot/%s/state": No such file or directory'],
  docs: {
    what: 'While the server is down, reads the state file of every slot in pg_replslot and checks that it exists, that it is complete, and that its checksum is right.',
    why: 'The server reads all slots when it starts, and stops if it cannot read one: its data is intact, and it does not start.',
    notes:
      'A standby streams without its own slots: only its own standbys and subscribers use them. The slot that it uses itself (primary_slot_name) is on the primary.',
    references: ['src/backend/replication/slot.c: RestoreSlotFromDisk()'],
  },
  judge({ dataDirectory, damagedSlots: looked, standbyControl }) {
    const { path, postmaster } = dataDirectory;
    if (postmaster?.process === 'running') return notApplicable('a running server has its slots in memory');
    if (looked.status === 'unseen') return unexamined(looked.why);
    const damagedSlots = ifSeen(looked) ?? [];
    const [first] = damagedSlots;
    if (first === undefined) return pass(`${path}/pg_replslot: a server can read every slot`);
    const names = damagedSlots.map(({ name }) => `"${name}"`).join(', ');
    const several = damagedSlots.length > 1;
    return fail({
      title: `The state of slot ${names} on the standby is damaged`.slice(0, 70),
      message: `${path}/pg_replslot/${first.name}/state: ${first.because}${several ? `, and ${damagedSlots.length - 1} more` : ''}. The server reads its slots when it starts, and stops at this one. Its data is not affected.`,
      where: at('standby', undefined, `${path}/pg_replslot/${first.name}/state`),
      evidence: damagedSlots.slice(0, 5).map(({ name, because }) => evidence(`slot ${name}`, because, path)),
      remedy: disruptive(
        `Move the slot${several ? 's' : ''} aside, and start the server. (If a standby or a subscriber of this server used ${several ? 'one' : 'it'}, create it again.)`,
        ...damagedSlots.map(({ name }) =>
          moved('standby', `${path}/pg_replslot/${name}`, `${path}/damaged-slot-${name}`),
        ),
        intoUse(standbyControl, dataDirectory),
      ),
    });
  },
});
