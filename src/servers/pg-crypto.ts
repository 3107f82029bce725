import { createHash, createHmac, pbkdf2, randomBytes as randomOnes } from 'node:crypto';
import { promisify } from 'node:util';

/*
 * What pg needs of cryptography for a login. In the built program this file takes the place of pg/lib/crypto/utils.js
 * (scripts/build.mjs), which asks WebCrypto: to load that takes Node longer than a whole login lasts. The functions are
 * the same otherwise; a test holds them against pg's.
 */

const derived = new Map<string, Promise<Buffer>>();

/** SCRAM's SaltedPassword (RFC 5802: Hi). Several logins of one role share it: it is meant to take long. */
export async function deriveKey(password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  const name = JSON.stringify([password, salt.toString('base64'), iterations]);
  const known = derived.get(name) ?? promisify(pbkdf2)(password, salt, iterations, 32, 'sha256');
  derived.set(name, known);
  return known;
}

export const hmacSha256 = (key: Uint8Array, message: string): Buffer =>
  createHmac('sha256', key).update(message).digest();

export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** By WebCrypto's name: `SHA-256`, `SHA-384`, `SHA-512`. */
export const hashByName = (name: string, bytes: Uint8Array): Buffer =>
  createHash(name.replace('-', '')).update(bytes).digest();

export const randomBytes = (length: number): Buffer => randomOnes(length);

const md5 = (bytes: string | Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Manual: Message Flow, AuthenticationMD5Password. */
export const postgresMd5PasswordHash = (user: string, password: string, salt: Buffer): string =>
  `md5${md5(Buffer.concat([Buffer.from(md5(password + user)), salt]))}`;
