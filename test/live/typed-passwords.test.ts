import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Passfile } from '../../src/facts/connection.ts';
import { notApplicable } from '../../src/facts/observed.ts';
import type { Step } from '../../src/findings/report.ts';
import { parseConfigurationText } from '../../src/postgres/configuration-file.ts';
import { maskConninfo } from '../../src/postgres/conninfo-mask.ts';
import { maskedPassfileLine } from '../../src/postgres/passfile.ts';
import { writtenLines } from '../../src/postgres/written-lines.ts';
import { addPassfileLine, changePassfileLine } from '../../src/remedies/passfile-line.ts';
import { passwordSet } from '../../src/remedies/role.ts';
import { passwordInConninfo } from '../../src/remedies/password-in-conninfo.ts';
import { aPair, rowArrives, untilStreaming } from '../lab/pair.ts';
import type { Pair } from '../lab/pair.ts';
import { newestRelease, releases } from '../lab/releases.ts';
import { runStep } from '../lab/remedy.ts';
import { aConninfo, aDataDirectory } from '../rules/standby-world.ts';

/** Each step that asks for a password, typed as it is printed, with passwords that break what is quoted wrongly. */
const unit = fc.constantFrom(
  ...Array.from('abZ09 \t~&\\\'"$`:@/?#%!*;,=|<>(){}[]^+-_.§éß€😀'),
  String.raw`\1`,
  "''",
  '$'.concat('{x}'),
);
const passwords: readonly string[] = [
  '~\\1&\'"$HOME\\',
  ...fc.sample(fc.string({ unit, minLength: 1, maxLength: 12 }), 4),
];

// what is between them reads as one of the two does
const ends = releases.filter((release) => release.major === 13 || release === newestRelease);

test.each(ends)(
  'a password of any characters is the one that is sent, $major',
  { timeout: 120_000 },
  async (release) => {
    const pair = await aPair({ release });
    for (const password of passwords) {
      const machines = { primary: pair.primary.server, standby: pair.standby, password };
      expect(await runStep(passwordSet('replicator'), machines)).toMatchObject({ exitCode: 0 });
      await inPassfile(pair, password);
      await inConninfo(pair, password);
    }
    await untilStreaming(pair.standby);
    await rowArrives(pair.primary.server, pair.standby);
  },
);

const now = new Date('2026-11-21T20:00:00Z');

async function inPassfile({ primary, standby }: Pair, password: string): Promise<void> {
  const path = join(standby.folder, 'pgpass');
  const entry = { host: '127.0.0.1', port: primary.server.port, user: 'replicator' };
  const other = `other:*:*:*:x`;
  const machines = { primary: primary.server, standby, password };
  for (const [text, act] of [
    [`${other}\n127.0.0.1:*:replication:replicator:old \\: one\n${other}\n`, 'change'],
    [`127.0.0.1:*:replication:replicator:old`, 'change'],
    [other, 'add'],
  ] as const) {
    await writeFile(path, text, { mode: 0o600 });
    if (standby.runAs !== null) await chown(path, standby.runAs.uid, standby.runAs.gid);
    const before = await stat(path);
    const written = writtenLines(text, maskedPassfileLine);
    const passfile: Passfile = { path, pathSource: '', state: { kind: 'used', line: 1 }, written };
    const step =
      act === 'add'
        ? addPassfileLine('standby', passfile, entry, now)
        : changePassfileLine('standby', passfile, text.startsWith(other) ? 2 : 1, now);
    // a last line that is not ended is ended by what is typed, and left as it is by the tool
    const typed: Step = { on: step.on, kind: step.kind, does: step.does, text: step.text, asksPassword: true };
    const ran = await runStep(text.endsWith('\n') || act === 'add' ? step : typed, machines);
    expect(ran, step.text).toMatchObject({ exitCode: 0 });
    const after = await stat(path);
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    await logsIn(standby, `${primary.conninfo} passfile=${path}`);
  }
}

async function inConninfo({ primary, standby }: Pair, password: string): Promise<void> {
  const file = join(standby.dataDirectory, 'postgresql.auto.conf');
  const text = await readFile(file, 'utf8');
  const set = parseConfigurationText(text).lines.find(({ name }) => name === 'primary_conninfo');
  if (set === undefined) throw new Error(`${file} has no primary_conninfo`);
  const [edit] = passwordInConninfo(
    {
      now,
      dataDirectory: aDataDirectory({ path: standby.dataDirectory }),
      standbyControl: notApplicable(''),
      runningStandby: notApplicable(''),
    },
    aConninfo({ file, line: set.line, text: maskConninfo(set.value), written: new Map([[file, writtenLines(text)]]) }),
  );
  if (edit === undefined) throw new Error('no step');
  const machines = { primary: primary.server, standby, password };
  expect(await runStep(edit, machines), edit.text).toMatchObject({ exitCode: 0 });
  await standby.reload();
  const [row] = await standby.query("SELECT setting FROM pg_file_settings WHERE name = 'primary_conninfo' AND applied");
  await logsIn(standby, row?.['setting'] ?? '');
}

/** As the WAL receiver does it. */
async function logsIn(standby: Pair['standby'], conninfo: string): Promise<void> {
  const words = ['-X', '-w', '-d', `${conninfo} dbname=replication replication=true`, '-c', 'IDENTIFY_SYSTEM'];
  const { exitCode, stderr } = await standby.run(join(standby.release.bin, 'psql'), words);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
}
