import { once } from 'node:events';
import type { Server } from 'node:http';
import { isIPv6 } from 'node:net';

import { errorCode } from '../../hosts/local-answers.ts';
import type { CommandSurroundings } from '../command.ts';
import { configured } from '../configuration/find.ts';
import { checkRuleIds } from '../examination/examination.ts';
import { helpPage } from '../help/help-page.ts';
import { readPostmortemOptions } from '../options/postmortem-options.ts';
import { shownWord } from '../options/shown-word.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { looksAt } from '../watch/looks.ts';
import { Latest } from './latest.ts';
import { readServeOptions, servePage } from './options.ts';
import type { ServeOptions } from './options.ts';
import { reportServer } from './server.ts';

/** Looks at a standby in the background, and serves what was seen last over HTTP until it is told to end. */
export async function serve(words: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  const { print, signal, endsByInterrupt } = surroundings;
  const own = readServeOptions(words);
  const { words: whole, policy } = await configured('postmortem', own.postmortem);
  const options = { ...readPostmortemOptions(whole), policy };
  if (options.help || options.version) {
    await print(options.help ? helpPage(servePage) : `standbylint ${version}\n`);
    return 0;
  }
  await checkRuleIds(options.acceptUnexamined);
  const latest = new Latest(own.everyMs, Date.now);
  const server = reportServer(latest, own.host, own.everyMs);
  await listen(server, own);
  try {
    if (!isLoopback(own.host))
      process.stderr.write(
        'standbylint: warning: everyone who reaches this address can read the report, with its names, addresses and paths. There is no password and no encryption.\n',
      );
    await print(`Listening on ${urlOf(server, own)}\n`);
    endsByInterrupt?.();
    for await (const look of looksAt(options, { intervalMs: own.everyMs, signal })) latest.take(look);
  } finally {
    await end(server);
  }
  return 0;
}

const isLoopback = (host: string): boolean => /^(?:127\.|::1$|localhost$)/iu.test(host);

async function listen(server: Server, { host, port }: ServeOptions): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = errorCode(error) ?? '';
    const why = reasons[code] ?? (error instanceof Error ? error.message : String(error));
    throw new UsageError(
      `Cannot listen on ${shownWord(host)}, port ${port}: ${why}.`,
      'Give another --port or --host.',
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does so',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the name does not resolve',
};

function urlOf(server: Server, { host }: ServeOptions): string {
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}/`;
}

/** An answer that is under way is finished, but not waited for without end. */
async function end(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(timer);
}
