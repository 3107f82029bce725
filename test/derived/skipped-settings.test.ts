import { describe, expect, it } from 'vitest';

import { isSkippedIfClosed, skippedSettings } from '../../src/derived/skipped-settings.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { ClosedEntry } from '../../src/facts/server-files.ts';
import { aServerFiles, autoConf, configFile, directory } from '../rules/standby-world.ts';

const closed = (path: string): ClosedEntry => ({
  path,
  kind: 'file',
  owner: { uid: 0, name: 'root' },
  own: false,
  mode: 0o600,
  wanted: 'read',
});
const files = (...paths: readonly string[]) => seen(aServerFiles({ closed: paths.map(closed) }), 'the files');

describe('the settings that a server starts without', () => {
  it.each([
    ['nothing is closed', files(), undefined],
    ['files that it does not start without', files(configFile, `${directory}/global/pg_control`), undefined],
    ['postgresql.auto.conf', files(autoConf), closed(autoConf)],
    ['postgresql.auto.conf behind another one', files(configFile, autoConf), closed(autoConf)],
    ['the files were not seen', unseen('permission', 'they may not be read'), undefined],
    ['there are none', notApplicable('not in this setup'), undefined],
  ])('%s', (_, serverFiles, entry) => expect(skippedSettings(serverFiles)).toEqual(entry));
});

it.each([
  [autoConf, true],
  [configFile, false],
  [`${autoConf}.tmp`, false],
  [`${directory}/old-postgresql.auto.conf`, false],
])('%s is skipped where it is closed: %s', (path, isSkipped) => expect(isSkippedIfClosed({ path })).toBe(isSkipped));
