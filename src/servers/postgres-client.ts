import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

import { Client, DatabaseError } from 'pg';
import digests from 'pg/lib/crypto/utils.js';

export { Client, DatabaseError };

/**
 * What a password and a salt make is made once: SCRAM has the client compute 4,096 digests for it, which takes longer than the
 * rest of a login, and it may keep what comes of it for as long as password, salt and number stay the same (RFC 5802, 3). A
 * look logs in several times, and a fleet a thousand. The single digests are computed at once: a round through the Web
 * Crypto that `pg` asks for them takes ten times as long.
 */
Object.assign(digests, {
  deriveKey: async (password: string, salt: Uint8Array, iterations: number): Promise<Buffer> => {
    const key = `${sha256(password).toString('base64')} ${Buffer.from(salt).toString('base64')} ${iterations}`;
    const made = salted.get(key) ?? derive(password, salt, iterations, 32, 'sha256');
    salted.delete(key);
    salted.set(key, made);
    const [oldest] = salted.keys();
    if (salted.size > most && oldest !== undefined) salted.delete(oldest);
    return made;
  },
  hmacSha256: async (key: Uint8Array, text: string): Promise<Buffer> => createHmac('sha256', key).update(text).digest(),
  sha256: async (bytes: Uint8Array): Promise<Buffer> => sha256(bytes),
});

const derive = promisify(pbkdf2);
const salted = new Map<string, Promise<Buffer>>();
const most = 512;

const sha256 = (given: string | Uint8Array): Buffer => createHash('sha256').update(given).digest();
