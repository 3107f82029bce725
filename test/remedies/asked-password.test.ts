import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import type { Step } from '../../src/findings/report.ts';
import { parseConfigurationText } from '../../src/postgres/configuration-file.ts';
import { parseConninfo } from '../../src/postgres/conninfo.ts';
import { findPassword, maskedPassfileLine } from '../../src/postgres/passfile.ts';
import { writtenLines } from '../../src/postgres/written-lines.ts';
import { addPassfileLine, changePassfileLine } from '../../src/remedies/passfile-line.ts';
import { passwordInConninfo } from '../../src/remedies/password-in-conninfo.ts';
import { aConninfo, aDataDirectory } from '../rules/standby-world.ts';
import { notApplicable } from '../../src/facts/observed.ts';
import { maskConninfo } from '../../src/postgres/conninfo-mask.ts';

const folder = mkdtempSync(join(tmpdir(), 'asked-password-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'file');
const now = new Date('2026-11-21T20:00:00Z');
const key = { host: 'h', port: '5432', database: 'replication', user: 'u' };
const old = 'other:*:*:*:x\nh:5432:*:u:old\nother:*:*:*:y\n';

const typed = ({ text }: Step, input: string) => {
  const { status, stdout } = spawnSync('sh', ['-c', text], { input, encoding: 'utf8' });
  return { status, stdout };
};

const passfile = (text: string) => ({
  path: file,
  pathSource: '',
  state: { kind: 'used', line: 2 } as const,
  written: writtenLines(text, maskedPassfileLine),
});

const conninfoStep = (value: string): Step => {
  const [step] = passwordInConninfo(
    {
      now,
      dataDirectory: aDataDirectory(),
      standbyControl: notApplicable(''),
      runningStandby: notApplicable(''),
    },
    aConninfo({ file, line: 2, text: maskConninfo(value) }),
  );
  if (step === undefined) throw new Error('no step');
  return step;
};

const passwords = fc.string({
  unit: fc.constantFrom(...Array.from('ab \t~&\\\'"$`:@/?#%!*;|<>(){}[]é€'), String.raw`\1`, "''"),
  minLength: 1,
  maxLength: 10,
});

describe('a password that is asked for', () => {
  it('is the one that libpq reads, whatever its characters', () => {
    fc.assert(
      fc.property(passwords, (password) => {
        for (const step of [
          changePassfileLine('client', passfile(old), 2, now),
          addPassfileLine('client', passfile('other:*:*:*:x\n'), { host: 'h', port: 5432, user: 'u' }, now),
        ]) {
          writeFileSync(file, step.text.includes('tail') ? old : 'other:*:*:*:x\n', { mode: 0o600 });
          expect(typed(step, `${password}\n`)).toEqual({ status: 0, stdout: 'Password: \n' });
          const found = findPassword(readFileSync(file, 'utf8'), key);
          expect(found.kind === 'found' && found.password.reveal()).toBe(password);
          expect(statSync(file).mode & 0o777).toBe(0o600);
        }
        writeFileSync(file, "a = 1\nprimary_conninfo = 'host=''d b'' password=old user=u'\nb = 2\n");
        expect(typed(conninfoStep("host='d b' password=old user=u"), `${password}\n`).status).toBe(0);
        const { lines } = parseConfigurationText(readFileSync(file, 'utf8'));
        expect(lines.map(({ name }) => name)).toEqual(['a', 'primary_conninfo', 'b']);
        const parsed = parseConninfo(lines[1]?.value ?? '');
        expect(parsed.ok && [parsed.value.values.host, parsed.value.values.user]).toEqual(['d b', 'u']);
        expect(parsed.ok && parsed.value.values.password?.reveal()).toBe(password);
      }),
      { numRuns: 40 },
    );
  });

  it('is waited for behind the empty lines that were pasted with the command', () => {
    writeFileSync(file, old);
    expect(typed(changePassfileLine('client', passfile(old), 2, now), '\n\nnew\n').status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(old.replace('old', 'new'));
  });

  it('changes nothing where none comes', () => {
    writeFileSync(file, old);
    expect(typed(changePassfileLine('client', passfile(old), 2, now), '').status).not.toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(old);
  });
});
