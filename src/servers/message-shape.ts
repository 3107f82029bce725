/**
 * Whether the body of a message from a server holds what its type promises, so that a reader cannot be led beyond its
 * end (manual: Message Formats). `body` is what follows the type and the length. A type that a server does not send to
 * a client like ours is no message.
 */
export function isWellFormed(type: string, body: Buffer): boolean {
  switch (type) {
    case 'R':
      return isAuthentication(body);
    case 'E':
    case 'N':
      return isFieldList(body);
    case 'S':
      return afterStrings(body, 0, 2) === body.length;
    case 'K':
      return body.length >= 8;
    case 'Z':
      return body.length === 1;
    case 'T':
      return isRowDescription(body);
    case 'D':
      return isDataRow(body);
    case 'C':
      return afterStrings(body, 0, 1) === body.length;
    case 'I':
      return body.length === 0;
    case 'A':
      return body.length >= 4 && afterStrings(body, 4, 2) === body.length;
    default:
      return false;
  }
}

const md5SaltBytes = 4;

function isAuthentication(body: Buffer): boolean {
  if (body.length < 4) return false;
  switch (body.readInt32BE(0)) {
    case 0:
    case 3:
      return body.length === 4;
    case 5:
      return body.length === 4 + md5SaltBytes;
    case 10:
      return isStringList(body, 4);
    default:
      return true;
  }
}

/** Strings, the last of which is empty. */
function isStringList(body: Buffer, start: number): boolean {
  for (let at = start; at < body.length;) {
    const end = body.indexOf(0, at);
    if (end === -1) return false;
    if (end === at) return true;
    at = end + 1;
  }
  return false;
}

/** A letter and a string, again and again, and a zero. */
function isFieldList(body: Buffer): boolean {
  let at = 0;
  while (at < body.length) {
    if (body[at] === 0) return at === body.length - 1;
    const end = body.indexOf(0, at + 1);
    if (end === -1) return false;
    at = end + 1;
  }
  return false;
}

/** The offset behind so many strings; -1 when they do not end within the body. */
function afterStrings(body: Buffer, start: number, count: number): number {
  let at = start;
  for (let index = 0; index < count; index += 1) {
    const end = body.indexOf(0, at);
    if (end === -1) return -1;
    at = end + 1;
  }
  return at;
}

const fieldBytesAfterName = 18;

function isRowDescription(body: Buffer): boolean {
  if (body.length < 2) return false;
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left -= 1) {
    const end = body.indexOf(0, at);
    if (end === -1) return false;
    at = end + 1 + fieldBytesAfterName;
  }
  return at === body.length && body.readInt16BE(0) >= 0;
}

function isDataRow(body: Buffer): boolean {
  if (body.length < 2) return false;
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left -= 1) {
    if (at + 4 > body.length) return false;
    const length = body.readInt32BE(at);
    if (length < -1) return false;
    at += 4 + Math.max(0, length);
  }
  return at === body.length && body.readInt16BE(0) >= 0;
}
