import { posix } from 'node:path';

import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import { isDataDirectory } from '../facts/standby.ts';
import type { Archive } from '../facts/standby.ts';
import type { Host } from '../hosts/host.ts';
import { hostOfUser } from '../hosts/host-of-user.ts';
import type { WalSegmentSize } from '../postgres/lsn.ts';
import { maskedCommand, readRestoreCommand } from '../postgres/restore-command.ts';
import { parseTimelineHistory } from '../postgres/timeline-history.ts';
import { historiesIn, segmentsByTimeline } from '../postgres/wal-listing.ts';
import { defineCheck } from './check.ts';
import { accountOf } from './server-account.ts';
import { standbySettings } from './standby-settings.ts';
import { textFile } from './text-file.ts';

/** What restore_command can bring, as far as can be told without running it: as the server's user would find it. */
export const archiveCheck = defineCheck({
  brings: ['archive'],
  after: ['dataDirectory', 'controlFile'],
  async look({ dataDirectory, controlFile }, surroundings) {
    if (dataDirectory.status !== 'seen') return { archive: dataDirectory };
    const { path, owner } = dataDirectory.value;
    const settings = isDataDirectory(dataDirectory.value) ? await standbySettings(surroundings) : undefined;
    if (settings === undefined) return { archive: notApplicable(`${path} is no data directory`) };
    const setting = settings.configuration.settings.get('restore_command');
    if (setting === undefined || setting.value.trim() === '')
      return { archive: notApplicable('restore_command is not set') };
    const { host } = surroundings;
    const account = await accountOf(host, owner.uid, owner.gid);
    const server = hostOfUser(host, account, host.environment);
    const control = ifSeen(controlFile);
    const segmentSize = control?.ok === true ? control.value.walSegmentSize : undefined;
    return { archive: seen(await lookAt(server, setting.value, path, segmentSize), 'restore_command') };
  },
});

const mostFiles = 100_000;
const mostHistories = 100;

async function lookAt(
  host: Host,
  command: string,
  dataDirectory: string,
  segmentSize: WalSegmentSize | undefined,
): Promise<Archive> {
  const { program, directory, suffix } = readRestoreCommand(command);
  const listing = directory === undefined ? undefined : await host.list(directory, { limit: mostFiles });
  const names =
    listing?.ok === true
      ? listing.value.entries.flatMap(({ name }) =>
          name.endsWith(suffix) ? [name.slice(0, name.length - suffix.length)] : [],
        )
      : [];
  const histories = suffix === '' ? historiesIn(names, mostHistories) : [];
  return {
    command: maskedCommand(command),
    program: { name: program ?? 'sh', ...(await programState(host, program, dataDirectory)) },
    directory,
    listed: listing?.ok === true,
    more: listing?.ok === true && listing.value.truncated,
    segments: segmentSize === undefined ? [] : segmentsByTimeline(names, segmentSize).timelines,
    histories: await Promise.all(
      histories.map(async ({ name, timeline }) => {
        const text = directory === undefined ? undefined : await textFile(host, posix.join(directory, name), 64 * 1024);
        const parsed = text?.ok === true ? parseTimelineHistory(text.value, timeline) : undefined;
        return { timeline, history: parsed?.ok === true ? parsed.value : undefined };
      }),
    ),
  };
}

/** The server runs it in a shell, in its data directory (xlogarchive.c, RestoreArchivedFile). */
async function programState(
  host: Host,
  program: string | undefined,
  dataDirectory: string,
): Promise<{ readonly found: boolean; readonly executable: boolean }> {
  // the shell's own commands are always there, and what is computed cannot be looked for
  if (program === undefined || /[$`*?]/u.test(program)) return { found: true, executable: true };
  if (!program.includes('/')) {
    const found = (await host.findPrograms(program)).length > 0;
    return { found, executable: found };
  }
  const path = posix.resolve(dataDirectory, program);
  const status = await host.status(path, { followLinks: true });
  if (!status.ok) return { found: status.problem.code !== 'ENOENT', executable: false };
  const mayRun = status.value.kind === 'file' && (status.value.mode & 0o111) !== 0;
  return { found: true, executable: mayRun };
}
