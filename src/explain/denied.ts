import type { Seen } from './seen.ts';

/** A message that a sentence says does not come any more ("we no longer get …", "Fixed: …") is over. */
export function withoutDenied(seen: readonly Seen[], text: string): readonly Seen[] {
  if (text.search(denies) === -1 && text.search(wentAway) === -1) return seen;
  const lines = text.split('\n');
  return seen.map((one) => (isDenied(one, lines) ? { ...one, over: true } : one));
}

function isDenied({ text, record }: Seen, lines: readonly string[]): boolean {
  const number = record?.line ?? 0;
  const sentence = lines.slice(Math.max(0, number - 2), number).join(' ');
  const at = sentence.lastIndexOf(text.slice(0, 16));
  // a message may speak of something that disappeared itself
  const after = at === -1 ? '' : sentence.slice(at + (sentence.startsWith(text, at) ? text.length : 0));
  if (/^[^.!?]*/u.exec(after)?.[0].search(wentAway) !== -1) return true;
  const before = at === -1 ? '' : sentence.slice(0, at);
  const denial = [...before.matchAll(denies)].at(-1);
  return denial !== undefined && !goesOn.test(before.slice(denial.index + denial[0].length));
}

/** Up to the message itself. */
const denies =
  /\b(?:no longer|never|(?:do|does|did) not|(?:do|does|did)n't) (?:get|gets|see|sees|receive|receives|have|has|fail|fails|throw|throws|log|logs|print|prints|report|reports)\b|^[^\S\n]*(?:[-*] |\d+\. )?(?:bug ?)?fix(?:e[sd])?\b(?: |:)/gimu;

/** After the message, in its sentence. */
const wentAway =
  /\b(?:went away|(?:is|are) gone|(?:has|have) (?:gone|disappeared)|disappeared|does not (?:come|appear|happen) any ?more)\b/iu;

/** "Fixed that, but now it says …" */
const goesOn = /\b(?:but|now|still|then|instead|anymore, (?:it|I)|however|yet)\b/iu;
