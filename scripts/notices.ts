import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { build } from 'esbuild';

/**
 * THIRD-PARTY-NOTICES.txt: the packages that dist/ has inside, with their licences word for word. esbuild tells which they
 * are; one without a licence file ends it.
 */
export async function thirdPartyNotices(root: string): Promise<string> {
  const notices = await Promise.all(
    (await bundledPackages(root)).map((name) => notice(join(root, 'node_modules', name))),
  );
  return [
    'standbylint contains the following packages. Each is under its own licence, which is printed below it.',
    ...notices,
  ].join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** Their names, in order. */
async function bundledPackages(root: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts', 'src/api/index.ts'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    external: ['pg-native'],
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const names = Object.keys(metafile.inputs).flatMap((file) => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(file) ?? [];
    return name === undefined ? [] : [name];
  });
  return [...new Set(names)].toSorted();
}

async function notice(folder: string): Promise<string> {
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(?:\.|$)/iu.test(name));
  const terms = file === undefined ? await termsInReadme(folder) : await readFile(join(folder, file), 'utf8');
  if (terms === undefined) throw new Error(`${folder} has no licence text.`);
  return `${String(about['name'])} ${String(about['version'])} (${String(about['license'])})\n\n${terms.trim()}\n`;
}

/** Some packages have their licence in their README alone. */
async function termsInReadme(folder: string): Promise<string | undefined> {
  const readme = (await readdir(folder)).find((name) => /^readme(?:\.|$)/iu.test(name));
  if (readme === undefined) return undefined;
  return /^#+ *licen[cs]e\s*\n([\s\S]*?)(?=\n#|$(?![\s\S]))/imu.exec(await readFile(join(folder, readme), 'utf8'))?.[1];
}
