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
