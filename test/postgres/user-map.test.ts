import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatUserMapLine, judgeUserMap, parseUserMaps } from '../../src/postgres/user-map.ts';

const file = '/data/pg_ident.conf';
const ask = (text: string, systemUser: string, role: string, serverVersion = 17, groups: readonly string[] = []) =>
  judgeUserMap(parseUserMaps({ file, text, serverVersion }).lines, {
    map: 'm',
    systemUser,
    role,
    roleGroups: new Set(groups),
    serverVersion,
  }).verdict;

describe('pg_ident.conf', () => {
  it.each([
    ['a name', 'm standby1 replicator', 'standby1', 'replicator', 'matches'],
    ['another map', 'n standby1 replicator', 'standby1', 'replicator', 'does not match'],
    ['upper and lower case', 'm Standby1 replicator', 'standby1', 'replicator', 'does not match'],
    ['a comment', '# m standby1 replicator', 'standby1', 'replicator', 'does not match'],
    ['quotes', 'm "O=Example, CN=standby 1" replicator', 'O=Example, CN=standby 1', 'replicator', 'matches'],
    ['a regular expression', 'm /^standby[0-9]+$ replicator', 'standby12', 'replicator', 'matches'],
    ['one that does not match', 'm /^standby[0-9]+$ replicator', 'primary', 'replicator', 'does not match'],
    ['what it captures', String.raw`m /^(.*)@example\.com$ \1`, 'replicator@example.com', 'replicator', 'matches'],
    ['in brackets', String.raw`m /^[(](.*)[)]$ \1`, '(replicator)', 'replicator', 'matches'],
    ['a part of the role', String.raw`m /^(.*)@x$ r_\1`, 'one@x', 'r_one', 'matches'],
    ['another role', String.raw`m /^(.*)@example\.com$ \1`, 'alice@example.com', 'replicator', 'does not match'],
    ['another domain', String.raw`m /^(.*)@example\.com$ \1`, 'replicator@example.org', 'replicator', 'does not match'],
    ['too few columns', 'm standby1', 'standby1', 'replicator', 'does not match'],
  ])('%s', (_name, text, systemUser, role, verdict) => {
    expect(ask(text, systemUser, role)).toBe(verdict);
  });

  it('knows all, groups and patterns of roles from 16 on', () => {
    for (const role of ['all', '+standbys', '/^repl']) {
      expect(ask(`m x ${role}`, 'x', 'replicator', 16, ['standbys'])).toBe('matches');
      expect(ask(`m x ${role}`, 'x', 'replicator', 15, ['standbys'])).toBe('does not match');
    }
    expect(ask('m x "all"', 'x', 'replicator')).toBe('does not match');
  });

  it('follows includes from 16 on', () => {
    const parsed = parseUserMaps({
      file,
      text: 'include more.conf\ninclude gone.conf',
      serverVersion: 16,
      source: { read: (path) => (path === '/data/more.conf' ? 'm x y' : undefined) },
    });
    expect(parsed.lines).toMatchObject([{ file: '/data/more.conf', line: 1, map: 'm', systemUser: 'x' }]);
    expect(parsed.asked).toEqual(['/data/more.conf', '/data/gone.conf']);
  });

  it('reads back every line that is written', () => {
    const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((text) => !/[\r\n\0]/u.test(text));
    fc.assert(
      fc.property(name, name, fc.constantFrom(13, 15, 16, 18), (systemUser, role, serverVersion) => {
        fc.pre(!systemUser.startsWith('/') && !role.startsWith('/'));
        const line = formatUserMapLine({ map: 'm', systemUser, role });
        expect(ask(line, systemUser, role, serverVersion)).toBe('matches');
      }),
    );
  });
});
