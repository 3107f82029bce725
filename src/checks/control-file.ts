import { posix } from 'node:path';

import { notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import type { ControlFileRead } from '../facts/data-directory.ts';
import type { Host } from '../hosts/host.ts';
import { readControlFile } from '../postgres/control-file.ts';
import { defineCheck } from './check.ts';

/** global/pg_control, read without a server. */
export const controlFileCheck = defineCheck({
  brings: ['controlFile'],
  after: ['dataDirectory'],
  async look({ dataDirectory }, { host }) {
    if (dataDirectory.status !== 'seen') return { controlFile: dataDirectory };
    const { path } = dataDirectory.value;
    if (!isDataDirectory(dataDirectory.value)) return { controlFile: notApplicable(`${path} is not a data directory`) };
    return { controlFile: await controlFileIn(path, host) };
  },
});

/** How often a checksum that differs is looked at again, as the server's own tools do (controldata_utils.c, get_controlfile). */
const tries = 10;
const pauseMs = 10;

/** A server may be writing it at this moment: a checksum that differs is believed when the bytes have come to rest. */
export async function controlFileIn(dataDirectory: string, host: Host): Promise<Observed<ControlFileRead>> {
  const path = posix.join(dataDirectory, 'global/pg_control');
  let before: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const content = await host.read(path, { maxBytes: 8_192 });
    if (!content.ok) {
      const { code, message } = content.problem;
      if (code === 'ENOENT' || code === 'ENOTDIR') return seen({ ok: false, absent: true }, path);
      return code === 'EACCES' || code === 'EPERM'
        ? unseen('permission', `${path}: ${message}`, 'run standbylint as the owner of the data directory, or as root')
        : unseen('unreadable', `${path}: ${message}`);
    }
    const result = readControlFile(content.value.bytes);
    if (result.ok) return seen(result, path);
    const { fault } = result;
    if (fault.kind !== 'crc-differs' || fault.computed === before || attempt === tries)
      return seen({ ok: false, absent: false, fault }, path);
    before = fault.computed;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
