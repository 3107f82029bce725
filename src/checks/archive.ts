import { posix } from 'node:path';

import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import { isDataDirectory } from '../facts/data-directory.ts';
import type { Archive } from '../facts/standby-wal.ts';
import type { Host } from '../hosts/host.ts';
import { hostOfUser } from '../hosts/host-of-user.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { readRestoreCommand, restoreCommandFor } from '../postgres/restore-command.ts';
import type { ArchivePlace, RestoreCommand } from '../postgres/restore-command.ts';
import { mask } from '../postgres/secret.ts';
import { maskText } from '../postgres/secrets-in-text.ts';
import { parseTimelineHistory } from '../postgres/timeline-history.ts';
import { historiesIn, segmentNames, segmentsByTimeline } from '../postgres/wal-listing.ts';
import { askedOverAdmin } from './asked-over-admin.ts';
import { defineCheck } from './check.ts';
import type { Surroundings } from './check.ts';
import { packedSegments } from './packed-segments.ts';
import { pgBackRestArchive } from './pgbackrest-archive.ts';
import { otherClusterIn, spoiledSegments } from './segment-files.ts';
import { accountOf } from './server-account.ts';
import { textFile } from './text-file.ts';
import type { StandbySettings } from './internal-facts.ts';

/** What restore_command can bring, as far as can be told without running it: as the server's user would find it. */
export const archiveCheck = defineCheck({
  brings: ['archive', 'primaryArchive'],
  after: ['dataDirectory', 'standbySettings', 'controlFile', 'adminLogin', 'primarySettings'],
  async look({ dataDirectory, standbySettings, controlFile, adminLogin, primarySettings }, surroundings) {
    if (dataDirectory.status !== 'seen') return { archive: dataDirectory, primaryArchive: dataDirectory };
    const { path, owner } = dataDirectory.value;
    const settings = isDataDirectory(dataDirectory.value) ? ifSeen(standbySettings) : undefined;
    if (settings === undefined) {
      const nothing = notApplicable(`${path} is not a data directory`);
      return { archive: nothing, primaryArchive: nothing };
    }
    const { host } = surroundings;
    const account = await accountOf(host, owner.uid, owner.gid);
    const server = hostOfUser(host, account, host.environment);
    const control = ifSeen(controlFile);
    const known = control?.ok === true ? control.value : undefined;
    const command = settings.configuration.settings.get('restore_command')?.value.trim() ?? '';
    if (command !== '') {
      const found = await lookAt(server, command, path, known);
      return {
        archive: seen(
          {
            ...found,
            changedAt: await changedAt(server, command, path, settings, found),
          },
          'restore_command',
        ),
        primaryArchive: notApplicable('restore_command is set'),
      };
    }
    // the settings tell that there is one, and not what it says
    const mayBeSet = [undefined, mask].includes(ifSeen(primarySettings)?.get('archive_command')?.value);
    const mayAsk = mayBeSet && ifSeen(adminLogin)?.superuser === true;
    const written = mayAsk ? await archiveCommand(surroundings) : undefined;
    const reading = written === undefined ? undefined : restoreCommandFor(readRestoreCommand(written));
    const found = reading === undefined ? undefined : await lookAt(server, reading, path, known);
    return {
      archive: notApplicable('restore_command is not set'),
      primaryArchive:
        found?.listed === true
          ? seen(found, "the primary's archive_command")
          : notApplicable('no directory of this machine is known to be where the primary archives to'),
    };
  },
});

/** The later one of the program, where it has a path, and of the file that the setting is in. */
async function changedAt(
  host: Host,
  command: string,
  dataDirectory: string,
  { configuration }: StandbySettings,
  { pgBackRest }: Archive,
): Promise<Date | undefined> {
  const source = configuration.settings.get('restore_command')?.source;
  const { program } = readRestoreCommand(command);
  const files = [
    ...(pgBackRest === undefined ? [] : [pgBackRest.configuration]),
    ...(source?.kind === 'file' ? [source.file] : []),
    ...(program?.includes('/') === true ? [posix.resolve(dataDirectory, program)] : []),
  ];
  const all = await Promise.all(files.map((file) => host.status(file, { followLinks: true })));
  const times = all.flatMap((status) => (status.ok ? [status.value.modifiedAt] : []));
  return times.toSorted((a, b) => b.getTime() - a.getTime())[0];
}

/** Its text stays here: it can hold a password. */
async function archiveCommand(surroundings: Surroundings): Promise<string | undefined> {
  const { admin } = surroundings.subject;
  if (admin === undefined) return undefined;
  return askedOverAdmin(admin, surroundings, async (session) => {
    const answer = await session.simpleQuery("SELECT pg_catalog.current_setting('archive_command')");
    const command = answer.ok ? answer.results[0]?.rows[0]?.[0] : undefined;
    return command === null || command === '' || command === '(disabled)' ? undefined : command;
  });
}

const mostFiles = 100_000;
const mostHistories = 100;

