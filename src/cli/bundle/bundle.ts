import { formatBytes } from '../../postgres/bytes.ts';
import { bundleFile, membersOf } from '../../recording/bundle-file.ts';
import type { LeftOut } from '../../recording/bundle-file.ts';
import { withoutComments } from '../../recording/comments.ts';
import type { Member } from '../../recording/tar.ts';
import { counted, wrap } from '../../report/layout.ts';
import { printable } from '../../report/printable.ts';
import type { CommandSurroundings } from '../command.ts';
import { canAsk } from '../terminal/password-prompt.ts';
import { askYesOrNo } from '../terminal/question.ts';
import { bullet, recordedLook, redacted, redactedText, writeForOwner } from '../recording/recorded-look.ts';
import type { RecordingOutput, RecordingPurpose } from '../recording/recorded-look.ts';
import { standardOutput } from '../output/report-output.ts';
import { textWidth } from '../terminal/terminal.ts';
import { UsageError } from '../usage-error.ts';
import { gather } from './gather.ts';

/** Writes the facts, and what else a support engineer asks for, into one file: shown before it is written. */
export const bundle = async (words: readonly string[], surroundings: CommandSurroundings): Promise<number> =>
  recordedLook(purpose, words, surroundings);

const purpose: RecordingPurpose = {
  command: 'bundle',
  what: 'The bundle',
  page: async () => (await import('../help/recording-help.ts')).bundlePage,
  check({ yes }) {
    if (yes || canAsk()) return;
    throw new UsageError('bundle asks before it writes, but there is no terminal.', 'Add --yes.');
  },
  async write(seen, output, { print, signal }) {
    const { recording: looked, host, timeoutMs } = seen;
    const gathered = await gather(host, looked.facts, timeoutMs);
    const { recording, others, tokens } = redacted(
      seen,
      withRoots(output.redact ? withoutTheirComments(gathered) : gathered),
      output,
    );
    const { documents, leftOut } = withoutRoots(others);
    const members = membersOf({ recording, documents, leftOut });
    const content = bundleFile(members, recording);
    await print(contentText(members, leftOut, output, content.length));
    if (!output.yes && !(await askYesOrNo(`Write ${printable(output.file)}?`, signal))) {
      await print('\nNothing was written.\n');
      return 1;
    }
    await writeForOwner(content, output, purpose, tokens);
    await print(`\nWritten. Judge it on any machine: standbylint analyze ${printable(output.file)}\n`);
    return 0;
  },
};

type Gathered = Awaited<ReturnType<typeof gather>>;

const withoutTheirComments = ({ documents, leftOut }: Gathered): Gathered => ({
  leftOut,
  documents: documents.map((one) => (one.hasComments === true ? { ...one, text: withoutComments(one.text) } : one)),
});

/** A name in the bundle is a path, whose parts are replaced as those of any other path. */
const withRoots = ({ documents, leftOut }: Gathered): Gathered => ({
  leftOut,
  documents: documents.map((one) => ({ ...one, name: `/${one.name}` })),
});

const withoutRoots = ({ documents, leftOut }: Gathered): Gathered => ({
  leftOut,
  documents: documents.map((one) => ({ ...one, name: one.name.slice(1) })),
});

function contentText(
  members: readonly Member[],
  leftOut: readonly LeftOut[],
  { file, redact: isRedacted, map }: RecordingOutput,
  bytes: number,
): string {
  const width = textWidth(standardOutput());
  const rows = members.map(({ name, content }) => [formatBytes(content.length), printable(name)] as const);
  const sizes = Math.max(...rows.map(([size]) => size.length));
  return [
    ...wrap(`${printable(file)} will have ${counted(members.length, 'file')} (${formatBytes(bytes)}):`, width),
    '',
    ...rows.map(([size, name]) => `  ${size.padStart(sizes)}  ${name}`),
    ...(leftOut.length === 0 ? [] : ['', 'Not in it:']),
    ...leftOut.flatMap(({ what, because }) => bullet(printable(`${what}: ${because}`), width)),
    '',
    ...wrap('Passwords and keys are masked, and statements of clients are left out.', width),
    ...(isRedacted ? wrap(redactedText(map), width) : []),
    '',
  ].join('\n');
}
