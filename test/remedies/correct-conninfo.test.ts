import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';

import { notApplicable, seen } from '../../src/facts/observed.ts';
import type { Step } from '../../src/findings/report.ts';
import type { StandbyConninfo } from '../../src/facts/standby-configuration.ts';
import { editedText } from '../../src/fixes/edited-text.ts';
import { maskConninfo } from '../../src/postgres/conninfo-mask.ts';
import { writtenFiles } from '../../src/postgres/written-lines.ts';
import { connectWith } from '../../src/remedies/connecting.ts';
import { correcting } from '../../src/remedies/correct-conninfo.ts';
import { aConninfo, aDataDirectory } from '../rules/standby-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'conninfo-edit-'));
const file = join(folder, 'postgresql.auto.conf');
afterAll(() => rmSync(folder, { recursive: true }));

const not = notApplicable('the test');
const facts = (conninfo: StandbyConninfo) => ({
  now: new Date('2026-11-21T20:00:00Z'),
  baseBackup: not,
  standbyConninfo: seen(conninfo, 'the test'),
  dataDirectory: seen(aDataDirectory(), 'the test'),
  standbyControl: not,
  runningStandby: not,
});

const conninfo = fc
  .record({
    user: fc.constantFrom('', 'user=b ', "user='b c' "),
    password: fc.constantFrom('', 'password=secret ', "password='se cr=et' ", 'password = secret '),
    host: fc.constantFrom('host=db9 ', 'host = db9 ', "host='db9' "),
    more: fc.constantFrom('', 'sslmode=prefer ', 'hots=x ', "sslpassword='x y' ", 'port=1 application_name=host'),
    order: fc.boolean(),
  })
  .map(({ user, password, host, more, order }) =>
    order ? user + password + host + more : host + password + user + more,
  );

/** What is typed and what the tool does make the same of the line, whatever the password in it. */
function bothWays(text: string, stepsFor: (about: StandbyConninfo) => readonly Step[]): void {
  const content = `# ${text}\nprimary_conninfo = '${text.replaceAll("'", "''")}' # as of today\nport = 1\n`;
  const written = writtenFiles(new Map([[file, content]]));
  const [step] = stepsFor(aConninfo({ text: maskConninfo(text), file, line: 2, written }));
  if (step?.kind !== 'shell') return;
  expect(JSON.stringify(step)).not.toMatch(/secret|se cr=et/u);
  writeFileSync(file, content);
  const ran = spawnSync('sh', ['-c', step.text], { encoding: 'utf8' });
  expect([ran.status, ran.stderr], step.text).toEqual([0, '']);
  const typed = readFileSync(file, 'utf8');
  if (step.edit === undefined) return;
  const made = editedText(Buffer.from(content), step.edit);
  expect(made.ok ? Buffer.from(made.bytes).toString() : made, `${content}${step.text}`).toBe(typed);
  edits += 1;
}
let edits = 0;

it('parameters are set, added and taken out', () => {
  const values = fc.constantFrom<Readonly<Record<string, string | undefined>>>(
    { host: 'db1' },
    { host: "d b'1", port: '5433' },
    { host: 'db1', hostaddr: undefined, user: 'x' },
    { sslmode: 'require', application_name: undefined },
    { host: '$1 & \\1 $&' },
  );
  fc.assert(
    fc.property(conninfo, values, (text, wanted) => bothWays(text, (about) => connectWith(facts(about), wanted, {}))),
    { numRuns: 150 },
  );
  expect(edits).toBeGreaterThan(75);
});

it('a word is corrected', () => {
  edits = 0;
  const word = fc.constantFrom(
    { name: 'hots', instead: 'host' },
    { name: 'hots', instead: undefined },
    { name: 'host', instead: 'hostaddr' },
  );
  fc.assert(
    fc.property(conninfo, word, (text, wanted) =>
      bothWays(text, (about) => correcting({ ...facts(about), dataDirectory: aDataDirectory() }, about, [wanted])),
    ),
    { numRuns: 100 },
  );
  expect(edits).toBeGreaterThan(10);
});
