import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

/** edit-child.ts as one file of JavaScript, in that folder: it starts at once, whoever runs it. */
export async function builtEditChild(folder: string): Promise<string> {
  const outfile = join(folder, 'edit-child.mjs');
  const entry = fileURLToPath(new URL('edit-child.ts', import.meta.url));
  await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' });
  return outfile;
}
