import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { prepared, scramVerifier } from '../../src/fixes/scram-verifier.ts';
import { secret } from '../../src/postgres/secret.ts';
import { literal } from '../../src/remedies/quoting.ts';
import { aPrimary } from '../lab/primary.ts';
import { onEachRelease } from '../lab/releases.ts';

describe('scramVerifier', () => {
  it('is the one of the example of RFC 7677, whose password is "pencil"', async () => {
    const verifier = await scramVerifier(secret('pencil'), Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
    expect(verifier.reveal()).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it('has a salt of its own each time', async () => {
    const [one, other] = await Promise.all([scramVerifier(secret('a')), scramVerifier(secret('a'))]);
    expect(one.reveal()).not.toBe(other.reveal());
  });

  it('is not shown', async () => {
    expect(JSON.stringify({ verifier: await scramVerifier(secret('a')) })).toBe('{"verifier":"***"}');
  });
});

describe('prepared: SASLprep as libpq does it', () => {
  it.each([
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['pass\u00a0word', 'pass word'],
  ])('%j becomes %j (RFC 4013, section 3)', (typed, expected) => {
    expect(prepared(typed)).toBe(expected);
  });

  it.each([['\u0007'], ['\u0627\u0031'], ['pile \u{1f4a9} \u2168'], ['\u00ad']])('%j is taken as it is', (typed) => {
    expect(prepared(typed)).toBe(typed);
  });

  it('leaves ASCII alone', () => {
    assert(property(string({ unit: 'binary-ascii' }), (text) => prepared(text) === text));
  });
});

describe('a role with such a verifier logs in', () => {
  onEachRelease((release) => {
    it('with its password, and with no other', async () => {
      const { server } = await aPrimary({ release });
      for (const [index, password] of [
        'it\'s \\ a "pass\'word" $1',
        'gr\u00fc\u00dfe\u00a0\u2168',
        'pl\u{1f4a9}',
      ].entries()) {
        const role = `r${index}`;
        const verifier = await scramVerifier(secret(password));
        await server.query(`CREATE ROLE ${role} LOGIN PASSWORD ${literal(verifier.reveal())}`);
        const [row] = await server.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [role]);
        expect(row?.['rolpassword']).toBe(verifier.reveal());
        const login = async (typed: string) =>
          server.run(server.programPath('psql'), ['-X', '-w', '-At', '-c', 'SELECT current_user'], {
            environment: {
              PGHOST: '127.0.0.1',
              PGPORT: String(server.port),
              PGUSER: role,
              PGDATABASE: 'postgres',
              PGPASSWORD: typed,
            },
          });
        expect((await login(password)).stdout.trim()).toBe(role);
        expect((await login(`${password}.`)).stderr).toContain('password authentication failed');
      }
    });
  });
});
