import { posix } from 'node:path';

import { seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { textFile } from './text-file.ts';

/** Who runs the tool, and so pg_basebackup, and who will run the server on what it copies. */
export const operatingSystemUserCheck = defineCheck({
  brings: ['operatingSystemUser'],
  after: [],
  async look(_facts, { subject, host }) {
    const directory = subject.command === 'postmortem' ? subject.dataDirectory : subject.baseBackup.directory;
    const owners = await ownersOf(host, directory);
    return {
      operatingSystemUser: seen({ ...host.account, serverUser: await serverUser(host, owners) }, 'the system'),
    };
  },
});

interface Owners {
  readonly directory: string | undefined;
  readonly above: string | undefined;
}

/**
 * A directory that somebody has made for the server belongs to the user that will run it. Its parent is a weaker sign:
 * only `postgres` counts there, unless root asks, who will not run a server in any case.
 */
async function serverUser(host: Host, { directory, above }: Owners): Promise<string | undefined> {
  const owners = [directory, above].filter((name) => name !== undefined && name !== 'root');
  if (owners.includes('postgres')) return 'postgres';
  if (host.account.uid !== 0) return directory === 'root' ? undefined : directory;
  return owners[0] ?? ((await hasPostgresUser(host)) ? 'postgres' : undefined);
}

async function ownersOf(host: Host, given: string | undefined): Promise<Owners> {
  if (given === undefined) return { directory: undefined, above: undefined };
  const path = posix.resolve(host.workingDirectory, given);
  const directory = await ownerOf(host, path);
  let parent = posix.dirname(path);
  let above = await ownerOf(host, parent);
  while (above === undefined && parent !== '/') {
    parent = posix.dirname(parent);
    above = await ownerOf(host, parent);
  }
  return { directory, above };
}

async function ownerOf(host: Host, path: string): Promise<string | undefined> {
  const status = await host.status(path, { followLinks: true });
  if (!status.ok) return undefined;
  const name = await host.userName(status.value.uid);
  return name.ok ? name.value : String(status.value.uid);
}

async function hasPostgresUser(host: Host): Promise<boolean> {
  const passwd = await textFile(host, '/etc/passwd');
  return passwd.ok && /^postgres:/m.test(passwd.value);
}
