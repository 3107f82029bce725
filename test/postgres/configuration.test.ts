import { posix } from 'node:path';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseConfigurationText, quoteSetting, unquoteSetting } from '../../src/postgres/configuration-file.ts';
import { readConfiguration } from '../../src/postgres/configuration.ts';
import type { Configuration, ConfigurationFiles } from '../../src/postgres/configuration.ts';

/** Files in memory; a directory is there when a file is in it. */
function inMemory(contents: Readonly<Record<string, string>>): ConfigurationFiles {
  return {
    read: async (path) => {
      const text = contents[path];
      return text === undefined ? { status: 'absent' } : { status: 'text', text };
    },
    list: async (directory) => {
      const inside = Object.keys(contents).filter((path) => path.startsWith(`${directory}/`));
      const names = new Set(inside.map((path) => path.slice(directory.length + 1).split('/')[0] ?? ''));
      return names.size === 0
        ? { status: 'absent' }
        : {
            status: 'listed',
            entries: [...names].map((name) => ({ name, isDirectory: !(posix.join(directory, name) in contents) })),
          };
    },
  };
}

async function read(contents: Readonly<Record<string, string>>): Promise<Configuration> {
  return readConfiguration(inMemory(contents), { configFile: '/d/postgresql.conf', dataDirectory: '/d' });
}

const pairs = (text: string): string[] =>
  parseConfigurationText(text).lines.map(({ name, value }) => `${name}=${value}`);

describe('a line of postgresql.conf', () => {
  it.each([
    ['port = 5433', 'port=5433'],
    ['port 5433', 'port=5433'],
    ['PORT=5433# comment', 'port=5433'],
    ["  a.b = 'it''s'\t", "a.b=it's"],
    [String.raw`x = 'a\'b\\c\n\101\\'`, "x=a'b\\c\nA\\"],
    [String.raw`x = '\303\274\xy'`, 'x=üxy'],
    ["x = ''", 'x='],
    ["x = '# no comment'", 'x=# no comment'],
    ['x = -0x1F', 'x=-0x1F'],
    ['x = 8MB', 'x=8MB'],
    ['x = .5e3', 'x=.5e3'],
    ['x = pg-catalog.a/b:c', 'x=pg-catalog.a/b:c'],
    ['größe = wert', 'größe=wert'],
  ])('%j', (text, expected) => {
    expect(pairs(text)).toEqual([expected]);
  });

  it.each([
    ['port', null, 'a value'],
    ['port =', null, 'a value'],
    ['port = # 5432', null, 'a value'],
    ['port = = 5432', '=', 'a value'],
    ['= 5432', '=', 'the name of a setting'],
    ["'port' = 5432", "'port'", 'the name of a setting'],
    ['5432', '5432', 'the name of a setting'],
    ['a-b = 1', 'a-b', 'the name of a setting'],
    ['port = 5432 5433', '5433', 'the end of the line'],
    ['x = 1.5GB', 'GB', 'the end of the line'],
    ["x = 'open", "'", 'a value'],
    ["x = 'a' b'", 'b', 'the end of the line'],
    ["x = 'it's'", 's', 'the end of the line'],
    ['primary_conninfo = “host=a”', '=', 'the end of the line'],
    ['x = a.b.c,d', ',', 'the end of the line'],
    ['a.b.c = 1', 'a.b.c', 'the name of a setting'],
    ['x = $1', '$', 'a value'],
    ['\f', '\f', 'the name of a setting'],
  ])('%j is told to have a fault', (text, near, expected) => {
    const { lines, faults } = parseConfigurationText(`a = 1\n${text}\nb = 2`);
    expect(lines.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(faults).toEqual([{ line: 2, near, expected }]);
  });

  it('counts lines, and stops after 100 faults', () => {
    expect(parseConfigurationText('\n\n# x\na = 1\n').lines).toEqual([{ line: 4, name: 'a', value: '1' }]);
    const { faults, abandoned } = parseConfigurationText('=\n'.repeat(200));
    expect([faults.length, faults.at(-1)?.line, abandoned]).toEqual([100, 100, true]);
  });

  it('gives back every value that was quoted', () => {
    const value = fc.string({
      unit: fc.oneof(fc.constantFrom("'", '\\', '\n', ' ', '#'), fc.string({ minLength: 1 })),
    });
    fc.assert(
      fc.property(
        value.filter((text) => !text.includes('\0')),
        (text) => {
          expect(unquoteSetting(quoteSetting(text))).toBe(text);
          expect(parseConfigurationText(`x = ${quoteSetting(text)}`).lines).toEqual([
            { line: 1, name: 'x', value: text },
          ]);
        },
      ),
    );
  });

  it('takes any text, and one of megabytes in time', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseConfigurationText(text).lines)));
    for (const text of [
      "x = '" + 'a'.repeat(2e6),
      "'".repeat(2e6),
      ' '.repeat(2e6),
      '#'.repeat(2e6),
      'x'.repeat(2e6),
      '1'.repeat(2e6),
    ]) {
      expect(parseConfigurationText(text).faults.length).toBeLessThanOrEqual(1);
    }
  });
});

