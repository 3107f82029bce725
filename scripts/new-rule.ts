// npm run new-rule GROUP/NAME "TITLE": a rule, its place in the group and its table, each a copy to be filled in.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Writes the files of a new rule under `root`, and returns their paths in it. Throws where the group does not exist, or the rule does. */
export async function newRule(root: string, id: string, title: string): Promise<readonly string[]> {
  const [, group, name] = /^([a-z]+)\/([a-z][a-z0-9-]*)$/u.exec(id) ?? [];
  if (group === undefined || name === undefined) throw new Error(`"${id}" is not of the form group/kebab-case.`);
  const list = `src/rules/${group}/group.ts`;
  if (!existsSync(join(root, list))) throw new Error(`There is no group "${group}": ${list} does not exist.`);
  const [rule, table] = [`src/rules/${id}.ts`, `test/rules/${id}.test.ts`];
  for (const path of [rule, table]) if (existsSync(join(root, path))) throw new Error(`${path} exists.`);
  const written: readonly (readonly [path: string, text: string])[] = [
    [rule, ruleText(id, title, camelCase(name))],
    [table, tableText(id, camelCase(name))],
    [list, withEntry(await readFile(join(root, list), 'utf8'), name, camelCase(name))],
  ];
  for (const [path, text] of written) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return written.map(([path]) => path);
}

const camelCase = (name: string): string =>
  name.replaceAll(/-([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase());

const ruleText = (id: string, title: string, name: string): string => `import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { changeAndReload } from '../../remedies/change-setting.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const ${name} = defineRule({
  id: '${id}',
  title: ${quoted(title)},
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['primarySettings'],
  wants: ['primary', 'fileSettings', 'primaryControl'],
  docs: {
    what: 'Warns if …',
    why: 'What that does to a standby: …',
    references: ['https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION'],
  },
  judge(facts) {
    const value = textOf(facts.primarySettings, 'a_setting');
    if (value !== 'wrong') return pass(\`a_setting is \${value ?? 'not set'}\`);
    return fail({
      message: 'What was seen, and what it causes.',
      where: at('primary', ifSeen(facts.primary)?.name),
      evidence: [evidence('a_setting', value, 'pg_settings')],
      remedy: safe(
        'Change a_setting, and reload.',
        ...changeAndReload(
          { ...facts, primarySettings: { status: 'seen', value: facts.primarySettings, source: 'pg_settings' } },
          { a_setting: 'right' },
        ),
      ),
    });
  },
});
`;

const tableText = (id: string, name: string): string => `import { ${name} } from '../../../src/rules/${id}.ts';
import { testRule } from '../rule-tester.ts';
import { someSettings } from '../world.ts';

testRule(${name}, {
  passes: [{ name: 'another value', facts: { primarySettings: someSettings({ a_setting: 'other' }) } }],
  fails: [
    {
      name: 'the wrong value',
      facts: { primarySettings: someSettings({ a_setting: 'wrong' }) },
      steps: ["ALTER SYSTEM SET a_setting = 'right';", 'SELECT pg_reload_conf();'],
    },
  ],
});
`;

/** The row of the rule, and the list that it belongs to. */
export function scenarioRow(root: string, id: string): { readonly file: string; readonly text: string } {
  const [group] = id.split('/');
  const file =
    [`test/scenarios/${group}.ts`, `test/scenarios/postmortem-${group}.ts`].find((path) =>
      existsSync(join(root, path)),
    ) ?? 'test/scenarios/postmortem-way.ts';
  const text = `  {
    rule: '${id}',
    fault: async ({ primary }) => {
      await primary.server.psql("ALTER SYSTEM SET a_setting = 'wrong'; SELECT pg_reload_conf();");
    },
  },`;
  return { file, text };
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;

/** The group's list with the rule at its end. */
function withEntry(list: string, name: string, exported: string): string {
  const end = list.lastIndexOf('] as const');
  const before = list.lastIndexOf('import ', end);
  const line = list.indexOf('\n', before) + 1;
  if (end === -1 || before === -1) throw new Error('The group has no list that ends in "] as const".');
  return `${list.slice(0, line)}import { ${exported} } from './${name}.ts';\n${list.slice(line, end)}  ${exported},\n${list.slice(end)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , id, title] = process.argv;
  if (id === undefined || title === undefined) {
    console.error('Usage: npm run new-rule GROUP/NAME "TITLE"');
    process.exitCode = 2;
  } else {
    const root = fileURLToPath(new URL('..', import.meta.url));
    for (const path of await newRule(root, id, title)) console.log(`wrote ${path}`);
    const row = scenarioRow(root, id);
    console.log(`
Next:
  1. fill in src/rules/${id}.ts and its table, and run   npx vitest run test/rules/${id}.test.ts --update
  2. npm run format && npm run generate                  its page, its id, the index of the rules
  3. add its row to the list in ${row.file}, with the fault as it is made on real servers (an error must have one):
${row.text}
     and play it:   npm run scenarios -- ${row.file.includes('postmortem') ? 'postmortem' : 'preflight'}-17 -t ${id}`);
  }
}
