import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { serverUser } from '../../src/throwaway/os-user.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';

/** The name servers of this machine are not asked: another /etc/hosts lies there, for the program alone. */
async function withHosts(hosts: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-hosts-'));
  onTestFinished(async () => rm(folder, { recursive: true }));
  const file = join(folder, 'hosts');
  await writeFile(file, hosts);
  const user = await serverUser();
  const drop = user === null ? [] : ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  return ['unshare', '-m', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', file, ...drop];
}

onReleasesInTurn((release) => {
  test.skipIf(process.getuid?.() !== 0)(
    'a name of two servers: the one that refuses is named by its address, and that there is another',
    { timeout: 60_000 },
    async () => {
      const meant = await aPrimary({ release });
      await meant.server.configure({ listen_addresses: '127.0.0.1' });
      await meant.server.restart();
      // on the same port, at the other address of the loopback
      const other = await aPrimary({
        release,
        started: false,
        hba: ['host all,replication all ::1/128 scram-sha-256'],
      });
      await other.server.configure({ listen_addresses: '::1', port: String(meant.server.port) });
      await other.server.program('pg_ctl', [
        ...['start', '-w', '-D', other.server.dataDirectory, '-l', join(other.server.folder, 'log')],
      ]);
      onTestFinished(async () => {
        await other.server.program('pg_ctl', ['stop', '-m', 'immediate', '-D', other.server.dataDirectory]);
      });
      const { dataDirectory, environment } = await aPlaceForAStandby({ release });
      const words = ['-h', 'db.example', '-p', String(meant.server.port), '-U', meant.role, '-D', dataDirectory, '-R'];
      const look = async (hosts: string) =>
        runStandbylint(['preflight', ...words, '--admin', meant.admin, '--format', 'json'], {
          on: { environment },
          env: { PGPASSWORD: meant.password },
          user: null,
          within: await withHosts(hosts),
        });
      const { json } = await look('::1 db.example\n127.0.0.1 db.example\n');
      expect(json.subject.primary).toContain('db.example');
      expect(roots(json)).toEqual(['role/wrong-password']);
      const note = json.findings.find(({ rule }) => rule === 'network/further-addresses');
      expect(note?.title).toBe('db.example is ::1 and 127.0.0.1: only ::1 was tried');
      expect(note?.remedy?.steps.at(-1)?.text).toContain('hostaddr=127.0.0.1');
      const { json: right } = await look('127.0.0.1 db.example\n');
      expect(roots(right)).toEqual([]);
    },
  );
});
