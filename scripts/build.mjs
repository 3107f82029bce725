// Bundles the program into dist/. One entry, one chunk for each command, so that what a command does not need is never
// read: `standbylint --version` loads the entry alone.
import { execFile } from 'node:child_process';
import { chmod, readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist`;

// the program itself says its help once, here, so that nobody who asks for it waits until the command tree is loaded
const unbuilt = ['--import', 'tsx', 'src/cli/main.ts'];
const help = await promisify(execFile)(process.execPath, [...unbuilt, '--help'], { cwd: root });

const { metafile } = await build({
  metafile: true,
  absWorkingDir: root,
  entryPoints: { standbylint: 'src/cli/main.ts' },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  chunkNames: 'chunks/[name]-[hash]',
  // names stay as they are: a stack trace that somebody sends us can be read
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  // pg and pg-cloudflare look for another runtime by these globals, and the mere look at Response makes Node 20 load its
  // whole fetch: 20 ms
  define: { navigator: 'undefined', Response: 'undefined', builtHelp: JSON.stringify(help.stdout) },
  // pg asks for it only where NODE_PG_FORCE_NATIVE is set
  external: ['pg-native'],
  // CommonJS dependencies call require() for Node's own modules, which an ES module does not have
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
await chmod(`${dist}/standbylint.js`, 0o755);
// what an earlier build left goes last: whoever runs the program meanwhile finds a whole one
for (const name of await readdir(dist, { recursive: true })) {
  const stale = name.endsWith('.js') && !(`dist/${name}` in metafile.outputs);
  if (stale) await rm(`${dist}/${name}`);
}
