import { posix } from 'node:path';

import type { FoundCluster } from '../facts/machine.ts';
import type { Host } from '../hosts/host.ts';
import { readControlFile } from '../postgres/control-file.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { foundPostmaster } from './found-postmaster.ts';
import { textFile } from './text-file.ts';

/** The data directory that lies there, read natively; undefined when nothing in it belongs to one. */
export async function clusterIn(host: Host, directory: string): Promise<FoundCluster | undefined> {
  const at = (name: string): string => posix.join(directory, name);
  const exists = async (name: string): Promise<boolean> => (await host.status(at(name))).ok;
  const [version, control, hasControl, base, label, manifest, manifestDraft, signal, pidFile] = await Promise.all([
    textFile(host, at('PG_VERSION'), 64),
    controlFile(host, at('global/pg_control')),
    exists('global/pg_control'),
    exists('base'),
    exists('backup_label'),
    exists('backup_manifest'),
    exists('backup_manifest.tmp'),
    exists('standby.signal'),
    textFile(host, at('postmaster.pid'), 4_096),
  ]);
  const looksLikeOne = [version.ok, hasControl, label, manifest, manifestDraft, signal, pidFile.ok].includes(true);
  if (!looksLikeOne) return undefined;
  return {
    version: version.ok ? versionIn(version.value) : undefined,
    systemIdentifier: control?.systemIdentifier,
    timeline: control?.checkpoint.timeline,
    state: control?.state,
    lastCheckpointAt: control === undefined ? undefined : new Date(control.checkpoint.at * 1_000),
    // pg_basebackup receives global/pg_control last, and gives the manifest its name at the very end
    unfinishedBackup: manifestDraft || ((version.ok || base || label) && !hasControl),
    hasBackupLabel: label,
    hasStandbySignal: signal,
    postmaster: pidFile.ok ? await foundPostmaster(host, directory, pidFile.value) : undefined,
  };
}

/** One that is torn, because its server writes it at this moment, is read a second time as the server's own tools do. */
async function controlFile(host: Host, path: string): Promise<ControlFile | undefined> {
  for (const _ of [1, 2]) {
    const content = await host.read(path, { maxBytes: 8_192 });
    const read = content.ok ? readControlFile(content.value.bytes) : undefined;
    if (read?.ok === true) return read.value;
    if (read?.fault.kind !== 'crc-differs') return undefined;
  }
  return undefined;
}

const versionIn = (text: string): string | undefined => /^\s*(\d{1,3}(?:\.\d{1,3})?)\s*$/.exec(text)?.[1];
