import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { catalogue } from '../src/rules/catalogue.ts';
import { pagePath } from '../src/rules/rule-page.ts';
import { rooms } from './rooms.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

const sources: readonly string[] = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(src, join(entry.parentPath, entry.name)))
  .toSorted();

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

const importsOf = (file: string): readonly Import[] =>
  [
    ...readFileSync(join(src, file), 'utf8').matchAll(
      /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\b(?:import|getBuiltinModule)\(\s*'([^']+)'\s*\)/gmu,
    ),
  ].map(([, type, named, dynamic]) => ({ from: named ?? dynamic ?? '', typeOnly: type !== undefined }));

const folderOf = (file: string): string => file.split('/')[0] ?? '';

/** What the package ships beside the program. */
const outside: Readonly<Record<string, string>> = {
  'cli/version.ts': '../package.json',
  'cli/saved-report.ts': '../schemas/report.json',
  'cli/configuration/read.ts': '../schemas/config.json',
};

describe('imports go one way', () => {
  it('knows every folder', () => {
    expect([...new Set(sources.map(folderOf))].toSorted()).toEqual(Object.keys(rooms).toSorted());
  });

  it('from the ground up', () => {
    const names = Object.keys(rooms);
    for (const [name, { imports, types = [] }] of Object.entries(rooms))
      for (const below of [...imports, ...types])
        expect(names.indexOf(below), `${name} imports ${below}`).toBeLessThan(names.indexOf(name));
  });

  it.each(sources)('%s', (file) => {
    const folder = folderOf(file);
    const room = rooms[folder];
    const wrong = importsOf(file)
      .filter(({ from }) => from.startsWith('.'))
      .map(({ from, typeOnly }) => ({ typeOnly, target: relative(src, resolve(dirname(join(src, file)), from)) }))
      .filter(({ target, typeOnly }) => {
        if (target.startsWith('..')) return outside[file] !== target;
        const to = folderOf(target);
        if (to === folder || room?.imports.includes(to) === true) return false;
        return !(typeOnly && room?.types?.includes(to) === true);
      })
      .map(({ target }) => target);
    expect(wrong).toEqual([]);
  });
});

describe('the outside world is touched in few places', () => {
  const modules: Readonly<Record<string, readonly string[]>> = {
    fs: ['hosts', 'demo', 'cli'],
    'fs/promises': ['hosts', 'demo', 'cli'],
    child_process: ['hosts', 'demo'],
    execa: ['hosts', 'demo'],
    'fast-glob': ['hosts', 'demo'],
    net: ['hosts', 'servers', 'demo'],
    tls: ['servers', 'demo'],
    dns: ['hosts'],
    'dns/promises': ['hosts'],
    os: ['hosts', 'demo', 'cli'],
    http: ['cli'],
    https: [],
    pg: ['servers', 'demo'],
    chalk: ['report', 'cli', 'demo'],
  };

  it.each(sources)('%s', (file) => {
    const wrong = importsOf(file)
      .filter(({ typeOnly }) => !typeOnly)
      .map(({ from }) => from.replace(/^node:/u, ''))
      .filter((module) => modules[module]?.includes(folderOf(file)) === false);
    // what a socket's address looks like is arithmetic
    const arithmetic = /import \{ isIP(?:v4|v6)?(?:, isIP(?:v4|v6)?)* \} from 'node:net'/u.test(
      readFileSync(join(src, file), 'utf8'),
    );
    expect(wrong.filter((module) => !(module === 'net' && arithmetic))).toEqual([]);
  });

  it.each(
    sources.filter((file) =>
      [
        'rules',
        'derived',
        'findings',
        'diagnosis',
        'explain',
        'report',
        'remedies',
        'facts',
        'postgres',
        'recording',
      ].includes(folderOf(file)),
    ),
  )('%s has no clock, no environment and no chance of its own', (file) => {
    const code = readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/gu, '');
    expect(code).not.toMatch(
      /\bDate\.now\(|\bnew Date\(\)|\bprocess\.(?:env|cwd|stdout|argv)\b|\bMath\.random\(|\bperformance\.now\(/u,
    );
  });
});

describe('rules', () => {
  const ids = catalogue.map(({ id }): string => id);
  const ruleFiles = sources.filter(
    (file) => /^rules\/[a-z]+\//u.test(file) && /\bdefineRule\(/u.test(readFileSync(join(src, file), 'utf8')),
  );

  it('have different ids, in the order of the groups', () => {
    expect(new Set(ids).size).toBe(ids.length);
    const groups = [...new Set(ids.map((id) => id.split('/')[0]))];
    const order = [
      ...['command', 'target', 'client', 'network', 'tls', 'hba', 'role', 'primary', 'slot'],
      ...['standby', 'conninfo', 'recovery', 'wal', 'timeline', 'streaming', 'manager'],
      ...['platform', 'log', 'configuration'],
    ];
    expect(groups).toEqual(order.filter((group) => groups.includes(group)));
    expect(ids.map((id) => groups.indexOf(id.split('/')[0]))).toEqual(
      ids.map((id) => groups.indexOf(id.split('/')[0])).toSorted((a, b) => a - b),
    );
  });

  it('are alone in the folders of their groups, but for the list of the group', () => {
    const others = sources.filter((file) => /^rules\/[a-z]+\//u.test(file) && !ruleFiles.includes(file));
    expect([...new Set(others.map((file) => basename(file)))]).toEqual(['group.ts']);
  });

  it.each(ruleFiles)('%s: its name is its id, and it is in the catalogue', (file) => {
    const id = `${basename(dirname(file))}/${basename(file, '.ts')}`;
    expect(readFileSync(join(src, file), 'utf8')).toContain(`id: '${id}'`);
    expect(ids).toContain(id);
  });

  it.each(ids)('%s has a file, a page, a test, and docs that say something', (id) => {
    expect(ruleFiles).toContain(`rules/${id}.ts`);
    expect(readFileSync(join(root, pagePath(id)), 'utf8')).toContain(`# ${id}`);
    const rule = catalogue.find((candidate) => candidate.id === id);
    expect(rule?.docs.what).toMatch(/\.$/u);
    expect(rule?.docs.why).toMatch(/\.$/u);
    expect(rule?.docs.references.length).toBeGreaterThan(0);
    expect(rule?.title).not.toMatch(/\.$/u);
  });

  it('explain rules that there are, or that a later command brings', () => {
    const later = /^(?:standby|conninfo|recovery|wal|timeline|streaming|log)\//u;
    const unknown = catalogue
      .flatMap((rule: { readonly explains?: readonly string[] }) => rule.explains ?? [])
      .filter((id) => !ids.includes(id) && !later.test(id));
    expect(unknown).toEqual([]);
  });
});
