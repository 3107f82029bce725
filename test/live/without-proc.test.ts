import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Report } from '../../src/findings/report.ts';
import { newestRelease } from '../lab/releases.ts';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));

/** As macOS and the BSDs are: no /proc. In a mount namespace of its own an empty file system hides it. */
async function withoutProc(
  words: readonly string[],
): Promise<{ readonly status: number | null; readonly said: string }> {
  const hidden = 'mount -t tmpfs none /proc && exec "$@"';
  const child = spawn('unshare', ['-m', 'sh', '-c', hidden, 'sh', process.execPath, program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (text) => (said += String(text)));
  child.stderr.on('data', (text) => (said += String(text)));
  await once(child, 'close');
  return { status: child.exitCode, said };
}

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('a machine without /proc', () => {
  let server: ThrowawayServer;
  beforeAll(async () => {
    server = await ThrowawayServer.create({ release: newestRelease });
  });
  afterAll(async () => server.dispose());

  const report = async (words: readonly string[]): Promise<Report> => {
    const { said } = await withoutProc([...words, '--format', 'json']);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema has tests of its own
    return JSON.parse(said) as Report;
  };
  const untold = ({ rules }: Report): readonly unknown[] =>
    rules.filter(
      ({ outcome, because }) => outcome === 'crashed' || (outcome === 'unexamined' && (because ?? '') === ''),
    );

  it.each([[['rules']], [['explain', 'hba/no-replication-entry']], [['config']]])('%j works', async (words) => {
    expect(await withoutProc(words)).toMatchObject({ status: 0 });
  });

  it('a preflight says why something is not checked, and nothing crashes', async () => {
    expect(
      untold(await report(['preflight', '-h', '127.0.0.1', '-p', '1', '-D', '/nonexistent/standby', '-R'])),
    ).toEqual([]);
  });

  it('a post-mortem of a stopped server does not take it for a running one, nor a running one for stopped', async () => {
    const stopped = await report(['postmortem', '-D', server.dataDirectory]);
    expect(untold(stopped)).toEqual([]);
    await server.start();
    const running = await report(['postmortem', '-D', server.dataDirectory]);
    expect(untold(running)).toEqual([]);
    const found = ({ findings }: Report): readonly string[] => findings.map(({ rule }) => rule);
    expect(found(stopped)).toContain('standby/not-running');
    expect(found(running)).not.toContain('standby/not-running');
    expect(running.subject).toMatchObject({ standby: `port ${server.port}` });
  });
});
