import { readBaseBackupCall } from './base-backup-options.ts';
import { examine } from './examination.ts';
import { exitStatus } from './exit-status.ts';
import type { CommandSurroundings } from './command.ts';
import { checkFixOptions } from './fix-options.ts';
import { reportText } from './report-output.ts';
import { version } from './version.ts';

/** Says whether pg_basebackup with these options would succeed, and whether its copy would stream. */
export async function preflight(words: readonly string[], { print, signal }: CommandSurroundings): Promise<number> {
  const call = readBaseBackupCall('preflight', words);
  if (call.command === undefined) {
    const { baseBackupHelp } = await import('./base-backup-help.ts');
    await print(call.own.help ? baseBackupHelp('preflight') : `standbylint ${version}\n`);
    return 0;
  }
  checkFixOptions(call.own);
  const first = await examine('preflight', call, signal);
  if (call.own.fix) {
    const { fix } = await import('./fix.ts');
    return fix(first, async (password) => first.again(password), call.own, { print, signal });
  }
  const { report, facts } = first;
  await print(await reportText(report, facts, call.own));
  return exitStatus(report, call.own.failOn);
}
