import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { namedSlot, unusedName } from './named-slot.ts';

export const isLogical = defineRule({
  id: 'slot/is-logical',
  title: 'The replication slot that the command names is a logical one',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['baseBackup'],
  wants: ['slots', 'replicationLogin', 'primary'],
  says: [
    'cannot use a logical replication slot for physical replication',
    'cannot use %s with a logical replication slot',
  ],
  docs: {
    what: 'Fails when `-S` names a slot of logical replication.',
    why: 'A base backup and a physical standby stream whole WAL, which a logical slot does not give.',
    references: ['src/backend/replication/walsender.c: StartReplication()'],
  },
  judge({ baseBackup, slots, replicationLogin, primary }) {
    const named = namedSlot(baseBackup, slots, replicationLogin);
    if (named.kind === 'not-used') return notApplicable(named.because);
    if (baseBackup.createsSlot) return notApplicable('the command makes a physical slot of its own (-C)');
    if (named.kind === 'absent') return notApplicable(`the slot ${named.name} does not exist`);
    if (named.kind === 'unseen') return unexamined(named.why);
    if (named.type === 'physical') return pass(`the slot ${named.name} is physical (${named.source})`);
    const other = unusedName(`${named.name}_physical`, slots);
    return fail({
      title: `The slot ${named.name} is a logical one, which a base backup cannot use`,
      message: `${named.name} belongs to logical replication: a subscriber reads changes through it. A standby needs a physical slot.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [evidence(`slot ${named.name}`, 'logical', named.source)],
      remedy: safe(
        `Let the command make a physical slot of another name: -C -S ${other} in the place of -S ${named.name}.`,
        checkAgain(baseBackup, { without: ['slot'], with: ['-C', '-S', other] }),
      ),
    });
  },
});
