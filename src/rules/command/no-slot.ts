import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { formatBytes, isArchiving, walBytesOf } from '../primary/retention.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { unusedName } from '../slot/named-slot.ts';

export const noSlot = defineRule({
  id: 'command/no-slot',
  title: 'Nothing keeps the WAL between the end of the copy and the first connection of the standby',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['primarySettings', 'slots'],
  docs: {
    what: 'Notes when the command names no slot, WAL is not archived and `wal_keep_size` is 0.',
    why: 'pg_basebackup’s temporary slot ends with it. The standby reads on from where the copy ended; if that WAL is gone when it first connects, it has to be copied again.',
    notes: 'Where the standby is started right after the copy this seldom matters.',
    references: ['https://www.postgresql.org/docs/current/app-pgbasebackup.html'],
  },
  judge({ baseBackup, primarySettings, slots }) {
    if (baseBackup.slot !== undefined)
      return pass(`the slot ${baseBackup.slot} keeps the WAL until the standby connects`);
    if (primarySettings.status === 'unseen') return unexamined(primarySettings.why);
    if (primarySettings.status === 'not-applicable') return notApplicable(primarySettings.why);
    const settings = primarySettings.value;
    const kept = walBytesOf(settings, 'wal_keep_size') ?? 0n;
    if (kept > 0n) return pass(`wal_keep_size keeps ${formatBytes(kept)} of WAL`);
    if (isArchiving(settings)) return pass('WAL is archived (archive_mode)');
    const name = unusedName(slotNameFrom(baseBackup.directory), slots);
    return fail({
      message:
        'pg_basebackup’s temporary slot ends with the copy, and nothing else keeps WAL on the primary. If the standby is not started soon, it finds its next segment removed.',
      where: at('client'),
      evidence: [
        evidence('slot', 'none', 'the command line'),
        evidence('wal_keep_size', '0', primarySettings.source),
        evidence('archive_mode', ifSeen(primarySettings)?.get('archive_mode')?.value ?? 'off', primarySettings.source),
      ],
      remedy: safe(
        `Give the standby a slot of its own: -C -S ${name}. It is made with the copy, and -R writes it into the standby's configuration.`,
        checkAgain(baseBackup, {
          // a slot goes with -X stream alone, which is the default
          without: ['no-slot', 'create-slot', ...(baseBackup.walMethod === 'stream' ? [] : ['wal-method'])],
          with: ['-C', '-S', name],
        }),
      ),
    });
  },
});

/** The last part of the directory that means something, in letters that a slot may have. */
function slotNameFrom(directory: string | undefined): string {
  const generic = new Set(['data', 'main', 'pgdata', 'pg_data', '']);
  const part = (directory ?? '')
    .split('/')
    .toReversed()
    .map((one) => one.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_'))
    .find((one) => !generic.has(one) && /^[a-z]/.test(one) && one !== 'postgresql');
  return part ?? 'standby';
}
