import { describe, expect, it } from 'vitest';

import { parseTablespaceMapping } from '../../src/postgres/tablespace-mapping.ts';

// pg_basebackup.c, tablespace_list_append
describe('-T OLDDIR=NEWDIR', () => {
  it.each([
    ['/srv/fast=/srv/standby/fast', { from: '/srv/fast', to: '/srv/standby/fast' }],
    ['/srv//fast/./=/srv/a/../b/', { from: '/srv/fast', to: '/srv/b' }],
    ['/srv/a\\=b=/srv/c', { from: '/srv/a=b', to: '/srv/c' }],
    ['/srv/a=/srv/b=/srv/c', 'multiple "=" signs in tablespace mapping'],
    ['/srv/a', 'invalid tablespace mapping format "/srv/a", must be "OLDDIR=NEWDIR"'],
    ['=/srv/b', 'invalid tablespace mapping format "=/srv/b", must be "OLDDIR=NEWDIR"'],
    ['a=/srv/b', 'old directory is not an absolute path in tablespace mapping: a'],
    ['/srv/a=b', 'new directory is not an absolute path in tablespace mapping: b'],
  ])('%s', (text, read) => {
    expect(parseTablespaceMapping(text)).toEqual(read);
  });
});
