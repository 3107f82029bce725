import { gzipSync } from 'node:zlib';

import { mask } from '../postgres/secret.ts';
import { maskText } from '../postgres/secrets-in-text.ts';
import { factsMember, factsText } from './facts-file.ts';
import type { Recording } from './recording.ts';
import { tarOf } from './tar.ts';
import type { Member } from './tar.ts';

/** A text of the examined machine that goes into a bundle; secrets in it are masked by its grammar. */
export interface Document {
  /** Its name in the bundle: `data-directory/pg_hba.conf`. */
  readonly name: string;
  /** What it is: the path there, or the command that printed it. */
  readonly from: string;
  readonly text: string;
  /** What its grammar makes of it: {@link redact} finds the names there. */
  readonly parsed?: unknown;
  /** What stands behind `#` there is for people. */
  readonly hasComments?: boolean;
}

/** Something that a bundle would have, and why it has not. */
export interface LeftOut {
  readonly what: string;
  readonly because: string;
}

/** All that a bundle is made of. */
export interface Bundle {
  readonly recording: Recording;
  readonly documents: readonly Document[];
  readonly leftOut: readonly LeftOut[];
}

/** The files of a bundle, in their order: what it is, the facts, and the documents by their names. */
export function membersOf({ recording, documents, leftOut }: Bundle): readonly Member[] {
  const sorted = documents.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [
    { name: 'README.txt', content: Buffer.from(readme({ recording, documents: sorted, leftOut })) },
    { name: factsMember, content: Buffer.from(factsText(recording)) },
    ...sorted.map(({ name, text }) => ({ name, content: Buffer.from(maskedOnce(text)) })),
  ];
}

/** The same members make the same bytes. */
export const bundleFile = (members: readonly Member[], { startedAt }: Recording): Uint8Array =>
  gzipSync(tarOf(members, startedAt));

/** As for the facts: what has been masked by its grammar would lose more than its secrets. */
const maskedOnce = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line.includes(mask) ? line : maskText(line)))
    .join('\n');

const readme = ({ recording, documents, leftOut }: Bundle): string =>
  [
    `standbylint ${recording.tool}: ${recording.subject.command} on ${recording.machine}, ${recording.startedAt.toISOString()}`,
    '',
    'Judge it on any machine, without a connection: standbylint analyze BUNDLE',
    '',
    `${factsMember}: everything that standbylint collected, in two lines of JSON`,
    ...documents.map(({ name, from }) => `${name}: ${from}`),
    '',
    'Passwords and keys are shown as ***. Statements of clients are left out of the logs.',
    ...(recording.redacted ? ['Names, addresses and paths are replaced by tokens.'] : []),
    ...(leftOut.length === 0 ? [] : ['', 'Not in it:', ...leftOut.map(({ what, because }) => `${what}: ${because}`)]),
    '',
  ].join('\n');
