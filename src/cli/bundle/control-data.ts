import { posix } from 'node:path';

import type { Facts } from '../../facts/facts.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Host } from '../../hosts/host.ts';
import type { Document, LeftOut } from '../../recording/bundle-file.ts';

const name = 'pg_controldata.txt';

/** What pg_controldata of the same release prints; an installed one, and none that the data directory names. */
export async function controlDataOf(
  host: Host,
  { dataDirectory, major }: { readonly dataDirectory: string; readonly major: number | undefined },
  { installedTools }: Partial<Facts>,
  timeoutMs: number,
): Promise<readonly (Document | LeftOut)[]> {
  const left = (because: string): readonly LeftOut[] => [{ what: name, because }];
  const tools = installedTools && ifSeen(installedTools);
  const folder = [...(tools?.servers ?? []), ...(tools?.basebackups ?? [])].find(
    (tool) => tool.major === major,
  )?.binDirectory;
  if (major === undefined) return left('the release of the data directory is not known');
  if (folder === undefined) return left(`no programs of PostgreSQL ${major} are installed`);
  const program = posix.join(folder, 'pg_controldata');
  const ran = await host.run(program, ['-D', dataDirectory], { timeoutMs });
  if (!ran.ok) return left(ran.problem.message);
  const { exitCode, stdout, stderr } = ran.value;
  const ended = exitCode === 0 ? '' : `${stderr}(status ${exitCode})\n`;
  return [{ name, from: `${program} -D ${dataDirectory}`, text: `${stdout}${ended}` }];
}
