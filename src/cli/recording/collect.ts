import { factsFile } from '../../recording/facts-file.ts';
import { notCollected } from '../../recording/recording.ts';
import type { Recording } from '../../recording/recording.ts';
import { counted, wrap } from '../../report/layout.ts';
import { printable } from '../../report/printable.ts';
import type { CommandSurroundings } from '../command.ts';
import { bullet, recordedLook, redacted, redactedText, standardOutputName, writeForOwner } from './recorded-look.ts';
import type { RecordingOutput, RecordingPurpose } from './recorded-look.ts';
import { standardOutput } from '../output/report-output.ts';
import { textWidth } from '../terminal/terminal.ts';

/** Looks as `preflight` or `postmortem` does, and writes what it sees instead of judging it. */
export const collect = async (words: readonly string[], surroundings: CommandSurroundings): Promise<number> =>
  recordedLook(purpose, words, surroundings);

const purpose: RecordingPurpose = {
  command: 'collect',
  what: 'The facts',
  page: async () => (await import('../help/recording-help.ts')).collectPage,
  write: async (seen, output, { print }) => {
    const { recording, tokens } = redacted(seen, undefined, output);
    const content = factsFile(recording);
    await writeForOwner(content, output, purpose, tokens);
    await print(summaryOf(seen.recording, output, content.length));
    return 0;
  },
};

function summaryOf({ facts }: Recording, { file, redact: isRedacted, map }: RecordingOutput, bytes: number): string {
  const width = textWidth(standardOutput());
  const isPiped = file === standardOutputName;
  const missing = notCollected(facts);
  const count = Object.values(facts).filter(({ status }) => status === 'seen').length;
  return [
    ...wrap(
      `${counted(count, 'fact')} written to ${isPiped ? 'standard output' : file} (${Math.ceil(bytes / 1024)} kB).`,
      width,
    ),
    ...(missing.length === 0 ? [] : ['', 'Not collected:']),
    ...missing.flatMap(({ because, remedy }) =>
      bullet(remedy === undefined ? because : `${because} (${printable(remedy)})`, width),
    ),
    ...(isRedacted ? ['', ...wrap(redactedText(map), width)] : []),
    ...(isPiped ? [] : ['', `Judge them on any machine: standbylint analyze ${file}`]),
    '',
  ].join('\n');
}
