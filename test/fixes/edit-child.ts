import { readFileSync, writeSync } from 'node:fs';

import { applyEdit } from '../../src/fixes/edit.ts';
import { localHost } from '../../src/hosts/local.ts';

/** A process that makes one edit and can be killed at it: `edit-child.ts EDIT`. It waits for a line before it begins. */
const [, , given = ''] = process.argv;
const host = localHost();
writeSync(1, 'ready\n');
readFileSync(0);
const done = await applyEdit(host, JSON.parse(given));
writeSync(1, `${JSON.stringify(done)}\n`);
