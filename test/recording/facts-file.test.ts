import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { diagnosisOf, factsNeeded } from '../../src/diagnosis/diagnose.ts';
import { unseen } from '../../src/facts/observed.ts';
import { secret } from '../../src/postgres/secret.ts';
import { factsFile, formatVersion, readFactsFile } from '../../src/recording/facts-file.ts';
import { migrated } from '../../src/recording/migrations.ts';
import { withLaterFacts } from '../../src/recording/recording.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { aStoppedDirectory } from '../rules/standby-world.ts';
import { aDirectory } from '../rules/world.ts';
import { aCopy, aStandby, everyFormat, reportOf } from './worlds.ts';

function read(file: Uint8Array): Recording {
  const result = readFactsFile(file);
  if (!result.ok) throw new Error(result.problem);
  return result.recording;
}

const problemOf = (file: Uint8Array, largest?: number): string => {
  const result = readFactsFile(file, largest);
  return result.ok ? 'it is read' : result.problem;
};

describe('the report of a file is the report of the facts, in every format', () => {
  it.each([
    ['a copy', aCopy()],
    ['a copy, and what prevents it', aCopy({ targetDirectory: aDirectory({ entries: ['notes.txt'] }) })],
    ['a copy, and what nobody sees', aCopy({ hbaRules: unseen('permission', 'pg_hba_file_rules: permission denied') })],
    ['a standby', aStandby()],
    [
      'a standby that is stopped',
      aStandby({
        dataDirectory: aStoppedDirectory(),
        runningStandby: unseen('connection', 'the server is not running'),
      }),
    ],
  ])('%s', async (_name, recording) => {
    const there = read(factsFile(recording));
    expect(there).toStrictEqual(recording);
    expect(await everyFormat(reportOf(there))).toEqual(await everyFormat(reportOf(recording)));
  });
});

describe('the head of the file', () => {
  it('says what it is, and what was not collected, without a look at the rest', () => {
    const why = unseen('permission', 'pg_hba_file_rules: permission denied for view', 'GRANT pg_monitor TO rep;');
    const [head = ''] = gunzipSync(factsFile(aCopy({ hbaRules: why, slots: why })))
      .toString()
      .split('\n');
    expect(JSON.parse(head)).toMatchObject({
      standbylint: 'facts',
      format: formatVersion,
      version: '0.1.0',
      command: 'preflight',
      collectedAt: '2026-11-21T20:00:00.000Z',
      machine: 'db2',
      redacted: false,
      notCollected: [
        {
          because: 'pg_hba_file_rules: permission denied for view',
          remedy: 'GRANT pg_monitor TO rep;',
          facts: ['hbaRules', 'slots'],
        },
      ],
    });
  });
});

