import { parseLsn, parseSystemIdentifier, parseTimelineId } from './lsn.ts';
import type { Lsn, SystemIdentifier, TimelineId } from './lsn.ts';

/**
 * The sizes of all files that backup_manifest lists, summed (backup/backup_manifest.c, AddFileToBackupManifest: a file a
 * line). What is in a path cannot be taken for one: a quotation mark there is escaped.
 */
export async function bytesInManifest(pieces: AsyncIterable<Uint8Array>): Promise<bigint> {
  let total = 0n;
  let rest = '';
  for await (const piece of pieces) {
    const text = rest + Buffer.from(piece).toString('latin1');
    const end = text.lastIndexOf('\n') + 1;
    for (const [, size = '0'] of text.slice(0, end).matchAll(/"Size": (\d{1,15}),/gu)) total += BigInt(size);
    rest = text.slice(end).slice(-longestLine);
  }
  return total;
}

const longestLine = 64 * 1024;

/** What the server compares of the manifest of an earlier backup (backup/basebackup_incremental.c). */
export interface ManifestFrame {
  readonly version: number;
  /** From version 2 on (17 and later). */
  readonly systemIdentifier: SystemIdentifier | undefined;
  /** The WAL that the backup needs, the last timeline at the end. */
  readonly ranges: readonly { readonly timeline: TimelineId; readonly end: Lsn }[];
}

/** By the beginning and the end of a manifest, between which the list of the files is; undefined: not a whole one. */
export function manifestFrame(head: string, tail: string): ManifestFrame | undefined {
  const version = /^\s*\{\s*"PostgreSQL-Backup-Manifest-Version":\s*(\d{1,4})\s*,/u.exec(head)?.[1];
  // the last line; without it the server cannot parse it (common/parse_manifest.c)
  if (version === undefined || !/"Manifest-Checksum":\s*"[0-9a-f]+"\s*\}\s*$/iu.test(tail)) return undefined;
  const system = /"System-Identifier":\s*(\d{1,20})/u.exec(head)?.[1];
  const ranges = tail
    .slice(Math.max(0, tail.lastIndexOf('"WAL-Ranges"')))
    .matchAll(/"Timeline":\s*(\d{1,10}),\s*"Start-LSN":\s*"[^"]{1,20}",\s*"End-LSN":\s*"([^"]{1,20})"/gu);
  return {
    version: Number(version),
    systemIdentifier: system === undefined ? undefined : parseSystemIdentifier(system),
    ranges: [...ranges].flatMap(([, timeline = '', end = '']) => {
      const [at, on] = [parseLsn(end), parseTimelineId(timeline)];
      return at === undefined || on === undefined ? [] : [{ timeline: on, end: at }];
    }),
  };
}
