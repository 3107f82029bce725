import { posix } from 'node:path';

import type { SignalFiles } from '../../facts/data-directory.ts';
import type { Host } from '../../hosts/host.ts';
import { parseConfigurationText } from '../../postgres/configuration-file.ts';
import { maskSetting } from '../../postgres/masked-line.ts';
import { writtenLines } from '../../postgres/written-lines.ts';
import { textFile } from '../text-file.ts';

/**
 * standby.signal and recovery.signal, what looks like them, and the recovery.conf of old. As for the server
 * (xlogrecovery.c, readRecoverySignalFile: stat) a link counts when it leads somewhere, and what lies there does not matter.
 */
export async function signalFiles(host: Host, dataDirectory: string): Promise<SignalFiles> {
  const at = (name: string): string => posix.join(dataDirectory, name);
  const statusOf = async (name: string) => host.status(at(name), { followLinks: true });
  const [standbyStatus, recoveryStatus, conf, listing] = await Promise.all([
    statusOf('standby.signal'),
    statusOf('recovery.signal'),
    statusOf('recovery.conf'),
    host.list(dataDirectory, { limit: 5_000 }),
  ]);
  const [standby, recovery] = [standbyStatus.ok, recoveryStatus.ok];
  const directories = [
    ...(standbyStatus.ok && standbyStatus.value.kind === 'directory' ? ['standby.signal'] : []),
    ...(recoveryStatus.ok && recoveryStatus.value.kind === 'directory' ? ['recovery.signal'] : []),
  ];
  const names = listing.ok ? listing.value.entries.map(({ name }) => name) : [];
  const misnamed = names.toSorted().flatMap((name) => {
    const meant = meantBy(name);
    return meant === undefined ? [] : [{ name, meant }];
  });
  const deadLinks = names.filter(
    (name) => (name === 'standby.signal' && !standby) || (name === 'recovery.signal' && !recovery),
  );
  return {
    standby,
    recovery,
    ...(deadLinks.length === 0 ? {} : { deadLinks }),
    ...(directories.length === 0 ? {} : { directories }),
    misnamed,
    recoveryConf: conf.ok ? await recoveryConf(host, at('recovery.conf')) : undefined,
  };
}

async function recoveryConf(host: Host, path: string): Promise<NonNullable<SignalFiles['recoveryConf']>> {
  const text = await textFile(host, path, 64 * 1024);
  const lines = text.ok ? parseConfigurationText(text.value).lines : [];
  return {
    path,
    settings: lines.map(({ name, value, line }) => ({ name, value: maskSetting(name, value), line })),
    ...(text.ok ? { written: writtenLines(text.value) } : {}),
  };
}

const signals = ['standby.signal', 'recovery.signal'] as const;

/**
 * The signal file that somebody probably meant by this name: another case, blanks around it, an ending that an editor or
 * a desktop added, another character for the dot, or a slip of the keyboard. A copy that was put aside (.bak, .old) is
 * nobody's mistake.
 */
export function meantBy(name: string): (typeof signals)[number] | undefined {
  if (name.length > 40 || signals.some((signal) => signal === name)) return undefined;
  const bare = name
    .toLowerCase()
    .trim()
    .replace(/\.(?:txt|conf|file|sh|sig)$/u, '')
    .replaceAll(/[^a-z]/gu, '');
  return signals.find((signal) => {
    const letters = signal.replace('.', '');
    return nearly(bare, letters);
  });
}

/** One letter too many, too few or another, or two that changed places. */
function nearly(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < one.length - start && end < other.length - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const [left, right] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
