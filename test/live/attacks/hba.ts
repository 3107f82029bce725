import { appendFile, chmod, chown, readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { Report } from '../../../src/findings/report.ts';
import { identifier, literal } from '../../../src/remedies/quoting.ts';
import { afterwards } from '../../lab/lifetime.ts';
import { roots, runStandbylint } from '../../lab/standbylint.ts';
import { until } from '../../lab/until.ts';
import { aFolder } from './stage.ts';
import type { AttackStage } from './stage.ts';
import { appliedIn, preflight } from './attack.ts';
import type { Attack, Made } from './attack.ts';

/** pg_hba.conf of the primary, without an entry for replication. */
const own = 'local all postgres trust\nlocal replication postgres trust\n';
const hostile: readonly (readonly [name: string, text: string])[] = [
  ['ends in a continuation line', `${own}host all all 127.0.0.1/32 scram-sha-256 \\`],
  ['ends in a comment with a backslash', `${own}host all all 127.0.0.1/32 scram-sha-256\n# end \\`],
  ['ends in a comment with a backslash and a line feed', `${own}host all all 127.0.0.1/32 scram-sha-256\n# end \\\n`],
  ['ends in two continuation lines', `${own}host all all \\\n127.0.0.1/32 scram-sha-256 \\\n`],
  ['has CR LF, and no end', `${own}host all all 127.0.0.1/32 scram-sha-256`.replaceAll('\n', '\r\n')],
  ['begins with a byte order mark', `\uFEFF# saved by an editor\n${own}host all all 127.0.0.1/32 scram-sha-256\n`],
  ['is of another encoding', `${own}# gr\u00FC\u00DFe\nhost all all 127.0.0.1/32 scram-sha-256`],
];

export const hbaFiles: readonly Attack[] = [
  ...hostile.map(([name, text]): Attack => ({
    name: `pg_hba.conf ${name}`,
    make: async (stage) => withHba(stage, name.includes('encoding') ? Buffer.from(text, 'latin1') : Buffer.from(text)),
  })),
  {
    name: 'pg_hba.conf includes a file that rejects, and that many others include',
    from: 16,
    async make(stage) {
      const { server } = stage.primary;
      const folder = await aFolder(server);
      await writeFile(join(folder, 'reject.conf'), 'host replication all all reject\n');
      await chmod(folder, 0o755);
      const made = await withHba(
        stage,
        Buffer.from(`include_dir ${folder}\n${own}host all all 127.0.0.1/32 scram-sha-256`),
      );
      return {
        ...made,
        outside: [join(folder, 'reject.conf')],
        // it belongs to root, whom the server's user is not
        after: async ({ json }) => expect(rootsOfCopy(json)).toEqual(['hba/rejected']),
      };
    },
  },
  {
    name: 'pg_hba.conf is a link to a file of another user',
    root: true,
    async make(stage) {
      const { server } = stage.primary;
      const target = join(await aFolder(server), 'of-root.conf');
      const file = join(server.dataDirectory, 'pg_hba.conf');
      const made = await withHba(stage, Buffer.from(`${own}host all all 127.0.0.1/32 scram-sha-256\n`));
      await rename(file, target);
      await chown(target, 0, 0);
      await chmod(target, 0o644);
      await symlink(target, file);
      // primary/linked-file puts a copy in the place of the link, and that copy is edited
      const mayChange =
        /^(?:other primary: pg_hba\.conf|new primary: pg_hba\.conf\.(?:before-[^/]*|link-before-standbylint))$/u;
      return { call: made.call, watched: made.watched, outside: [target], mayChange };
    },
  },
  {
    name: 'somebody writes into pg_hba.conf all the time',
    async make(stage) {
      const file = join(stage.primary.server.dataDirectory, 'pg_hba.conf');
      const made = await withHba(stage, Buffer.from(`${own}host all all 127.0.0.1/32 scram-sha-256\n`));
      let written = 0;
      return {
        ...made,
        meanwhile: () => {
          const timer = setInterval(() => void appendFile(file, `# ${(written += 1)} of somebody\n`), 15);
          return async () => clearInterval(timer);
        },
        after: async () => {
          await until('the last line is there', async () =>
            (await readFile(file, 'utf8')).includes(`# ${written} of somebody\n`) ? true : null,
          );
          const text = await readFile(file, 'utf8');
          for (let number = 1; number <= written; number += 1) expect(text).toContain(`# ${number} of somebody\n`);
          expect(text.startsWith(own)).toBe(true);
        },
      };
    },
  },
  {
    name: 'two --fix at once',
    async make(stage) {
      const file = join(stage.primary.server.dataDirectory, 'pg_hba.conf');
      const made = await withHba(stage, Buffer.from(`${own}host all all 127.0.0.1/32 scram-sha-256\n`));
      return {
        ...made,
        meanwhile: () => {
          const other = runStandbylint([...made.call, '--fix', '--yes', '--format', 'json'], {
            on: stage.standby,
            env: { PGPASSWORD: stage.primary.password },
            ...(process.getuid?.() === 0 ? { user: null } : {}),
          });
          return async () => void (await other);
        },
        after: async ({ json }) => {
          const entries = (await readFile(file, 'utf8')).split('\n').filter((line) => line.includes('replicator'));
          expect([1, 2]).toContain(entries.length);
          expect(new Set(entries).size).toBe(1);
          expect((await readFile(file, 'utf8')).startsWith(own)).toBe(true);
          expect(json.applied?.length).toBeGreaterThan(0);
        },
      };
    },
  },
  {
    name: 'the name of the role is words of SQL and of a shell',
    async make(stage) {
      const { server } = stage.primary;
      const role = `r"; DROP ROLE replicator; --$(touch PWNED)'\\`;
      await server.query(`CREATE ROLE ${identifier(role)} LOGIN PASSWORD ${literal(stage.primary.password)}`);
      afterwards(async () => void (await server.query(`DROP ROLE ${identifier(role)}`)));
      const made = await withHba(
        stage,
        Buffer.from(`${own}host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n`),
      );
      const at = made.call.indexOf('-U') + 1;
      return {
        call: made.call.map((word, index) => (index === at ? role : word)),
        watched: { primary: server },
        mayChange: /^other primary: role r"; DROP/u,
        after: async ({ json }) => expect(rootsOfCopy(json)).toEqual([]),
      };
    },
  },
];

/** That root calls it is no matter of the set-ups. */
const rootsOfCopy = (report: Report): readonly string[] =>
  roots(report).filter((rule) => rule !== 'target/run-as-root');

/** A primary whose pg_hba.conf has no entry for the copy that is to be made: old lines stay what they mean. */
async function withHba(stage: AttackStage, content: Buffer): Promise<Made> {
  const { server } = stage.primary;
  const file = join(server.dataDirectory, 'pg_hba.conf');
  const kept = await readFile(file);
  const backup = `${file}.kept`;
  await rename(file, backup);
  await writeFile(file, content);
  if (server.runAs !== null) await chown(file, server.runAs.uid, server.runAs.gid);
  const rulesOf = async () =>
    server.query('SELECT type, database, user_name, address, auth_method, options, error FROM pg_hba_file_rules');
  await server.reload();
  const before = await rulesOf();
  afterwards(async () => {
    await unlink(file);
    await rename(backup, file);
    expect(await readFile(file)).toEqual(kept);
    await server.reload();
  });
  return {
    call: preflight(stage, join(await aFolder(server), 'copy')),
    watched: { primary: server },
    mayChange: /^(?:other primary: pg_hba\.conf|new primary: pg_hba\.conf\.before-[^/]*)$/u,
    after: async ({ json }) => {
      const after = await rulesOf();
      const texts = (rows: typeof after): readonly string[] => rows.map((row) => JSON.stringify(row));
      // every line of before that the server took is there, in its order
      const taken = texts(before.filter((row) => row['error'] === null));
      expect(texts(after).filter((text) => taken.includes(text))).toEqual(taken);
      const applied = appliedIn(json);
      if (applied.length > 0) expect(rootsOfCopy(json), JSON.stringify(json.fixes)).toEqual([]);
      if (applied.length === 0) expect(await readFile(file)).toEqual(content);
    },
  };
}
