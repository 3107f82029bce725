import { execFileSync } from 'node:child_process';

import type { ShellProgram } from '../../src/hosts/shell-channel.ts';

const isThere = (program: string): boolean => {
  try {
    execFileSync(program, ['-c', ':'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The shells that images of PostgreSQL have: those that are installed here. */
export const shells: readonly { readonly name: string; readonly shell: ShellProgram }[] = ['sh', 'bash', 'dash', 'ksh']
  .filter(isThere)
  .map((name) => ({ name, shell: { program: name, args: [] } }));
