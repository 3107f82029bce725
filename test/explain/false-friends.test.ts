import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { isAnswer } from '../../src/explain/explanation.ts';
import { shapesIn } from '../../src/explain/shapes.ts';
import { explained } from './explained.ts';

/** Lines as applications and PostgreSQL write them all day; what is in braces varies. */
const ordinary = [
  '2024-01-01 10:00:{n}.123 INFO  [http-nio-{n}] c.e.OrderController : order {n} created for user {n}',
  '2024-01-01 10:00:{n}.123 ERROR [worker-{n}] c.e.Payments : payment {n} refused: card expired',
  '10.0.0.{n} - - [01/Jan/2024:10:00:00 +0000] "GET /orders/{n} HTTP/1.1" 200 {n} "-" "curl/8.0"',
  'Jan  1 10:00:{n} web1 systemd[1]: Started Session {n} of User deploy.',
  'Jan  1 10:00:{n} web1 sshd[{n}]: Accepted publickey for deploy from 10.0.0.{n} port 40{n} ssh2',
  'level=warn ts=2024-01-01T10:00:{n}Z msg="retrying request" attempt={n} error="context deadline exceeded"',
  '{"level":"info","msg":"request completed","status":200,"ms":{n}}',
  'Traceback (most recent call last):',
  '  File "/app/main.py", line {n}, in handle',
  'ValueError: invalid literal for int() with base 10: "{n}"',
  'npm WARN deprecated package{n}@1.0.{n}: this package is no longer supported',
  'could not open file settings{n}.json, using defaults',
  'user {n} does not exist, creating it',
  'connection {n} closed by peer',
  'Password: (hidden)',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  duration: {n}.123 ms  statement: SELECT * FROM orders WHERE id = {n}',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop ERROR:  duplicate key value violates unique constraint "orders_{n}_key"',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop DETAIL:  Key (id)=({n}) already exists.',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop STATEMENT:  INSERT INTO notes VALUES (\'FATAL:  role "x{n}" does not exist\')',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop ERROR:  relation "orders_{n}" does not exist at character 15',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop ERROR:  column "note_{n}" does not exist at character 8',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  checkpoint starting: time',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  checkpoint complete: wrote {n} buffers (0.1%); 0 WAL file(s) added, 0 removed, {n} recycled; write=1.0 s, sync=0.1 s, total=1.2 s',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  automatic vacuum of table "shop.public.orders_{n}": index scans: 1',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  connection received: host=10.0.0.{n} port=40{n}',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop LOG:  connection authorized: user=app database=shop application_name=web{n}',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop LOG:  disconnection: session time: 0:00:{n}.123 user=app database=shop host=10.0.0.{n}',
] as const;

describe('false friends', () => {
  it('100,000 lines of ordinary logs give nothing', async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) =>
      (ordinary[index % ordinary.length] ?? '').replaceAll('{n}', String(index % 977)),
    );
    // in pieces of a few thousand lines, each of which is looked at as a whole
    for (let at = 0; at < lines.length; at += 4000) {
      const found = (await explained(lines.slice(at, at + 4000).join('\n'))).filter(isAnswer);
      expect(found.map(({ message, text }) => [message, text])).toEqual([]);
    }
  }, 120_000);

  it.each(ordinary)('%s', async (line) => {
    const text = line.replaceAll('{n}', '42');
    const found = (await explained(text)).filter(isAnswer);
    expect(found.map(({ message }) => message)).toEqual([]);
    expect(shapesIn(text)).toEqual([]);
  });

  const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
  const prose = readdirSync(modules)
    .filter((name) => !/^(?:\.|@|pg)/u.test(name))
    .flatMap((name) => {
      try {
        return [{ name, text: readFileSync(join(modules, name, 'README.md'), 'utf8') }];
      } catch {
        return [];
      }
    });

  it('prose gives nothing: the READMEs of other packages', async () => {
    expect(prose.length).toBeGreaterThan(20);
    const found = await Promise.all(
      prose.map(async ({ name, text }) => ({
        name,
        said: [...(await explained(text)), ...shapesIn(text)].filter(isAnswer),
      })),
    );
    expect(found.flatMap(({ name, said }) => said.map(({ message, text }) => [name, message, text]))).toEqual([]);
  }, 120_000);
});
