import { readdir, readFile, readlink } from 'node:fs/promises';

import { execa } from 'execa';

/**
 * The living processes that name the folder in their arguments or work in it: none, when a server in it is gone. One that has ended
 * and that its parent has not waited for yet is not living.
 */
export async function processesIn(folder: string): Promise<readonly string[]> {
  const all = process.platform === 'linux' ? await fromProc() : await fromPs();
  return all.filter((line) => line.includes(folder));
}

/** /proc, as a small installation has no ps. */
async function fromProc(): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    ids.map(async (id) => {
      const args = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      const directory = await readlink(`/proc/${id}/cwd`).catch(() => '');
      return `${id} ${args.replaceAll('\0', ' ')} in ${directory}`;
    }),
  );
}

async function fromPs(): Promise<readonly string[]> {
  const { stdout } = await execa('ps', ['-axo', 'stat=,pid=,args=']);
  return stdout.split('\n').filter((line) => !line.trim().startsWith('Z'));
}
