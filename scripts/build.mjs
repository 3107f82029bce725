// Bundles the program into dist/: one chunk for each command, so that what a command does not need is never read; and for
// Node.js 20, beside each chunk the code that V8 makes of it, so that it need not be compiled (src/cli/load-built-program.ts).
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import nodeModule from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

import { build, transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

// the words by which explain finds the messages of a text, and which answers are of them: to make them takes as long as a
// short text does
const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/known-texts.ts'], {
  cwd: root,
  maxBuffer: 2 ** 26,
  // its cache would stay behind in the temporary folder
  env: { ...process.env, TSX_DISABLE_CACHE: '1' },
});
const knownTexts = JSON.parse(stdout);

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // names stay as they are: a stack trace that somebody sends us can be read
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  write: false,
  logLevel: 'warning',
};

// a table of texts stays a file of its own, which JSON.parse reads in a fraction of the time that an array of JavaScript takes
const { code } = await transform(await readFile(join(root, 'src/postgres/text-table.ts')), { loader: 'ts' });
const { columnsOf } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
const tablesOfTexts = ['postgres', 'explain/tool-lines'];
const tables = new Map();
const textTables = {
  name: 'tables of texts',
  setup({ onResolve }) {
    onResolve({ filter: /\.json$/, namespace: 'file' }, async ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      if (!tablesOfTexts.some((folder) => file.startsWith(join(root, 'src', folder)))) return undefined;
      return asTable(basename(file, '.json'), columnsOf(JSON.parse(await readFile(file, 'utf8'))));
    });
  },
};

function asTable(name, value) {
  const content = inAscii(JSON.stringify(value));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase();
  tables.set(`${name}-${hash}.json`, content);
  return { path: `./${name}-${hash}.json`, external: true };
}

// it makes its tables as it is loaded, 25 ms of them, and few texts have a character that needs them
const whenUsed = {
  name: 'loaded when it is used',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/, namespace: 'file' }, ({ path, resolveDir }) => ({
      path,
      namespace: 'when used',
      pluginData: resolveDir,
    }));
    // commander starts programs of ours that there are not
    onResolve({ filter: /^node:child_process$/, namespace: 'file' }, ({ path, importer }) =>
      importer.includes('/node_modules/commander/') ? { path, namespace: 'built in' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'built in' }, ({ path }) => ({
      contents: `module.exports = { get spawn() { return process.getBuiltinModule('${path}').spawn; } };`,
    }));
    onLoad({ filter: /./, namespace: 'when used' }, ({ path, pluginData }) => ({
      contents: `let loaded; export default (text) => (loaded ??= require('${path}').default)(text);`,
      resolveDir: pluginData,
    }));
  },
};

// the one import() that stays
const importing = {
  name: 'import() of the files of others',
  setup({ onResolve }) {
    onResolve({ filter: /\/import-file\.ts$/, namespace: 'file' }, () => ({
      path: './import-file.js',
      external: true,
    }));
  },
};

const inChunks = {
  ...options,
  metafile: true,
  outdir: join(dist, 'chunks'),
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  splitting: true,
  format: 'esm',
};

// explain has a million letters of answers, and a text needs a few of them
const answersFolder = 'src/explain/answers/';
const answers = await build({
  ...inChunks,
  entryPoints: Object.keys(knownTexts.outlines).map((file) => `${answersFolder}${file}`),
});
const chunkOfAnswers = new Map(
  Object.entries(answers.metafile.outputs).map(([path, { entryPoint }]) => [entryPoint, `./${basename(path)}`]),
);
const answersWhenAsked = {
  name: 'answers that are read when they are asked for',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/answers\/[^/]+\.ts$/, namespace: 'file' }, ({ path, importer }) =>
      importer === join(root, 'src/explain/answers.ts') && knownTexts.outlines[basename(path)] !== undefined
        ? { path: 'answers', namespace: 'answers' }
        : undefined,
    );
    onResolve({ filter: /^outlines$/, namespace: 'answers' }, () => asTable('answers', knownTexts.outlines));
    onResolve({ filter: /-[A-Z\d]{8}\.js$/, namespace: 'answers' }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /./, namespace: 'answers' }, () => ({
      resolveDir: join(root, 'src/explain'),
      contents: `import { whenAsked } from './when-asked.ts'; import outlines from 'outlines';
        ${Object.entries(knownTexts.outlines).flatMap(lists).join('\n')}`,
    }));
    const lists = ([file, outlines]) =>
      Object.keys(outlines).map(
        (name) =>
          `export const ${name} = whenAsked(outlines['${file}'].${name}, () => require('${chunkOfAnswers.get(`${answersFolder}${file}`)}').${name});`,
      );
  },
};

