import { statfs } from 'node:fs/promises';

export class NoRoom extends Error {}

/** Throws {@link NoRoom} when the disk has less room than is about to be used, before anything is written. */
export async function needRoom(folder: string, mebibytes: number, files: number): Promise<void> {
  const { bavail, bsize, ffree } = await statfs(folder);
  const free = (bavail * bsize) / 1_048_576;
  if (free < mebibytes)
    throw new NoRoom(
      `${folder}: ${mebibytes} MiB are needed and ${free.toFixed(0)} are free. TMPDIR names another place.`,
    );
  // some file systems count no files, and say 0
  if (ffree > 0 && ffree < files)
    throw new NoRoom(`${folder}: ${files} files are needed and ${ffree} more can be made. TMPDIR names another place.`);
}
