import { posix } from 'node:path';

import { ifSeen } from '../facts/observed.ts';
import type { Step } from '../findings/report.ts';
import type { SharedDirectory } from '../facts/shared-storage.ts';
import { baseBackup, copying, mapping, valueOf } from './new-copy.ts';
import type { NewCopySeen } from './new-copy.ts';
import { shellWord } from './quoting.ts';
import { manual } from './remedy.ts';

/**
 * Makes the standby again in a new directory, with directories of its own for its WAL and its tablespaces, and touches
 * nothing of what is there: for storage that another cluster uses.
 */
export function copyElsewhere(seen: NewCopySeen, shared: readonly SharedDirectory[]): readonly Step[] {
  const directory = valueOf(seen.dataDirectory);
  const conninfo = valueOf(seen.standbyConninfo);
  const place = valueOf(seen.dataDirectoryPlace);
  const path = directory?.path ?? 'it';
  if (directory === undefined || place === undefined || conninfo?.text === undefined || conninfo.problem !== undefined)
    return [
      manual(
        'standby',
        `Do not start a server on ${path}. Create a new standby in another directory with standbylint clone, and give each tablespace its own directory with -T.`,
      ),
    ];
  const { control } = ifSeen(seen.standbyControl) ?? { control: { kind: 'unknown' as const } };
  if (control.kind === 'container')
    return [
      manual(
        'standby',
        `Give this standby its own volume: take a new base backup into a new volume, and let its container use that volume. Never start two containers on one volume (${path}).`,
      ),
    ];
  const { beside } = place;
  const locations = ifSeen(seen.tablespaces) ?? [];
  const tablespaces = directory.tablespaces.flatMap(({ oid, target }) => {
    const location =
      locations.find((one) => one.oid === oid)?.location ??
      shared.find(({ ours }) => ours.oid === oid)?.theirs.path ??
      target;
    return location === undefined ? [] : [{ location, place: posix.join(`${beside}-tablespaces`, String(oid)) }];
  });
  return [
    copying(
      baseBackup(seen, control, beside, conninfo, {
        tablespaces: tablespaces.flatMap((one) => mapping(one.location, one.place)),
      }),
      conninfo,
      [beside, ...tablespaces.map((one) => one.place)],
    ),
    manual(
      'standby',
      `Run the server of this standby on ${shellWord(beside)} from now on: change the directory in what starts it, and put its own settings (port, listen_addresses) into ${shellWord(`${beside}/postgresql.auto.conf`)} or its configuration. Never start a server on ${shellWord(path)}.`,
    ),
  ];
}
