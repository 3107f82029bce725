import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

// oxlint-disable-next-line typescript/ban-ts-comment
// @ts-ignore -- a file of pg's own, without types
import * as found from 'pg/lib/crypto/utils';

/** What pg computes a SCRAM login with (lib/crypto/utils.js). */
interface PgCrypto {
  deriveKey(password: string, salt: Uint8Array, iterations: number): Promise<Uint8Array>;
  hmacSha256(key: Uint8Array, text: string): Promise<Uint8Array>;
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
}

/**
 * Lets pg compute its SCRAM logins by Node's own functions: Web Crypto gives each of six hashes to another thread, which takes
 * fifty times as long as the hash. The salted password (RFC 5802, Hi), the work of thousands of hashes, is the same for
 * the same password, salt and count: a primary and its standbys keep the same of a role.
 */
export function computeScramHere(): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const crypto = ((found as { readonly default?: unknown }).default ?? found) as PgCrypto;
  crypto.deriveKey = saltedPassword;
  crypto.hmacSha256 = async (key, text) => createHmac('sha256', key).update(text).digest();
  crypto.sha256 = async (bytes) => createHash('sha256').update(bytes).digest();
}

const derive = promisify(pbkdf2);
const known = new Map<string, Promise<Uint8Array>>();
const most = 500;

/** In a thread of its own: a server may want ten million iterations. */
async function saltedPassword(password: string, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
  const key = JSON.stringify([password, Buffer.from(salt).toString('base64'), iterations]);
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = derive(password, salt, iterations, 32, 'sha256');
  if (known.size === most) known.clear();
  known.set(key, found);
  return found;
}
