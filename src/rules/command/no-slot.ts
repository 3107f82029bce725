import { ifSeen } from '../../facts/observed.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { isArchiving, walBytesOf } from '../../derived/wal-retention.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { unusedName } from '../../derived/named-slot.ts';

export const noSlot = defineRule({
  id: 'command/no-slot',
  title: 'No WAL is kept between the base backup and the start of the standby',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['primarySettings', 'slots'],
  docs: {
    what: 'Notes if the command uses no slot, WAL is not archived and `wal_keep_size` is 0.',
    why: 'The temporary slot of pg_basebackup is dropped when it ends. The standby continues with the WAL after the base backup. If the primary has removed that WAL before the standby first connects, a new base backup is needed.',
    notes: 'If the standby starts right after the base backup, this is rarely a problem.',
    references: ['pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html'],
  },
  judge({ baseBackup, primarySettings, slots }) {
    if (baseBackup.slot !== undefined) return pass(`slot ${baseBackup.slot} keeps the WAL until the standby connects`);
    if (primarySettings.status === 'unseen') return unexamined(primarySettings.why);
    if (primarySettings.status === 'not-applicable') return notApplicable(primarySettings.why);
    const settings = primarySettings.value;
    const kept = walBytesOf(settings, 'wal_keep_size') ?? 0n;
    if (kept > 0n) return pass(`wal_keep_size keeps ${formatBytes(kept)} of WAL`);
    if (isArchiving(settings)) return pass('WAL is archived (archive_mode)');
    const name = unusedName(slotNameFrom(baseBackup.directory), slots);
    return fail({
      message:
        'The temporary slot of pg_basebackup is dropped when it ends, and nothing else keeps WAL on the primary. If the standby does not start soon, the primary may have removed the WAL that it needs.',
      where: at('client'),
      evidence: [
        evidence('slot', 'none', 'the command line'),
        evidence('wal_keep_size', '0', primarySettings.source),
        evidence('archive_mode', ifSeen(primarySettings)?.get('archive_mode')?.value ?? 'off', primarySettings.source),
      ],
      remedy: safe(
        `Give the standby its own slot: -C -S ${name} creates it, and -R writes it into the standby's configuration.`,
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