describe('facts of other releases', () => {
  it('a fact that was not known then was not looked at', () => {
    const { slots: _slots, walSenders: _walSenders, ...facts } = aStandby().facts;
    const recording = { ...aStandby(), facts };
    const needed = factsNeeded(catalogue, 'postmortem');
    const looked = { ...recording, facts: withLaterFacts(recording, needed) };
    const { report } = diagnosisOf(catalogue, looked, { version: '0', acceptUnexamined: [] });
    expect(report.rules.filter(({ outcome }) => outcome === 'crashed')).toEqual([]);
    expect(report.rules.filter(({ outcome }) => outcome === 'unexamined').map(({ because }) => because)).toContain(
      'standbylint 0.1.0, which collected the facts, does not look at it',
    );
  });

  it.each([
    ['1-preflight', 'blocked', ['target/not-empty']],
    ['1-postmortem', 'healthy', []],
  ])('a file that was written in format 1 is read: %s', (name, verdict, causes) => {
    const recording = read(readFileSync(new URL(`../../fixtures/facts/${name}.facts`, import.meta.url)));
    const needed = factsNeeded(catalogue, recording.subject.command);
    const report = reportOf({ ...recording, facts: withLaterFacts(recording, needed) });
    expect(report.rules.filter(({ outcome }) => outcome === 'crashed')).toEqual([]);
    expect(report.verdict).toBe(verdict);
    expect(report.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)).toEqual(causes);
  });

  it('each older format goes through every later migration', () => {
    const steps = [1, 2, 3].map((from) => (before: unknown) => `${String(before)} ${from}to${from + 1}`);
    expect(migrated('a', 1, steps)).toBe('a 1to2 2to3 3to4');
    expect(migrated('a', 3, steps)).toBe('a 3to4');
    expect(migrated('a', 4, steps)).toBe('a');
  });

  it('in format 1 what a log left unread was `untold`', () => {
    const log = new Map([['log', { value: { summary: { untold: { now: 2 }, records: [{ untold: 1 }] } } }]]);
    expect(migrated({ facts: log }, 1)).toEqual({
      facts: new Map([['log', { value: { summary: { unrecognised: { now: 2 }, records: [{ unrecognised: 1 }] } } }]]),
    });
  });

  it('up to format 2 what the server of --admin is was its `standing`', () => {
    const admin = { adminServer: { value: { standing: { is: 'unknown' }, slots: [] } } };
    expect(migrated({ facts: admin }, 2)).toEqual({
      facts: { adminServer: { value: { identity: { is: 'unknown' }, slots: [] } } },
    });
  });

  it('a newer format is refused', () => {
    const later = { standbylint: 'facts', format: formatVersion + 1, version: '9.0.0', sha256: '' };
    expect(problemOf(gzipSync(`${JSON.stringify(later)}\n{}\n`))).toBe(
      `was written by standbylint 9.0.0 in format ${formatVersion + 1}, and this release reads format ${formatVersion} at most; use that release or a later one`,
    );
  });
});

describe('what is no file of facts is refused in a sentence', () => {
  const file = factsFile(aCopy());
  const text = gunzipSync(file).toString();

  it.each([
    ['nothing', new Uint8Array(), 'is not a file of facts'],
    ['a text', Buffer.from('hello'), 'is not a file of facts'],
    ['a packed text', gzipSync('hello'), 'is not a file of facts'],
    ['another JSON', gzipSync('{"standbylint":"report"}\n'), 'is not a file of facts'],
    ['a head alone', gzipSync('{"standbylint":"facts"}\n'), 'is not a file of facts'],
    ['a null', gzipSync('null\n'), 'is not a file of facts'],
    ['a cut file', file.subarray(0, file.length - 100), 'is not complete: its end is missing'],
    ['a changed file', gzipSync(text.replace('db1', 'db2')), 'was changed after it was written: its checksum is wrong'],
  ])('%s', (_name, given, problem) => expect(problemOf(given)).toBe(problem));

  it('a bomb is not unpacked', () =>
    expect(problemOf(gzipSync(Buffer.alloc(3 * 1024 ** 2)), 1024 ** 2)).toBe(
      'is larger than 1 MB when it is unpacked, so it is not read',
    ));

  it('whatever is damaged, nothing is thrown, and it is never read as other facts', () =>
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const damaged = Uint8Array.from(file, (byte, index) => (index === at ? byte ^ by : byte));
        const result = readFactsFile(damaged);
        // a few bytes of gzip's own head say nothing of the content
        if (result.ok) expect(result.recording).toStrictEqual(aCopy());
        else expect(result.problem).toMatch(/^(?:is|was) /u);
      }),
      { numRuns: 200 },
    ));
});

it('what looks like a secret is masked, wherever it stands, and secrets stay behind', () => {
  const password = randomBytes(12).toString('hex');
  const facts = {
    ...aStandby().facts,
    standbySlots: unseen('tool', `could not connect: host=db1 password=${password}`),
    archive: unseen('tool', `postgresql://rep:${password}@db1/: refused`),
    hidden: secret(password),
  };
  expect(gunzipSync(factsFile({ ...aStandby(), facts })).toString()).not.toContain(password);
});
