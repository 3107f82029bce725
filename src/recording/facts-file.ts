import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

import { mask } from '../postgres/secret.ts';
import { maskLines } from '../postgres/secrets-in-text.ts';
import { mapStrings } from './map-strings.ts';
import { migrated, migrations } from './migrations.ts';
import { notCollected } from './recording.ts';
import type { NotCollected, Recording } from './recording.ts';
import { fromTaggedJson, toTaggedJson } from './tagged-json.ts';
import { isTar, memberOf } from './tar.ts';

/**
 * The version of the file. It changes with the shape of any fact that is there already, not with facts that are added;
 * whoever changes it writes a migration (migrations.ts).
 */
export const formatVersion = migrations.length + 1;

/** The first line of the file, as plain JSON: what a person, or another program, wants to know of it. */
interface Head {
  readonly standbylint: 'facts';
  readonly format: number;
  readonly version: string;
  readonly command: string;
  readonly collectedAt: string;
  readonly machine: string;
  readonly redacted: boolean;
  readonly notCollected: readonly NotCollected[];
  /** Of the second line. */
  readonly sha256: string;
}

/** The facts in a bundle. */
export const factsMember = 'facts.jsonl';

/** What {@link factsText} is, packed by gzip. */
export const factsFile = (recording: Recording): Uint8Array => gzipSync(factsText(recording));

/** Two lines of JSON: what the file is, and the recording. */
export function factsText(given: Recording): string {
  const recording = mapStrings(given, (text, key) => (isStatement(key) ? mask : maskedOnce(text)));
  const body = toTaggedJson(recording);
  const head: Head = {
    standbylint: 'facts',
    format: formatVersion,
    version: recording.tool,
    command: recording.subject.command,
    collectedAt: recording.startedAt.toISOString(),
    machine: recording.machine,
    redacted: recording.redacted,
    notCollected: notCollected(recording.facts),
    sha256: digest(body),
  };
  return `${JSON.stringify(head)}\n${body}\n`;
}

/**
 * Checks mask what they see, by its grammar. What they have not, and looks like a secret all the same, is masked here: a
 * second time a text would lose more than its secrets.
 */
const maskedOnce = (text: string): string => (text.includes(mask) ? text : maskLines(text));

/** Somebody else's SQL in a log: no rule reads it, and it may hold anything. */
const isStatement = (key: string): boolean => key === 'statement' || key === 'query';

/** Of what a file is read as: the recording, or what is wrong with the file, to be put behind its name, and what to do. */
export type ReadFacts =
  | { readonly ok: true; readonly recording: Recording }
  | { readonly ok: false; readonly problem: string; readonly hint?: string };

/** More than any file of facts, and any bundle, needs unpacked; what is larger is not unpacked. */
export const largestUnpacked = 128 * 1024 ** 2;

/** Of facts, or of a bundle that has them. */
export function readFactsFile(file: Uint8Array, largest = largestUnpacked): ReadFacts {
  const bytes = unpacked(file, largest);
  if (!(bytes instanceof Uint8Array)) return bytes;
  const facts = isTar(bytes) ? memberOf(bytes, factsMember) : bytes;
  return facts === undefined ? notFacts : readFacts(Buffer.from(facts.buffer, facts.byteOffset, facts.length));
}

function unpacked(file: Uint8Array, largest: number): Uint8Array | ReadFacts {
  if (file[0] !== 0x1f || file[1] !== 0x8b) return notFacts;
  try {
    return gunzipSync(file, { maxOutputLength: largest });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      return wrong(`is larger than ${largest / 1024 ** 2} MB when it is unpacked, so it is not read`);
    return damaged(
      code === 'Z_BUF_ERROR' ? 'is not complete: its end is missing' : 'is damaged: gzip cannot unpack it',
    );
  }
}

function readFacts(bytes: Buffer): ReadFacts {
  const end = bytes.indexOf('\n');
  const head = headOf(bytes.toString('utf8', 0, end === -1 ? bytes.length : end));
  if (head === undefined) return notFacts;
  if (head.format > formatVersion)
    return wrong(
      `was written by standbylint ${head.version} in format ${head.format}, and this release reads format ${formatVersion} at most; use that release or a later one`,
    );
  const body = bytes.subarray(end + 1, bytes.at(-1) === newline ? -1 : undefined);
  if (digest(body) !== head.sha256) return damaged('was changed after it was written: its checksum is wrong');
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as it was written, by its checksum
    return { ok: true, recording: migrated(fromTaggedJson(body.toString('utf8')), head.format) as Recording };
  } catch (error) {
    return wrong(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function headOf(line: string): Pick<Head, 'format' | 'version' | 'sha256'> | undefined {
  try {
    const head: unknown = JSON.parse(line);
    if (typeof head !== 'object' || head === null || !('standbylint' in head) || head.standbylint !== 'facts')
      return undefined;
    const { format, version, sha256 }: Partial<Record<string, unknown>> = { ...head };
    return Number.isInteger(format) && typeof version === 'string' && typeof sha256 === 'string'
      ? { format: Number(format), version, sha256 }
      : undefined;
  } catch {
    return undefined;
  }
}

const wrong = (problem: string): ReadFacts => ({ ok: false, problem });
const damaged = (problem: string): ReadFacts => ({
  ok: false,
  problem,
  hint: 'Copy it again from where it was written.',
});
const notFacts: ReadFacts = {
  ...{ ok: false, problem: 'is not a file of facts' },
  hint: 'Give a file that "standbylint collect … -o FILE" wrote.',
};

const newline = 0x0a;

const digest = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
