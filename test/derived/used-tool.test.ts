import { expect, it } from 'vitest';

import { usedTool } from '../../src/derived/used-tool.ts';
import type { ClientTools, Tool } from '../../src/facts/machine.ts';
import { aBaseBackup } from '../rules/world.ts';

const tool = (path: string): Tool => ({
  path,
  version: '15.18',
  major: 15,
  binDirectory: path.replace(/\/[^/]*$/u, ''),
});
const onPath = tool('/usr/bin/pg_basebackup');
const fifteen = tool('/usr/lib/postgresql/15/bin/pg_basebackup');
const seventeen = tool('/usr/lib/postgresql/17/bin/pg_basebackup');
const tools = (change: Partial<ClientTools> = {}): ClientTools => ({
  onPath,
  basebackups: [fifteen, seventeen],
  chosen: fifteen,
  servers: [],
  ...change,
});

it.each<readonly [string, string | undefined, ClientTools | undefined, Tool | undefined]>([
  ['no path is named', undefined, tools(), fifteen],
  ['one of several is named', seventeen.path, tools(), seventeen],
  ['the one of PATH is named', onPath.path, tools(), onPath],
  ['one that was not found is named', '/opt/bin/pg_basebackup', tools(), fifteen],
  ['nothing is on PATH', seventeen.path, tools({ onPath: undefined }), seventeen],
  ['none was chosen', undefined, tools({ chosen: undefined }), undefined],
  ['none was chosen, and one is named', onPath.path, tools({ chosen: undefined }), onPath],
  ['the tools were not seen', onPath.path, undefined, undefined],
])('%s', (_, program, all, used) => expect(usedTool(aBaseBackup({ program }), all)).toBe(used));
