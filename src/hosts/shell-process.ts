import { randomBytes } from 'node:crypto';

import { answer, noAnswer } from './host.ts';
import type { Answer, FileContent, Host } from './host.ts';
import type { KnownFiles } from './known-files.ts';
import { processStatus } from './local-processes.ts';
import type { ShellChannel } from './shell-channel.ts';

/** What /proc has of a process in one question: a machine has hundreds of them, and each file would be one more. */
export function processesThere(
  host: Host,
  channel: ShellChannel,
  ahead: Promise<KnownFiles> | undefined,
): Host['processStatus'] {
  const mark = randomBytes(16).toString('hex');
  let kernel: ReturnType<Host['read']> | undefined;
  return async (pid) => {
    const at = `/proc/${pid}`;
    const known = (await ahead)?.beginning(`${at}/status`);
    // the rest of that file is nothing that is asked for
    if (known !== undefined && /^Uid:.*\n/mu.test(known.toString()))
      return processStatus(
        {
          ...host,
          read: (path, options) =>
            path === `${at}/status` ? Promise.resolve(contentOf(known.toString())) : host.read(path, options),
        },
        pid,
        () => Promise.resolve(true),
      );
    const asked = await channel.ask(
      `[ -d ${at} ] || exit 1; for f in stat status cgroup; do cat ${at}/$f 2>/dev/null; printf ${mark}; done; head -c 65536 ${at}/cmdline 2>/dev/null; printf ${mark}; readlink -n ${at}/cwd`,
    );
    if (!asked.ok) return asked;
    const [stat = '', status = '', cgroup = '', cmdline = '', directory = ''] = asked.value.out.toString().split(mark);
    const found = new Map(
      Object.entries({ stat, status, cgroup, cmdline }).map(([name, text]) => [`${at}/${name}`, text]),
    );
    const seen: Host = {
      ...host,
      read: (path, options) => {
        // when the machine was started
        if (path === '/proc/stat') return (kernel ??= host.read(path, options));
        return found.has(path) ? Promise.resolve(contentOf(found.get(path))) : host.read(path, options);
      },
      readLink: () => Promise.resolve(directory === '' ? noAnswer('ENOENT', 'it is not told') : answer(directory)),
    };
    return processStatus(seen, pid, async () => {
      const tried = await channel.ask(`kill -0 ${pid}`);
      return !tried.ok || tried.value.status === 0 || !/no such process/iu.test(tried.value.err);
    });
  };
}

const contentOf = (text = ''): Answer<FileContent> =>
  text === '' ? noAnswer('ENOENT', 'it is not told') : answer({ bytes: Buffer.from(text), truncated: false });
