import type { LogRecord } from '../../postgres/log/log-record.ts';
import type { Known } from './known.ts';
import { joined } from '../paste/paste-blocks.ts';
import type { Block } from '../paste/paste-blocks.ts';
import type { Found, Phrases } from './phrases.ts';
import type { Seen } from '../seen.ts';
import { fits, isAmong, isOfTool } from './within-block.ts';
import type { Surroundings } from './within-block.ts';

/** What sentences tell of messages without their words: for texts in which nothing else is known but the `course` of a server. */
export const fromMemory = (
  rest: readonly Block[],
  known: Phrases<Known>,
  around: Surroundings,
  course: readonly Seen[],
  seenOf: (found: Found<Known>, sentence: string, record: LogRecord) => Seen,
): readonly Seen[] =>
  rest.flatMap(({ record, lines }) => {
    if (record.time !== undefined || isLogged.test(joined(lines)) || allIsWell.test(around.paste)) return [];
    const told = joined(lines)
      .split(/[.!](?=\s|$)|(?<=\?)(?=\s|$)|\n/u)
      .filter((sentence) => sentence.length < longest && !asks.test(sentence) && !isNoFault.test(sentence))
      // that is quoted, and not remembered
      .filter((sentence) => course.every(({ text }) => !sentence.includes(text)))
      .flatMap((sentence) => {
        const found = known
          .rememberedIn(sentence)
          .filter(
            ({ of, words }) =>
              isTold(of) &&
              (of.entry !== undefined || words >= 4) &&
              (words >= 5 || speaksOfReplication.test(around.paste)) &&
              fits(of, {}, record) &&
              isOfTool(of, around) &&
              isAmong(of, sentence, record, around),
          );
        // a tool's words for it are said of that tool only
        const best =
          found.find(({ of, words }) => of.entry !== undefined && words * 2 > (found[0]?.words ?? 0)) ?? found[0];
        if (best === undefined) return [];
        const others = found.filter(({ of, words }) => nameOf(of) !== nameOf(best.of) && words >= best.words * 0.9);
        return [
          {
            ...seenOf({ ...best, values: { ...best.values, ...roleIn(sentence) } }, sentence.trim(), record),
            others: others.slice(0, 2).map((one) => seenOf(one, sentence.trim(), record)),
          },
        ];
      });
    return told.slice(0, 1);
  });

const nameOf = ({ entry, answer }: Known): string =>
  entry?.variantOf ?? entry?.id ?? answer?.of?.[0] ?? answer?.id ?? '';

/** At the end of what is said, it is a name. */
function roleIn(sentence: string): Found<Known>['values'] {
  const role = /\b(?:user|role) ["']?([a-z_][\w-]{1,40})["']?(?=\s*(?:,|$))/iu.exec(sentence)?.[1];
  return role === undefined ? {} : { role };
}

/** What people tell of, not what is logged beside it. */
const isTold = ({ entry, answer }: Known): boolean =>
  entry === undefined
    ? answer?.tool === undefined &&
      answer?.elsewhere !== true &&
      answer?.among === undefined &&
      answer?.kind !== 'course'
    : (entry.part === undefined || entry.part === 'detail') && !entry.generic && entry.matters >= 4;

const isLogged = /^\W*\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:/mu;

/** "How do I make …" is no message, nor is "Is it normal that …?". */
const asks =
  /^\W*(?:how|what|which|can|should|is there|do (?:I|we))\b|^\W*(?:is|are|was|were|does|do|did|has|have|could|may|might|would|will|must)\b(?! not\b).*\?$/iu;

/** What somebody has read or supposes, and what is said to be right as it is. */
const isNoFault = new RegExp(
  [
    String.raw`^\W*(?:suppose|imagine|assum(?:e|ing)|in theory|for example|e\.g\.)`,
    String.raw`\b(?:I|we)(?:['’]ve| have| had)? (?:(?:was|were|been) )?(?:read|heard|learn(?:ed|t)|told) (?:that|about|of)\b`,
    String.raw`\b(?:docs?|documentation|manual|course|tutorial|article|blog|book|wiki|faq|runbook|checklist|forum|chat|someone|somebody|colleague)\b[^,;]{0,60}\b(?:says?|said|lists?|claim\w*|show(?:s|ed)|mention\w*|states?|warns?|explains?)\b`,
    String.raw`\bit is (?:documented|known|said|possible)\b`,
    String.raw`\b(?:may|might|could|would) (?:already |also |then )?(?:be|have been|get)\b`,
    String.raw`(?<!\bnot |n['’]t )\b(?:enough|sufficient|pass(?:es|ed)|normal|on purpose|by design|streams|as (?:needed|intended|it should))\b(?!.*\b(?:but|however|until|except)\b)`,
    // what was done, and not what was met
    String.raw`^\W*(?:I|we)(?:['’]ve| have| had)? (?:[a-z]+ly |then |have |just )?[a-z]{3,}ed\b(?!.*\b(?:says?|said|now|but|then|got|gets?|errors?|fail\w*|logs?|messages?|not|cannot|FATAL|because|refus\w*|complain\w*)\b)(?!.*n['’]t\b)`,
  ].join('|'),
  'iu',
);

/** What such a text tells is past. */
const allIsWell =
  /\b(?:all|everything) (?:is|was|looks|seems|works|runs) (?:well|fine|good|ok(?:ay)?)\b(?! (?:on|with|for|in|at)\b)(?![^]*\b(?:but|however|except|until|yet)\b)/iu;

const speaksOfReplication =
  /postgres|postmaster|\bpg_|\b(?:standby|replica|replication|replicator|wal|wal ?receiver|wal ?sender|pg_hba|basebackup|backup_label|checkpoint)\b|\b(?:FATAL|PANIC): /iu;

const longest = 300;
