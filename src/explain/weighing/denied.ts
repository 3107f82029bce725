import type { Seen } from '../seen.ts';

/**
 * A message that a sentence says does not come any more ("we no longer get …", "Fixed: …") is over. One that a test waited for
 * says nothing of a server.
 */
export function withoutDenied(seen: readonly Seen[], text: string): readonly Seen[] {
  const lines = text.split('\n');
  const happened =
    text.search(supposes) === -1 && text.search(isCode) === -1 ? seen : seen.filter((one) => !isSupposed(one, lines));
  const meant = text.search(setsAside) === -1 ? happened : withoutSetAside(happened, text);
  const real =
    text.search(expects) === -1 && text.search(afterwards) === -1
      ? meant
      : meant.filter((one) => !isExpected(one, lines));
  const allSolved = saysSolved.exec(text);
  if (allSolved !== null && !comesBack.test(text.slice(allSolved.index, allSolved.index + 240)))
    return real.map((one) => ({ ...one, over: true }));
  if ([denies, isFix, wentAway, isSolved].every((pattern) => text.search(pattern) === -1)) return real;
  return real.map((one) => (isDenied(one, lines) ? { ...one, over: true } : one));
}

/** What somebody says is not what is asked for is not told, where something else is. */
function withoutSetAside(seen: readonly Seen[], text: string): readonly Seen[] {
  const others = seen.filter(({ text: said }) => {
    const at = text.indexOf(said.slice(0, 40));
    return (
      at === -1 ||
      (/^[^.!?]*/u.exec(text.slice(at + said.length, at + said.length + 200))?.[0] ?? '').search(setsAside) === -1
    );
  });
  return others.length === 0 ? seen : others;
}

/** Behind a message, in its sentence. */
const setsAside =
  /\b(?:I|we) (?:can |could |do |just )?(?:ignore|ignored|know about|have seen before|live with)\b|\b(?:can|may|could) be (?:safely )?ignored\b|\bsafely ignor|\b(?:is|are|was|seems) (?:harmless|unrelated|irrelevant|another story|not the (?:problem|issue|cause|point))\b/iu;

