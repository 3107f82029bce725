import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import { secret } from '../postgres/secret.ts';
import type { Secret } from '../postgres/secret.ts';

/**
 * What a server stores of a password for scram-sha-256: it can be given to `PASSWORD '…'` as it is, so that the password
 * itself never leaves this process (scram-common.c, scram_build_secret; RFC 5802). It is a secret too: who holds it can
 * play the server.
 */
export async function scramVerifier(password: Secret, salt: Uint8Array = randomBytes(saltBytes)): Promise<Secret> {
  const salted = await promisify(pbkdf2)(prepared(password.reveal()), salt, iterations, keyBytes, 'sha256');
  const mac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(mac('Client Key')).digest('base64');
  const serverKey = mac('Server Key').toString('base64');
  return secret(`SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`);
}

/** scram-common.h: SCRAM_SHA_256_DEFAULT_ITERATIONS, SCRAM_DEFAULT_SALT_LEN, SCRAM_SHA_256_KEY_LEN */
const iterations = 4096;
const saltBytes = 16;
const keyBytes = 32;

/**
 * SASLprep as libpq does it with what is typed (saslprep.c, RFC 4013): other spaces become a space, what is commonly mapped
 * to nothing goes, the rest is normalised (NFKC). A password that may not be prepared is taken as it is.
 */
export function prepared(password: string): string {
  // oxlint-disable-next-line no-control-regex -- pg_is_ascii(): such a password is taken as it is
  if (/^[\u0000-\u007f]*$/u.test(password)) return password;
  const mapped = password.replaceAll(otherSpaces, ' ').replaceAll(mappedToNothing, '').normalize('NFKC');
  if (mapped === '' || prohibited.test(mapped) || newerThanStringprep.test(mapped)) return password;
  return directionsMix(mapped) ? password : mapped;
}

/** RFC 3454, tables C.1.2 and B.1 */
const otherSpaces = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
const mappedToNothing = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200b-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;
/** Tables C.2 to C.9 */
const prohibited =
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  /[\u0000-\u001f\u007f-\u009f\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u2061-\u2063\u206a-\u206f\ufff9-\uffff\u2ff0-\u2ffb\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]|\u0340|\u0341/u;
/** Table A.1 has what Unicode 3.2 did not know; of that, what people may type into a password are pictures. */
const newerThanStringprep = /[\p{Cn}\u{1f000}-\u{1ffff}]/u;

/** RFC 3454, section 6: a text from right to left begins and ends so, and has no letter of the other direction in it. */
function directionsMix(text: string): boolean {
  const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;
  if (!rightToLeft.test(text)) return false;
  const letters = Array.from(text);
  const ends = [letters.at(0) ?? '', letters.at(-1) ?? ''];
  return (
    ends.some((letter) => !rightToLeft.test(letter)) ||
    /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u.test(text)
  );
}
