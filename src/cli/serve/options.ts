import type { HelpPage } from '../help/help-page.ts';
import { lastOf } from '../options/own-options.ts';
import { ownWords } from '../options/own-words.ts';
import type { OwnOption } from '../options/own-options.ts';
import { intervalMs, postmortemOptions } from '../options/postmortem-options.ts';
import { expectNoOperand, shownWord } from '../options/shown-word.ts';
import { UsageError } from '../usage-error.ts';

const listening: readonly OwnOption[] = [
  { long: 'port', value: 'PORT', help: 'the TCP port to listen on (default 9788; 0: a free one)' },
  { long: 'host', value: 'ADDRESS', help: 'the address to listen on (default 127.0.0.1)' },
  { long: 'every', value: 'SECONDS', help: 'from the beginning of a look to the next one (default 60)' },
];

/** What a look takes; a report is not printed here, and nothing is changed. */
const looking: ReadonlySet<string> = new Set([
  ...['pgdata', 'standby', 'log', 'log-bytes', 'target', 'config', 'admin', 'accept-unexamined', 'timeout'],
  ...['help', 'version'],
]);

const serveOptions: readonly OwnOption[] = [...listening, ...postmortemOptions.filter(({ long }) => looking.has(long))];

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly everyMs: number;
  /** What postmortem would be called with. */
  readonly postmortem: readonly string[];
}

/** Reads what stands behind `standbylint serve`. Throws a {@link UsageError}. */
export function readServeOptions(words: readonly string[]): ServeOptions {
  const { options, operands } = ownWords(words, serveOptions);
  expectNoOperand(
    'serve',
    operands,
    'Give the data directory as -D DIRECTORY, or a target of the configuration as --target NAME.',
  );
  const isOurs = ({ spec }: (typeof options)[number]): boolean => listening.includes(spec);
  return {
    port: portOf(lastOf(options, 'port') ?? '9788'),
    host: lastOf(options, 'host') ?? '127.0.0.1',
    everyMs: intervalMs(lastOf(options, 'every') ?? '60', 'every'),
    postmortem: options.filter((option) => !isOurs(option)).flatMap(({ written }) => written),
  };
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--port takes a number from 0 to 65535, not "${shownWord(text)}".`, 'For example: --port 9788');
}

export const servePage: HelpPage = {
  command: 'serve',
  does: [
    'standbylint serve looks at a standby again and again, and serves the last result over HTTP:',
    '/metrics for Prometheus, /healthz for a load balancer or a supervisor, and the HTML report at /.',
    'It changes nothing, and one look serves all requests.',
  ],
  usage: '-D DIRECTORY [OPTION]...',
  options: [{ title: 'Options', options: serveOptions }],
  notes: [
    'It answers GET and HEAD, without a password and without encryption: by default on this machine alone. The report holds names, addresses and paths, and no secrets.',
    '/healthz gives 200 while the last complete look began less than three intervals ago, else 503. The health of the standby is in /metrics.',
  ],
  status: [[0, 'ended by SIGTERM or Ctrl-C']],
  examples: [
    ['-D /srv/standby --admin "host=db1 user=postgres"', 'serve on http://127.0.0.1:9788/'],
    ['--target eu-1 --port 9200 --every 30', 'a target of the configuration'],
  ],
};
