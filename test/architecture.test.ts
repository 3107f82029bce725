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
  ].map(([, type, named, dynamic]) => ({
    from: named ?? dynamic ?? '',
    typeOnly: type !== undefined,
  }));

const folderOf = (file: string): string => file.split('/')[0] ?? '';

/** What the package ships beside the program. */
const outside: Readonly<Record<string, string>> = {
  'cli/version.ts': '../package.json',
  'cli/output/saved-report.ts': '../schemas/report.json',
  'fixes/read-journal.ts': '../schemas/journal.json',
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

describe('imports, those of types and late ones too, make no circle', () => {
  const below = new Map(
    sources.map((file) => [
      file,
      importsOf(file)
        .filter(({ from }) => from.startsWith('.'))
        .map(({ from }) => relative(src, resolve(dirname(join(src, file)), from))),
    ]),
  );

  it.each(sources)('%s', (file) => {
    const reached = new Set<string>();
    const waiting = [...(below.get(file) ?? [])];
    for (const next of waiting) {
      if (reached.has(next)) continue;
      reached.add(next);
      waiting.push(...(below.get(next) ?? []));
    }
    expect([...reached]).not.toContain(file);
  });
});

describe('the outside world is touched in few places', () => {
  const modules: Readonly<Record<string, readonly string[]>> = {
    fs: ['hosts', 'throwaway', 'cli'],
    'fs/promises': ['hosts', 'throwaway', 'cli'],
    child_process: ['hosts', 'throwaway'],
    execa: ['hosts', 'throwaway'],
    'fast-glob': ['hosts', 'throwaway'],
    net: ['hosts', 'servers', 'throwaway'],
    tls: ['servers', 'throwaway'],
    dns: ['hosts'],
    'dns/promises': ['hosts'],
    os: ['hosts', 'throwaway', 'cli'],
    http: ['cli'],
    https: [],
    pg: ['servers', 'throwaway'],
    chalk: ['report', 'cli', 'throwaway'],
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

  const withoutComments = (file: string): string =>
    readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/gu, '');
  const of = (folders: readonly string[]): readonly string[] =>
    sources.filter((file) => folders.includes(folderOf(file)));
  const pure = [
    ...['rules', 'derived', 'findings', 'diagnosis', 'explain', 'report', 'remedies', 'facts', 'postgres', 'recording'],
  ];

  it.each(of(pure))('%s has no clock, no environment and no chance of its own', (file) => {
    expect(withoutComments(file)).not.toMatch(
      /\bDate\.now\(|\bnew Date\(\)|\bprocess\.(?:env|cwd|stdout|argv)\b|\bMath\.random\(|\bperformance\.now\(/u,
    );
  });

  /** Entries of the journal and the names of copies are of the machine that the tool runs on, and so is what `pg` reads by itself. */
  const ofTheTool: Readonly<Record<string, readonly string[]>> = {
    'fixes/apply-plan.ts': ['new Date()'],
    'fixes/undo.ts': ['new Date()'],
    'servers/login.ts': ['process.env'],
  };

  it.each(of([...pure, 'servers', 'checks', 'clone', 'fixes']))(
    '%s asks the examined machine for its time, its users and its environment',
    (file) => {
      const found = [
        // a process that was found may be called so, and shows its number in a text
        ...withoutComments(file)
          .replaceAll(/\$\{process\.pid\}/gu, '')
          .matchAll(
            /\bDate\.now\(\)|\bnew Date\(\)|\bprocess\.(?:env|cwd|chdir|get[a-z]+|platform|arch|pid|ppid|kill|umask)\b|\b(?:tmpdir|homedir|hostname|userInfo|networkInterfaces)\(/gu,
          ),
      ].map(([word]) => word);
      expect(found.filter((word) => ofTheTool[file]?.includes(word) !== true)).toEqual([]);
    },
  );

  /** What is typed where the report is read, what is kept there, and whoever looks for standbys on the machine itself. */
  const onThisMachine = [
    ...['cli/clone/container.ts', 'cli/configuration/init.ts', 'cli/demo/tour.ts', 'cli/examination/examination.ts'],
    ...['cli/examination/places.ts', 'cli/examination/standby-examination.ts', 'cli/fix/undo.ts'],
    ...['cli/fleet/inventory/read.ts', 'fixes/reach.ts'],
  ];

  it('takes the machine that it runs on for the examined one where the command line says so, and nowhere else', () => {
    const uses = sources.filter((file) => folderOf(file) !== 'hosts' && /\blocalHost\(/u.test(withoutComments(file)));
    expect(uses).toEqual(onThisMachine);
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

  it.each(ruleFiles)('%s exports its rule, and nothing else', (file) => {
    const exported = readFileSync(join(src, file), 'utf8').match(/^export .*/gmu) ?? [];
    expect(exported).toEqual([expect.stringMatching(/^export const \w+ = defineRule\(\{$/u)]);
  });

  it('explain rules that there are', () => {
    const explained = catalogue.flatMap((rule: { readonly explains?: readonly string[] }) => rule.explains ?? []);
    expect(explained.filter((id) => !ids.includes(id))).toEqual([]);
  });
});
