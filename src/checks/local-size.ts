import { posix } from 'node:path';

import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';

/**
 * How much the data directory and its tablespaces hold: what a new base backup will need where the primary does not tell.
 * du(1) is given a moment: of a directory with very many files the size stays unknown. Nothing is measured where the standby
 * streams, for then nobody thinks of a copy.
 */
export const localSizeCheck = defineCheck({
  brings: ['localSize'],
  after: ['dataDirectory', 'localWal', 'runningStandby', 'copySize'],
  async look({ dataDirectory, localWal, runningStandby, copySize }, { host }) {
    if (dataDirectory.status !== 'seen') return { localSize: dataDirectory };
    if (ifSeen(runningStandby)?.receiver?.status === 'streaming')
      return { localSize: notApplicable('the standby streams') };
    if (copySize.status === 'seen') return { localSize: notApplicable('the primary reports its size') };
    const { path, tablespaces } = dataDirectory.value;
    const wal = ifSeen(localWal);
    const places = tablespaces.flatMap(({ oid, target, state }) =>
      target !== undefined && state === 'directory' ? [{ oid, target }] : [],
    );
    const sizes = await sizesOf(host, [path, ...places.map(({ target }) => target)]);
    const whole = sizes?.get(path);
    const data = whole === undefined ? undefined : whole - (wal?.path === posix.join(path, 'pg_wal') ? wal.bytes : 0n);
    if (sizes === undefined || data === undefined)
      return { localSize: unseen('timed-out', `the size of ${path} was not measured within ${limitMs / 1000} s`) };
    return {
      localSize: seen(
        {
          dataBytes: data < 0n ? 0n : data,
          tablespaces: places.map(({ oid, target }) => ({ oid, bytes: sizes.get(target) })),
        },
        'du',
      ),
    };
  },
});

const limitMs = 2_000;

/** Links that are named are followed (-H, POSIX), others are not. */
async function sizesOf(host: Host, paths: readonly string[]): Promise<ReadonlyMap<string, bigint> | undefined> {
  const ran = await host.run('du', ['-skH', '--', ...paths], { timeoutMs: limitMs, maxOutputBytes: 1024 * 1024 });
  // a file that was removed meanwhile makes it end with 1
  if (!ran.ok) return undefined;
  const lines = ran.value.stdout.split('\n').flatMap((line): readonly (readonly [string, bigint])[] => {
    const [, kilobytes, path] = /^(\d+)\t(.+)$/u.exec(line) ?? [];
    return kilobytes === undefined || path === undefined ? [] : [[path, BigInt(kilobytes) * 1024n]];
  });
  return new Map(lines);
}
