import { describe, expect, it } from 'vitest';

import { nameInLibdir } from '../../src/derived/library-name.ts';

describe('the name of a library in $libdir', () => {
  it.each([
    ['as it is', 'pg_stat_statements', 'pg_stat_statements'],
    ['by $libdir', '$libdir/postgis-3', 'postgis-3'],
    ['with an ending', 'auto_explain.so', 'auto_explain'],
    ['with an ending of macOS', '$libdir/plpgsql.dylib', 'plpgsql'],
    ['with an ending that it has not', 'lib.1', 'lib.1'],
    ['in the folder for everybody', '$libdir/plugins/plugin_debugger', 'plugins/plugin_debugger'],
    ['in another folder below it', 'other/lib', undefined],
    ['by its whole path', '/opt/lib/vendor.so', undefined],
  ])('%s', (_, library, name) => expect(nameInLibdir(library)).toBe(name));
});
