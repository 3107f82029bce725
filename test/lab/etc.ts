import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Takes away a cluster's folder in /etc/postgresql, and those above it that are empty then, as they were not there before. */
export async function withoutCluster(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const above of [dirname(folder), dirname(dirname(folder))]) await rmdir(above).catch(() => undefined);
}
