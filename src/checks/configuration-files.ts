import { posix } from 'node:path';

import type { Host, Problem } from '../hosts/host.ts';
import type { ConfigurationFiles, NotRead } from '../postgres/configuration.ts';
import { textFile } from './text-file.ts';

/** The files of the examined machine as the reader of configuration files wants them. */
export const configurationFiles = (host: Host): ConfigurationFiles => ({
  read: async (path) => {
    const text = await textFile(host, path, 4 * 1024 * 1024);
    return text.ok ? { status: 'text', text: text.value } : notRead(text.problem);
  },
  list: async (directory) => {
    const listing = await host.list(directory);
    if (!listing.ok) return notRead(listing.problem);
    const entries = await Promise.all(
      listing.value.entries.map(async ({ name, kind }) => {
        if (kind !== 'link' && kind !== 'unknown') return { name, isDirectory: kind === 'directory' };
        const followed = await host.status(posix.join(directory, name), { followLinks: true });
        return { name, isDirectory: followed.ok && followed.value.kind === 'directory' };
      }),
    );
    return { status: 'listed', entries };
  },
});

const notRead = ({ code, message }: Problem): NotRead =>
  code === 'ENOENT' ? { status: 'absent' } : { status: 'unreadable', why: message };