const chunks = await build({
  ...inChunks,
  plugins: [answersWhenAsked, textTables, whenUsed, importing],
  // Node.js loads ten modules for its own `performance`
  inject: [join(root, 'scripts/monotonic-clock.mjs')],
  entryPoints: { main: 'src/cli/main.ts', api: 'src/api/index.ts' },
  // pg and pg-cloudflare look for another runtime by these globals, and the mere look at Response makes Node 20 load its
  // whole fetch: 20 ms
  define: {
    navigator: 'undefined',
    Response: 'undefined',
    builtPhraseWords: JSON.stringify(knownTexts.words),
    builtToolWords: JSON.stringify(knownTexts.wordsOfTools),
  },
  // pg asks for it only where NODE_PG_FORCE_NATIVE is set
  external: ['pg-native'],
});
await mkdir(join(dist, 'chunks'), { recursive: true });
const written = new Set();
// a later Node.js keeps it itself
const keepsCode = !('enableCompileCache' in nodeModule);
const importFile = await transform(await readFile(join(root, 'src/cli/import-file.ts')), {
  loader: 'ts',
  format: 'cjs',
});
await put(join(dist, 'chunks/import-file.js'), importFile.code);
for (const [name, content] of tables) await put(join(dist, 'chunks', name), content);
for (const { path, text } of [...answers.outputFiles, ...chunks.outputFiles]) {
  const code = await asModule(text);
  await put(path, code);
  if (keepsCode) await put(`${path}.cache`, codeCache(code, basename(path)));
}

const [main, api] = ['src/cli/main.ts', 'src/api/index.ts'].map((entry) => {
  const [path, { exports }] = Object.entries(chunks.metafile.outputs).find(([, output]) => output.entryPoint === entry);
  return { chunk: `./${basename(path)}`, exports };
});
const starting = ({ chunk }, banner = '') =>
  build({
    ...options,
    entryPoints: ['src/cli/load-built-program.ts'],
    format: 'cjs',
    banner: { js: banner },
    define: {
      mainChunk: JSON.stringify(chunk),
      cacheIsFor: JSON.stringify(`${process.version} ${process.platform} ${process.arch}`),
    },
  });
const start = await starting(main, '#!/usr/bin/env node');
// what `import … from 'standbylint'` gives, and its types
await put(join(dist, 'api.js'), (await starting(api)).outputFiles[0].contents);
await put(
  join(dist, 'index.mjs'),
  `import start from './api.js';\n\nexport const { ${api.exports.join(', ')} } = start.program;\n`,
);
await putTypes();
// the files there are CommonJS, otherwise than the sources that package.json in the root speaks of
await put(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
// the entry comes when all that it loads is there, and what an earlier build left goes last: whoever runs the program
// meanwhile finds a whole one
await put(join(dist, 'standbylint.js'), start.outputFiles[0].contents);
await chmod(join(dist, 'standbylint.js'), 0o755);
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !written.has(path)) await rm(path);
}

/** The declarations that those of src/api lead to. */
async function putTypes() {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-types-'));
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-p', 'tsconfig.api.json', '--outDir', folder], { cwd: root });
    const found = new Set(['api/index.d.ts']);
    for (const file of found) {
      const text = await readFile(join(folder, file), 'utf8');
      for (const [, name] of text.matchAll(/(?:from |import\()["'](\.[^"']+)\.ts["']/g))
        found.add(join(dirname(file), `${name}.d.ts`));
      await put(join(dist, 'types', file), text.replaceAll(/((?:from |import\()["']\.[^"']+)\.ts(["'])/g, '$1.js$2'));
    }
    await put(join(dist, 'types/package.json'), '{ "type": "module" }\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function put(path, content) {
  written.add(path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** esbuild splits ES modules only; `require` reads a chunk in half of the time that `import` takes. */
async function asModule(text) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // import() of a chunk becomes `require`
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    banner: "'use strict';",
    logLevel: 'warning',
  });
  return inAscii(builtinsWhenUsed(code));
}

/**
 * What Node.js loads for a command that uses nothing of it takes as long as half of its start: these come when something
 * of them is used first. esbuild names what it imports `import_…`, and says each use in full.
 */
function builtinsWhenUsed(code) {
  const late = '(?:child_process|crypto|dgram|dns|fs/promises|net|readline|stream/consumers|timers/promises|tls|zlib)';
  const names = [...code.matchAll(new RegExp(`\\b(import_\\w+)=(require\\("node:${late}"\\))(?=[,;])`, 'g'))];
  return names.reduce((text, [given, name, load]) => {
    const uses = new RegExp(`(?<![.\\w$])${name}\\b(?!=)`, 'g');
    const all = [...text.matchAll(uses)];
    if (all.some(({ index }) => text[index + name.length] !== '.')) return text;
    const kept = name.replace('import_', 'kept_');
    // in brackets: `new import_node_crypto().X509Certificate()` would make something of the function
    return text.replace(uses, `(${name}())`).replace(given, `${kept},${name}=()=>${kept}??=${load}`);
  }, code);
}

/** V8 keeps ASCII a byte a character, and reads it faster. What is not stands in strings, in JSON and in regular expressions. */
function inAscii(text) {
  return text.replaceAll(/[^\0-\u007F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** With all functions in it, not only those that ran: nothing of the program runs here. */
function codeCache(code, name) {
  // V8 keeps the string as it was put together, the whole path that a part was cut from included: this makes a plain one
  const filename = Buffer.from(`chunks/${name}`).toString();
  setFlagsFromString('--no-lazy');
  const script = new Script(nodeModule.wrap(code), { filename });
  // V8 refuses a cache that was made with other flags than it runs with
  setFlagsFromString('--lazy');
  return script.createCachedData();
}
