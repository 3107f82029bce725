import { expect, it } from 'vitest';

import { startFailureIn } from '../../src/derived/start-failure.ts';
import { aLogUntil } from '../rules/a-log.ts';
import { now } from '../rules/world.ts';

const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
const ready = 'LOG:  database system is ready to accept read-only connections';
const port = 'FATAL:  could not create any TCP/IP sockets';
const needs = 'FATAL:  recovery aborted because of insufficient parameter settings';
const shutDown = 'LOG:  database system is shut down';

it.each<readonly [name: string, lines: readonly string[], failure: string | undefined]>([
  ['nothing was logged', [], undefined],
  ['it started', [starting, ready], undefined],
  ['it did not start', [starting, port, shutDown], 'could not create any TCP/IP sockets'],
  ['the last of two counts', [starting, port, starting, needs], needs.slice('FATAL:  '.length)],
  ['it started at the next try', [starting, port, starting, ready], undefined],
  ['it was told to stop after it: fast', [starting, port, 'LOG:  received fast shutdown request'], undefined],
  ['it was told to stop after it: smart', [starting, port, 'LOG:  received smart shutdown request'], undefined],
  [
    'it was told to stop before it',
    [starting, ready, 'LOG:  received fast shutdown request', shutDown, starting, port],
    'could not create any TCP/IP sockets',
  ],
  [
    'an immediate shutdown is none that ends what came before',
    [starting, port, 'LOG:  received immediate shutdown request'],
    'could not create any TCP/IP sockets',
  ],
])('%s', (_, lines, failure) => {
  expect(startFailureIn(aLogUntil(now, lines).summary)?.record.message).toBe(failure);
});
