import { createServer } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

import { pagePolicy } from '../../report/html/page.ts';
import type { Latest } from './latest.ts';

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: OutgoingHttpHeaders;
}

/** Answers from what was seen last; a request never starts a look. `host` is the address that it listens on. */
export function reportServer(latest: Latest, host: string, everyMs: number): Server {
  const content = contentOf(latest, everyMs);
  const server = createServer(
    {
      // who sends a header byte by byte has no place here for long
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 8_192,
    },
    (request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      respond(request, response, refusal(request, host) ?? content(path));
    },
  );
  // nor who does not read the answer
  server.setTimeout(15_000);
  server.maxConnections = mostConnections;
  return server;
}

const mostConnections = 256;

function refusal({ method = '', headers }: IncomingMessage, host: string): Answer | undefined {
  if (!isOurName(headers.host, host))
    return answer(421, 'This name is not one of this server. Use its address, or localhost.');
  if (method === 'GET' || method === 'HEAD') return undefined;
  return answer(405, 'Only GET and HEAD.', { allow: 'GET, HEAD', connection: 'close' });
}

/** Each answer is made once for all requests of half a second, so that many of them do not hold up the look. */
function contentOf(latest: Latest, everyMs: number): (path: string) => Answer {
  const made = new Map<string, { readonly at: number; readonly answer: Answer }>();
  return (path) => {
    const make = contents[path];
    if (make === undefined) return unknownPath;
    const before = made.get(path);
    const at = performance.now();
    if (before !== undefined && at - before.at < youngMs) return before.answer;
    const now = make(latest, { refresh: String(Math.ceil(everyMs / 1000)) });
    made.set(path, { at, answer: now });
    return now;
  };
}

const youngMs = 500;

const contents: Readonly<Record<string, (latest: Latest, refresh: OutgoingHttpHeaders) => Answer>> = {
  '/healthz': ({ trouble }) => (trouble === undefined ? answer(200, 'ok') : answer(503, trouble)),
  '/metrics': ({ metrics }) => ({
    status: 200,
    body: Buffer.from(metrics),
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  }),
  '/': ({ page, trouble }, refresh) =>
    page === undefined
      ? answer(503, trouble ?? '', { ...refresh, 'retry-after': '2' })
      : {
          status: 200,
          body: Buffer.from(page),
          headers: {
            ...refresh,
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': `${pagePolicy}; frame-ancestors 'none'`,
          },
        },
};

const answer = (status: number, line: string, headers: OutgoingHttpHeaders = {}): Answer => ({
  status,
  body: Buffer.from(`${line}\n`),
  headers,
});

const unknownPath = answer(404, `There are ${Object.keys(contents).join(', ')}.`);

function respond({ method }: IncomingMessage, response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : body);
}

/**
 * A page of somebody else, whose name was made to lead here (DNS rebinding), is sent with that name. An address is none, and
 * the names of this machine are its own.
 */
function isOurName(given: string | undefined, host: string): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/u.exec(given ?? '') ?? [];
  const name = (bracketed ?? plain ?? '').toLowerCase();
  return isIP(name) > 0 || ['localhost', host.toLowerCase(), hostname().toLowerCase()].includes(name);
}
