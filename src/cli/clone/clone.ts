import { placeIn } from '../../hosts/place.ts';
import type { BaseBackupCall } from '../options/base-backup-options.ts';
import { readBaseBackupCall } from '../options/base-backup-options.ts';
import { machineSite } from '../../clone/site.ts';
import type { CommandSurroundings } from '../command.ts';
import { configured } from '../configuration/find.ts';
import { examine } from '../examination/examination.ts';
import { checkFiles } from '../output/report-output.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { tellClone } from './tell.ts';

/**
 * Preflight, and when no finding at error stands: pg_basebackup with exactly the user's options, a look at what came, and
 * with --start the server on it and the proof that it streams.
 */
export async function clone(words: readonly string[], { print, signal }: CommandSurroundings): Promise<number> {
  const { words: whole, policy } = await configured('clone', words);
  const call = readBaseBackupCall('clone', whole, policy);
  if (call.command === undefined) {
    const { baseBackupPage } = await import('../help/base-backup-help.ts');
    const { helpPage } = await import('../help/help-page.ts');
    await print(call.own.help ? helpPage(baseBackupPage('clone')) : `standbylint ${version}\n`);
    return 0;
  }
  checkCall(call);
  await checkFiles(call.own.outputs);
  const place = placeIn(call.command.directory ?? '');
  if (place !== undefined) {
    const { cloneThere } = await import('./there.ts');
    return cloneThere(place, call, { print, signal });
  }
  const examination = await examine('clone', call, signal);
  return tellClone(call, examination, machineSite(examination), { print, signal });
}

/** Options that contradict each other, of which one is our own: pg_basebackup's are judged by rules. */
function checkCall({ command, own }: BaseBackupCall): void {
  if (own.serverOptions !== undefined && !own.start)
    throw new UsageError(
      '--server-options applies to the server that --start starts.',
      'Add --start, or remove --server-options.',
    );
  if (!own.start) return;
  if (command.target !== undefined || command.directory === undefined)
    throw new UsageError(
      '--start needs the base backup on this machine, but -t stores it elsewhere.',
      'Remove one of the two.',
    );
  if (command.format === 'tar')
    throw new UsageError(
      '--start needs a data directory, but -F tar creates archives, which a server cannot start on.',
      'Remove one of the two.',
    );
  if (!command.writesRecoveryConf)
    throw new UsageError(
      '--start needs -R: without standby.signal, the server would start as a primary.',
      'Add -R, or remove --start.',
    );
}
