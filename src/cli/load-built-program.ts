import { readFileSync, statSync } from 'node:fs';
import module from 'node:module';
import { Script } from 'node:vm';

/** The first chunk, and the Node whose V8 made the code cache; scripts/build.mjs puts both here. */
declare const mainChunk: string;
declare const cacheIsFor: string;

/**
 * dist/standbylint.js, and dist/api.js for who imports the package: `require` of the built program. To parse and compile it
 * takes as long as two empty Nodes, so what V8 makes of it is kept: by Node.js itself from 22.1 on, where it may be written;
 * for an older one by scripts/build.mjs, for the release that it runs on.
 */
function start(): unknown {
  const keepCode: unknown = Reflect.get(module, 'enableCompileCache');
  if (typeof keepCode === 'function') {
    if (isOwnFolder()) Reflect.apply(keepCode, module, [`${__dirname}/compile-cache`]);
    return requireChunk(mainChunk);
  }
  return cacheIsFor === `${process.version} ${process.platform} ${process.arch}`
    ? withKeptCode(mainChunk)
    : requireChunk(mainChunk);
}

const requireChunk = module.createRequire(`${__dirname}/chunks/`);

/**
 * Code is kept beside the program only, and never where somebody else could put it; nor in a folder of another user, who
 * could not remove there what is root's.
 */
function isOwnFolder(): boolean {
  try {
    return statSync(__dirname).uid === (process.getuid?.() ?? 0);
  } catch {
    return false;
  }
}

/** `require` of a chunk. Where its code is missing, or V8 refuses it (other flags), it is compiled as any other module is. */
function withKeptCode(name: string): unknown {
  // a chunk that is read so has no `import()`
  if (!name.startsWith('./') || !name.endsWith('.js') || name === './import-file.js') return requireChunk(name);
  const before = loaded.get(name);
  if (before !== undefined) return before.exports;
  // `./` and a file of the one folder, as scripts/build.mjs names them. The name is part of what V8 keeps: nothing of where
  // it was built
  const filename = `chunks/${name.slice(2)}`;
  const file = `${__dirname}/${filename}`;
  const chunk = { exports: {} };
  // before it runs: chunks may need each other
  loaded.set(name, chunk);
  // all ASCII (scripts/build.mjs)
  const script = new Script(module.wrap(readFileSync(file, 'latin1')), {
    filename,
    cachedData: keptCode(file),
  });
  const run: ChunkFunction = script.runInThisContext();
  run(chunk.exports, withKeptCode, chunk);
  return chunk.exports;
}

type ChunkFunction = (exports: object, require: (name: string) => unknown, chunk: { exports: object }) => void;

const loaded = new Map<string, { exports: object }>();

function keptCode(file: string): Buffer | undefined {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

export const program = start();
