import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';

/** The first chunk, and the Node whose V8 made the code cache; scripts/build.mjs puts both here. */
declare const mainChunk: string;
declare const cacheIsFor: string;

/**
 * dist/standbylint.js, and dist/api.js for who imports the package: `require` of the built program. Each chunk is loaded with the code that V8 made of it when it was
 * built: to parse and compile the program anew takes as long as two empty Nodes. Where that code is missing, was made by
 * another Node, or V8 refuses it (other flags), the chunk is compiled as any other module is. Nothing is ever written.
 */
function load(name: string): unknown {
  if (!name.startsWith('.')) return require(name);
  const before = loaded.get(name);
  if (before !== undefined) return before.exports;
  // `./` and a file of the one folder, as scripts/build.mjs names them
  const filename = `chunks/${name.slice(2)}`;
  const file = `${__dirname}/${filename}`;
  if (name.endsWith('.json')) return JSON.parse(readFileSync(file, 'latin1'));
  const module = { exports: {} };
  // before it runs: chunks may need each other
  loaded.set(name, module);
  // all ASCII (scripts/build.mjs). The name stands in stack traces, and V8 keeps it in the cache: nothing of where it was built
  const script = new Script(readFileSync(file, 'latin1'), { filename, cachedData: codeCache(file) });
  const run: ChunkFunction = script.runInThisContext();
  run(module.exports, load, module, importFile);
  return module.exports;
}

/** What a chunk is: scripts/build.mjs puts this function around it. */
type ChunkFunction = (
  exports: object,
  require: (name: string) => unknown,
  module: { exports: object },
  importFile: (url: string) => Promise<unknown>,
) => void;

/** For a file that is none of ours: a chunk, which V8 takes as a script, has no `import()` of its own. */
const importFile = async (url: string): Promise<unknown> => import(url);

const loaded = new Map<string, { exports: object }>();

function codeCache(file: string): Buffer | undefined {
  if (cacheIsFor !== `${process.version} ${process.platform} ${process.arch}`) return undefined;
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

export const program = load(mainChunk);