/** What a manual says may come, in words of its own, has come to no server. */
function isSupposed({ text, record }: Seen, lines: readonly string[]): boolean {
  const number = record?.line ?? 0;
  const around = lines.slice(Math.max(0, number - 2), number).join(' ');
  const at = around.lastIndexOf(text.slice(0, 16));
  if (at === -1) return false;
  // in a comment of a program
  if (/^\s*(?:#|\/\/|--|\*) /u.test(lines[number - 1] ?? '') && lines.some((line) => isCode.test(line))) return true;
  const sentence = /[^.!?\n]*$/u.exec(around.slice(0, at))?.[0] ?? '';
  return (
    sentence.search(supposes) !== -1 && !/\b(?:I|we) (?:get|got|see|saw|have|had)\b|\bnow\b/iu.test(around.slice(at))
  );
}

const isCode = /^\s*(?:def|func|function|class|return|import|const|let|var|if|for|while|try)\b.*[({:;]\s*$/mu;

/** Up to the message, in its sentence. */
const supposes =
  /\b(?:docs?|documentation|manual|guide|book|readme|faq|article|wiki|runbook|tutorial|blog)\b[^.!?\n]{0,40}\b(?:says?|states?|mentions?|warns?|tells?|reads?)\b|\bsee (?:also |the |our |in )*(?:docs?|documentation|manual|guide|book|readme|faq|article|wiki|runbook|tutorial|blog|section|chapter|page)\b|\b(?:if|when) you (?:see|get|have)\b|(?:^\s*|[.!?:] )(?:Prevent|Avoid|Handle|Improve|Retry|Ensure|Suppress|Clarify)\b(?!:)|(?:^|["“(]|[.!?:] )(?:if|when|whenever|should|in case)\b(?![^.!?\n]{0,200}\b(?:I|my|but|prints?|logs?|then (?:it )?says)\b)[^.!?\n]{0,120}\b(?:may|might|can|could|will|would|must|has to|have to)\b/iu;

function isExpected({ text }: Seen, lines: readonly string[]): boolean {
  const words = text.slice(0, 16);
  const said = lines.flatMap((line) => (line.includes(words) ? [{ line, at: line.indexOf(words) }] : []));
  return (
    said.length > 0 &&
    said.every(({ line, at }) => line.slice(0, at).search(expects) !== -1 || line.slice(at).search(afterwards) !== -1)
  );
}

const afterwards = /\(expected\)|(?<!(?:\bnot|n['’]t)\b[^.!?]{0,40})\bas expected\b/iu;

/** What test suites and their code write before a message that has to come. */
const expects =
  /^[^\S\n]*(?:# *)?(?:ok \d+\b|(?:---? )?PASS(?:ED)?\b|[✓✔√]|expect(?:ed|ing|s)?\b|(?:it|test)\()|(?<!(?:\bnot|n['’]t)\b[^.!?\n]{0,40})\bas expected\b|\(expected\)|\b(?:should|must) (?:fail|be refused|be rejected|exit|end) with\b|\b(?:expect|assert\w*|toThrow\w*|raises|like)\(/gimu;

function isDenied({ text, record }: Seen, lines: readonly string[]): boolean {
  const number = record?.line ?? 0;
  const sentence = lines.slice(Math.max(0, number - 2), number).join(' ');
  const at = sentence.lastIndexOf(text.slice(0, 16));
  // a message may speak of something that disappeared itself
  const after = at === -1 ? '' : sentence.slice(at + (sentence.startsWith(text, at) ? text.length : 0));
  if (wentAway.test(/^[^.!?]*/u.exec(after)?.[0] ?? '')) return true;
  const further = after + (lines[number] === undefined ? '' : ` ${lines[number]}`);
  const solved = isSolved.exec(/^[^!?]{0,240}/u.exec(further)?.[0] ?? '');
  if (solved !== null && !comesBack.test(further.slice(solved.index))) return true;
  const before = at === -1 ? '' : sentence.slice(0, at);
  const denial = [...before.matchAll(denies)].at(-1);
  if (denial !== undefined && isItsObject.test(before.slice(denial.index + denial[0].length))) return true;
  // the title of a change, in its own line
  const [title = ''] = (lines[number - 1] ?? '').split(text.slice(0, 16));
  return isFix.test(title) && !goesOn.test(title);
}

/** Up to the message itself. */
const denies =
  /\b(?:no longer|never|(?:do|does|did) not|(?:do|does|did)n't) (?:get|gets|see|sees|receive|receives|have|has|fail|fails|throw|throws|log|logs|print|prints|report|reports)\b/gimu;

const isFix = /^\s*(?:[-*] |\d+\. )?(?:bug ?)?fix(?:e[sd])?\b(?: (?!this\b|that\b|it\b|me\b|please\b|needed\b)|:)/imu;

/** Of "no longer get", the message itself: "We do not get any data: FATAL …" denies something else. */
const isItsObject =
  /^(?:[\s"'“`(:]|\b(?:the|an?|any|this|that|such|with|like|saying|of|from|in|for|old|same|errors?|messages?|lines?|warnings?|logs?|more|our|my|its|pg_\w+|standby|primary|replica|server)\b)*(?:(?:["“`]|\b(?:LOG|FATAL|ERROR|PANIC|WARNING):)[^"”`]*)?$/u;

/** After the message, in its sentence. */
const wentAway =
  /^(?:(?!\b(?:and|because|since|so|as|my|our)\b)[^])*?\b(?:went away|(?:is|are) gone|(?:has|have) (?:gone|disappeared)|disappeared|does not (?:come|appear|happen) any ?more)\b/iu;

/** Above or below a question that was answered. */
const saysSolved =
  /^\W*(?:(?:edit|update|solution|answer)\b[^\n\w]{0,6}(?:(?:it['’]s |it is |this is |problem |issue )?(?:solved|resolved|fixed)(?! (?:the|an?|my|our|one)\b)|never ?mind|found it|it works now)\b|\[(?:solved|resolved)\b|(?:solved|resolved)(?:[!.]|:(?! *(?:no|false)\b)|,? (?:it|this|by|thanks)\b|$))/imu;

/** "… but that is solved", "I rebuilt it, it streams fine since", "changed it, works now"; not what else works, or did before. */
const isSolved =
  /\b(?:that|this|it|which|problem|issue) (?:is|was|has been|got) (?:now |since |already |long |all )?(?:solved|fixed|resolved|sorted|(?:long|years|months) ago)\b|\b(?:that|this|it) (?:was|happened) (?:many |some )?(?:years|a long time) ago\b|\b(?:do|does|did)(?: not|n['’]t) (?:see|get|have) (?:that|this|it)(?=\s*(?:[.,;!)]|$|on our\b|here\b|any ?more\b))|(?<!\b(?:if|when|whenever|unless|only|not|was|were|been|had|primary|master|psql|other|else)\b[^.,;!?]{0,60})\b(?:works?|worked|streams?|streaming|runs?|running|connects?|replicates?|starts?)(?: (?:fine|well|normally|as expected))? (?:now|again|ever since|since(?=\s*(?:[.,;!)]|$|then\b|that\b|we\b|I\b)))(?!\s+(?:with|on|in|from)\b)/iu;

/** "… it works now, but then it says this again" */
const comesBack =
  /\b(?:until|comes? back|came back|returns|same error|but|still|however|next|for a (?:while|few|minute|moment|day))\b|\bthen\b[^.!?]*\bagain\b/iu;

/** "Fixed that, but now it says …" */
const goesOn = /\b(?:but|now|and|got|get|still|then|instead|anymore, (?:it|I)|however|yet)\b/iu;
