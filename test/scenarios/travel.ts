import { chmod, mkdir, rename, symlink, writeFile, appendFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { execa } from 'execa';

import type { Step } from '../../src/findings/report.ts';
import { onlyRoot } from './here.ts';
import type { Scenario, Stage } from './scenario.ts';

const inPrimary = ({ primary }: Stage, path: string): string => join(primary.server.dataDirectory, path);

/** A step for root, as it is printed. */
const asRoot = async ({ text }: Step): Promise<void> =>
  void (await execa('sh', ['-c', /^As root: (.*)$/su.exec(text)?.[1] ?? 'false']));

/** Whoever finds out whose it is moves it out. */
const movedOut = async ({ text }: Step, { primary }: Stage): Promise<void> => {
  const [, file = ''] = /mv (\S+) to a directory/u.exec(text) ?? [];
  await rename(file, join(primary.server.folder, basename(file).slice(0, 20)));
};

/** The files are elsewhere (configuration management keeps them there), and links lead to them. */
const linked =
  (...names: readonly string[]) =>
  async (stage: Stage): Promise<void> => {
    const elsewhere = join(stage.primary.server.folder, 'etc');
    await mkdir(elsewhere, { recursive: true });
    await chmod(elsewhere, 0o755);
    for (const name of names) {
      await rename(inPrimary(stage, name), join(elsewhere, name));
      await symlink(join(elsewhere, name), inPrimary(stage, name));
    }
    await stage.primary.server.reload();
  };

/** What is in the primary's data directory, and what of it a copy cannot take or cannot be started with. */
export const travelScenarios: readonly Scenario[] = [
  {
    rule: 'primary/unreadable-file',
    name: 'a file of root',
    notHere: onlyRoot('make a file that the server may not read'),
    fault: async (stage) => writeFile(inPrimary(stage, 'pg_hba.conf.bak'), '# of root\n', { mode: 0o600 }),
    byHand: asRoot,
  },
  {
    rule: 'primary/unreadable-file',
    name: 'an empty file of root beside the relations',
    notHere: onlyRoot('make a file that the server may not read'),
    fault: async (stage) => writeFile(inPrimary(stage, 'base/1/nohup'), '', { mode: 0o600 }),
    byHand: asRoot,
  },
  {
    rule: 'primary/unreadable-file',
    name: 'lost+found',
    notHere: onlyRoot('make a directory that the server may not list'),
    fault: async (stage) => mkdir(inPrimary(stage, 'lost+found'), { mode: 0o700 }),
    byHand: asRoot,
  },
  {
    rule: 'primary/foreign-file',
    name: 'a name that is too long for tar',
    fault: async (stage) => writeFile(inPrimary(stage, 'n'.repeat(100)), ''),
    byHand: movedOut,
  },
  {
    rule: 'primary/foreign-file',
    name: 'a saved relation, which a backup that verifies checksums takes for a segment',
    to: 16,
    fault: async (stage) => {
      const { server } = stage.primary;
      await server.stop();
      await server.run(server.programPath('pg_checksums'), ['--enable', '-D', server.dataDirectory]);
      await server.start();
      await writeFile(inPrimary(stage, 'base/1/1259.bak'), 'saved\n', { mode: 0o644 });
    },
    byHand: movedOut,
  },
  {
    rule: 'primary/linked-file',
    name: 'postgresql.conf and pg_hba.conf',
    fault: linked('postgresql.conf', 'pg_hba.conf'),
  },
  {
    rule: 'hba/invalid-line',
    name: 'the login works, and the copy would carry the line',
    fault: async (stage) => {
      await appendFile(inPrimary(stage, 'pg_hba.conf'), 'hosts all all 127.0.0.1/32 md5\n');
      await stage.primary.server.reload();
    },
  },
];