async function lookAt(
  host: Host,
  command: string,
  dataDirectory: string,
  control: ControlFile | undefined,
): Promise<Archive> {
  const reading = inDirectory(readRestoreCommand(command), dataDirectory);
  const { program, takes } = reading;
  const repository = await pgBackRestArchive(host, command, dataDirectory, control);
  const { archive: inRepository } = repository ?? {};
  const [{ suffix, directory, listing }, ...further] = await places(host, reading, inRepository?.directory);
  const names = inRepository?.names ?? namesIn({ suffix, listing });
  const packed =
    listing?.ok === true && inRepository === undefined && control !== undefined
      ? await packedSegments(
          host,
          { ...reading, directory, suffix },
          listing.value.entries.map(({ name }) => name),
          control,
        )
      : undefined;
  const plain = takes === 'as-it-is' && suffix === '' && packed?.all !== true ? directory : undefined;
  const isPlain = control !== undefined && plain !== undefined;
  const spoiled = isPlain ? await spoiledSegments(host, plain, names, control) : [];
  const otherCluster = isPlain ? await otherClusterIn(host, plain, names, control) : undefined;
  const without = new Set(spoiled.map(({ name }) => name));
  const whole = [
    ...names.filter((name) => !without.has(name)),
    ...(packed?.segments ?? []),
    ...further.flatMap((one) => namesIn(one)),
  ];
  // the histories of another cluster are none of this one's
  const histories = suffix === '' && otherCluster?.all !== true ? historiesIn(names, mostHistories) : [];
  return {
    command: maskText(command),
    malformed: await malformation(host, command),
    ...(/%p/u.test(command) && !/%[fr]/u.test(command) ? { namesNoFile: true } : {}),
    // a script may know the place by itself
    ...(reading.directory !== undefined && /%f/u.test(command) && !/%p|RECOVERYXLOG|>/u.test(command)
      ? { namesNoTarget: true }
      : {}),
    program: { name: program ?? 'sh', ...(await programState(host, program, dataDirectory)) },
    directory,
    listed: listing?.ok === true,
    unreachable:
      directory === undefined || inRepository !== undefined
        ? undefined
        : ((await unreachable(host, directory, listing)) ??
          (takes === undefined ? undefined : await closedSegment(host, directory, suffix, names))),
    more: listing?.ok === true && listing.value.truncated,
    segments: control === undefined ? [] : segmentsByTimeline(whole, control.walSegmentSize).timelines,
    spoiled,
    otherCluster,
    pgBackRest: repository?.fact,
    packed: packed?.fact,
    histories: await Promise.all(
      histories.map(async ({ name, timeline }) => {
        const text = directory === undefined ? undefined : await textFile(host, posix.join(directory, name), 64 * 1024);
        const parsed = text?.ok === true ? parseTimelineHistory(text.value, timeline) : undefined;
        return { timeline, history: parsed?.ok === true ? parsed.value : undefined };
      }),
    ),
  };
}

/** The server runs it in its data directory (xlogarchive.c, RestoreArchivedFile). */
function inDirectory(reading: RestoreCommand, dataDirectory: string): RestoreCommand {
  const resolved = <P extends ArchivePlace>(place: P): P =>
    place.directory === undefined ? place : { ...place, directory: posix.resolve(dataDirectory, place.directory) };
  return { ...resolved(reading), fallbacks: reading.fallbacks.map((place) => resolved(place)) };
}

/** The newest segment, where the server's user may list the directory and not read it. */
async function closedSegment(
  host: Host,
  directory: string,
  suffix: string,
  names: readonly string[],
): Promise<Archive['unreachable']> {
  const newest = [...segmentNames(names, '')].toSorted().at(-1);
  if (newest === undefined) return undefined;
  const path = posix.join(directory, `${newest}${suffix}`);
  const read = await host.read(path, { maxBytes: 8 });
  return read.ok || read.problem.code !== 'EACCES' ? undefined : { why: 'closed', path };
}

type Listed = Awaited<ReturnType<Host['list']>> | undefined;

const namesIn = ({ suffix, listing }: { readonly suffix: string; readonly listing: Listed }): readonly string[] =>
  listing?.ok === true
    ? listing.value.entries.flatMap(({ name }) =>
        name.endsWith(suffix) ? [name.slice(0, name.length - suffix.length)] : [],
      )
    : [];

/** Where a file is not in the first place, the command goes on to the next; where none is there, it is the first that counts. */
async function places(host: Host, reading: RestoreCommand, inRepository: string | undefined) {
  const all = inRepository === undefined ? [reading, ...reading.fallbacks] : [{ ...reading, directory: inRepository }];
  const looks = await Promise.all(
    all.map(async ({ directory, suffix }) => ({
      ...{ directory, suffix },
      listing: directory === undefined ? undefined : await host.list(directory, { limit: mostFiles }),
    })),
  );
  const there = looks.filter(({ listing }) => listing?.ok === true);
  const [first = looks[0] ?? { suffix: '', directory: undefined, listing: undefined }, ...further] = there;
  return [first, ...further] as const;
}

async function unreachable(
  host: Host,
  directory: string,
  listing: Awaited<ReturnType<Host['list']>> | undefined,
): Promise<Archive['unreachable']> {
  if (listing?.ok !== false) return undefined;
  if (listing.problem.code === 'EACCES') return { why: 'closed', path: directory };
  // barman recover names its folder also where its backup needed no more WAL, and makes none then
  if (listing.problem.code !== 'ENOENT' || posix.basename(directory) === 'barman_wal') return undefined;
  let path = directory;
  for (;;) {
    const parent = posix.dirname(path);
    const above = await host.status(parent, { followLinks: true });
    if (above.ok || above.problem.code !== 'ENOENT' || parent === path) return { why: 'missing', path };
    path = parent;
  }
}

/** What the shell says of the command without running it (POSIX, sh -n); its own words can hold a secret of the command. */
async function malformation(host: Host, command: string): Promise<Archive['malformed']> {
  const read = await host.run('/bin/sh', ['-n', '-c', command], { timeoutMs: 2_000 });
  if (!read.ok || read.value.exitCode === 0 || !/syntax|unterminated|unexpected|unmatched/iu.test(read.value.stderr))
    return undefined;
  return /unterminated|matching|unmatched|unexpected eof/iu.test(read.value.stderr) ? 'unclosed' : 'syntax';
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
