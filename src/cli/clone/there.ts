import { posix } from 'node:path';

import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import type { Reached } from '../../hosts/reached.ts';
import type { WrittenPlace } from '../../hosts/place.ts';
import { inPlace } from '../../remedies/in-container.ts';
import type { BaseBackupCall } from '../options/base-backup-options.ts';
import { containerSite } from './container.ts';
import { machineSite } from '../../clone/site.ts';
import { tellClone } from './tell.ts';
import type { CommandSurroundings } from '../command.ts';
import { examine } from '../examination/examination.ts';
import { callAt, hostOfCopy, throughPlace } from '../examination/places.ts';
import { UsageError } from '../usage-error.ts';

/** `clone` where -D names a container or another machine. */
export async function cloneThere(
  written: WrittenPlace,
  call: BaseBackupCall & { readonly command: BaseBackupCommand },
  { print, signal }: CommandSurroundings,
): Promise<number> {
  const own = { ...call.own, fix: false, dryRun: false };
  const further: Reached[] = [];
  try {
    return await throughPlace(written, own, 'preflight', signal, async ({ host, dataDirectory }) => {
      const at = callAt(call, written, dataDirectory);
      checkStart(at, host.place);
      const examination = await examine('clone', at, signal, hostOfCopy(host));
      const site =
        host.place?.kind === 'container'
          ? containerSite(host.place, at, examination, (reached) => further.push(reached))
          : machineSite(examination);
      return () => tellClone(at, examination, site, { print, signal });
    });
  } finally {
    for (const reached of further) reached.close();
  }
}

function checkStart({ own, command }: BaseBackupCall, place: Reached['host']['place']): void {
  if (own.start && place?.kind === 'pod')
    throw new UsageError(
      `--start: the server of the pod ${place.namespace}/${place.name} is started by Kubernetes.`,
      'Leave --start out.',
    );
  if (!own.start || place?.kind !== 'container') return;
  const { name, engine, pgdata = '' } = place;
  if (own.serverOptions !== undefined)
    throw new UsageError(
      `--server-options cannot be given to the server of the container ${name}: its options were set when it was created.`,
      'Leave it out.',
    );
  const { directory = '' } = command;
  if (pgdata !== '' && posix.normalize(directory) !== posix.normalize(pgdata) && inPlace(directory, place).length === 0)
    throw new UsageError(
      `--start: the container ${name} starts its server on ${pgdata}, not on ${directory}.`,
      `Leave --start out, or write -D ${engine}:${name}.`,
    );
}
