import { execFileSync } from 'node:child_process';

import type { ShellProgram } from '../../src/hosts/shells-together.ts';

const isThere = ({ program, args }: ShellProgram): boolean => {
  try {
    execFileSync(program, [...args, '-c', ':'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The shells that images of PostgreSQL have, as far as they are installed here. */
export const shells: readonly { readonly name: string; readonly shell: ShellProgram }[] = [
  { name: 'sh', shell: { program: 'sh', args: [] } },
  { name: 'bash', shell: { program: 'bash', args: [] } },
  { name: 'dash', shell: { program: 'dash', args: [] } },
  { name: 'busybox', shell: { program: 'busybox', args: ['sh'] } },
].filter(({ shell }) => isThere(shell));
