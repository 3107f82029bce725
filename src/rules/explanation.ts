import type { Step } from '../facts/report.ts';
import type { Sighting } from '../postgres/log/log-summary.ts';
import type { MessageValues } from '../postgres/messages/message-format.ts';
import type { Recognition } from '../postgres/messages/recognition.ts';
import { shellWord } from '../remedies/quoting.ts';
import { stepsFromMessage } from '../remedies/from-message.ts';
import { recognise } from './recognise.ts';
import type { AnyRule } from './rule.ts';

/** What a message means, and what mends it, as far as its own text tells. */
export interface Explanation {
  /** The message as it stood there, on one line: of one that carries another, the innermost. */
  readonly text: string;
  /** Its name in the catalogue of messages; null where a rule alone knows it. */
  readonly message: string | null;
  /** The rule that examines this fault. */
  readonly rule: { readonly id: string; readonly title: string } | null;
  readonly means: string;
  /** What can be typed with what the text gives. */
  readonly steps: readonly Step[];
  /** What to do, in words; null where the steps say it all. */
  readonly advice: string | null;
  /** The commands that look at the servers themselves. */
  readonly next: readonly NextCommand[];
  readonly count: number;
  readonly first: Date | null;
  readonly last: Date | null;
  /** What came after it in the log shows that it is over. */
  readonly over: boolean;
}

export interface NextCommand {
  /** Where, or when, it is typed. */
  readonly where: string;
  readonly command: string;
}

/** A message that the catalogue knows. */
export function explanationOf(found: Recognition, rules: readonly AnyRule[], program?: string): Explanation {
  const { entry, text, values, id } = found;
  const rule = ruleOf(entry.format, rules, program) ?? ruleOf(text, rules, program);
  const steps = stepsFromMessage(entry.variantOf ?? id, values);
  return {
    text: oneLine(text),
    message: id,
    rule: rule === undefined ? null : { id: rule.id, title: rule.title },
    // a few words of a message are less than what its rule says
    means: entry.meaning.length < 40 ? (rule?.docs.why ?? entry.meaning) : entry.meaning,
    steps,
    advice: steps.length > 0 || entry.fix === '' ? null : entry.fix,
    next: nextCommands(found, values, program),
    count: 1,
    first: null,
    last: null,
    over: false,
  };
}

/** A text that only a rule knows: a program's complaint about its options, say. */
export function explanationOfText(text: string, rules: readonly AnyRule[]): Explanation | undefined {
  const rule = ruleOf(text, rules, undefined);
  if (rule === undefined) return undefined;
  return {
    text: oneLine(text),
    message: null,
    rule: { id: rule.id, title: rule.title },
    means: rule.docs.why,
    steps: [],
    advice: null,
    next: [rule.commands.includes('preflight') ? preflight : postmortem(undefined)],
    count: 1,
    first: null,
    last: null,
    over: false,
  };
}

/** What a log said several times is told once. */
export const explanationOfSighting = (sighting: Sighting, rules: readonly AnyRule[]): Explanation => ({
  ...explanationOf(sighting.recognition, rules, sighting.record.program),
  count: sighting.count,
  first: sighting.first.time ?? null,
  last: sighting.last.time ?? null,
  over: sighting.healed,
});

/** One that pg_basebackup prints is a rule's of preflight, where several know it; a server's own one of the post-mortem. */
function ruleOf(text: string, rules: readonly AnyRule[], program: string | undefined): AnyRule | undefined {
  const command = program === 'pg_basebackup' ? 'preflight' : 'postmortem';
  const known = recognise(text, rules);
  const surest = known.filter(({ says }) => says.length === known[0]?.says.length);
  return (surest.find(({ rule }) => rule.commands.includes(command)) ?? surest[0])?.rule;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/gu, ' ').trim().slice(0, longest);
const longest = 400;

const preflight: NextCommand = {
  where: "before a copy, with pg_basebackup's own options behind it",
  command: 'standbylint preflight pg_basebackup',
};
const postmortem = (directory: string | undefined): NextCommand => ({
  where: 'on the standby',
  command: `standbylint postmortem -D ${directory === undefined ? '"$PGDATA"' : shellWord(directory)}`,
});

/** pg_basebackup's messages are preflight's matter, a server's own the post-mortem's, and a primary's those of whoever connects. */
function nextCommands(
  { entry, within, connection }: Recognition,
  values: MessageValues,
  program: string | undefined,
): readonly NextCommand[] {
  const ofReceiver = within?.side === 'standby';
  if (!ofReceiver && (program === 'pg_basebackup' || entry.program === 'pg_basebackup')) {
    const server =
      connection?.kind === 'tcp' ? ` -h ${shellWord(connection.host)} -p ${shellWord(connection.port)}` : '';
    const role = values['role'] === undefined ? '' : ` -U ${shellWord(values['role'])}`;
    if (server === '' && role === '') return [preflight];
    return [
      { where: 'here, with -D and your other options behind it', command: `standbylint preflight${server}${role}` },
    ];
  }
  if (ofReceiver) return [postmortem(undefined)];
  if (entry.side === 'standby') return [postmortem(values['directory'])];
  return [postmortem(undefined), preflight];
}