const from = (line: number): unknown => ({ file: '/d/postgresql.conf', line });

describe('the configuration', () => {
  it('takes the last of each setting, and tells the others', async () => {
    const { settings, faults, filesRead } = await read({
      '/d/postgresql.conf': "port = 1\ninclude 'conf/more.conf'\nport = 3\n",
      '/d/conf/more.conf': 'Port = 2\nwal_level = logical',
      '/d/postgresql.auto.conf': "port = '4'\n",
    });
    expect(faults).toEqual([]);
    expect(filesRead).toEqual(['/d/postgresql.conf', '/d/conf/more.conf', '/d/postgresql.auto.conf']);
    expect(settings.get('wal_level')).toMatchObject({ value: 'logical', overridden: [] });
    const port = settings.get('port');
    expect(port).toMatchObject({ value: '4', source: { file: '/d/postgresql.auto.conf', line: 1 } });
    expect(port?.overridden.map(({ value, source }) => [value, source])).toEqual([
      ['1', { kind: 'file', file: '/d/postgresql.conf', line: 1 }],
      ['2', { kind: 'file', file: '/d/conf/more.conf', line: 1 }],
      ['3', { kind: 'file', file: '/d/postgresql.conf', line: 3 }],
    ]);
  });

  it('is beaten by the command line', async () => {
    const { settings } = await readConfiguration(inMemory({ '/c/p.conf': 'port = 1' }), {
      configFile: '/c/p.conf',
      dataDirectory: '/d',
      commandLine: [{ name: 'port', value: '2', written: '-p 2' }],
    });
    expect(settings.get('port')).toMatchObject({ value: '2', source: { kind: 'command line', written: '-p 2' } });
    expect(settings.get('port')?.overridden).toHaveLength(1);
  });

  it('reads a directory in the order of bytes, and only its .conf files', async () => {
    const { settings, filesRead } = await read({
      '/d/postgresql.conf': "include_dir = 'conf.d/'\n",
      '/d/conf.d/b.conf': 'x = b',
      '/d/conf.d/B.conf': 'x = B',
      '/d/conf.d/é.conf': 'x = e',
      '/d/conf.d/.hidden.conf': 'x = hidden',
      '/d/conf.d/.conf': 'x = nameless',
      '/d/conf.d/a.conf.bak': 'x = bak',
      '/d/conf.d/sub.conf/x.conf': 'x = sub',
    });
    expect(filesRead.slice(1)).toEqual(['/d/conf.d/B.conf', '/d/conf.d/b.conf', '/d/conf.d/é.conf']);
    expect(settings.get('x')?.value).toBe('e');
  });

  it('tells what is not there, and reads on', async () => {
    const { faults, skipped, settings } = await read({
      '/d/postgresql.conf':
        "include 'gone.conf'\ninclude_if_exists 'optional.conf'\ninclude_dir 'gone.d'\ninclude ''\nx = 1\n",
    });
    expect(faults).toEqual([
      { kind: 'not-read', path: '/d/gone.conf', what: 'file', problem: { status: 'absent' }, includedFrom: from(1) },
      { kind: 'not-read', path: '/d/gone.d', what: 'directory', problem: { status: 'absent' }, includedFrom: from(3) },
      { kind: 'empty-name', path: '', includedFrom: from(4) },
    ]);
    expect(skipped.map(({ path }) => path)).toEqual(['/d/optional.conf', '/d/postgresql.auto.conf']);
    expect(settings.get('x')?.value).toBe('1');
  });

  it('ends where files include each other, as the server does', async () => {
    const itself = await read({ '/d/postgresql.conf': "include 'postgresql.conf'\n" });
    expect(itself.faults).toMatchObject([{ kind: 'recursion', includedFrom: { line: 1 } }]);
    const loop = await read({ '/d/postgresql.conf': "include 'a.conf'", '/d/a.conf': "include './postgresql.conf'" });
    expect(loop.faults).toMatchObject([{ kind: 'too-deep' }]);
    expect(loop.filesRead).toHaveLength(11);
    const fan = "include 'a.conf'\n".repeat(50);
    const wide = await read({ '/d/postgresql.conf': fan, '/d/a.conf': fan.replaceAll('a.', 'b.'), '/d/b.conf': '' });
    expect(wide.faults.map(({ kind }) => kind)).toEqual(['too-many-files']);
  });

  it('says when the main file is not there', async () => {
    const { faults } = await read({});
    expect(faults).toMatchObject([{ kind: 'not-read', path: '/d/postgresql.conf', includedFrom: null }]);
  });
});
