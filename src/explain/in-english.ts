import { labelOf } from '../postgres/log/labels.ts';
import { withoutSource } from './paste/common-source.ts';
import { textTable } from '../postgres/text-table.ts';

/** PostgreSQL's messages in other languages, in English, with their values; the rest of the text as it is. */
export async function inEnglish(text: string): Promise<string> {
  if (text.length > longest || !foreign.test(text)) return text;
  const translations = await load(languagesOf(text));
  const ofLine = (line: string): string => {
    const english = translated(line, translations);
    return english === line ? line : withLabels(english);
  };
  const lines = withoutSource(text).split('\n');
  const english: string[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    const broken = line.length < longestLine ? brokenMessage(lines, at, translations) : undefined;
    english.push(broken === undefined ? (line.length < longestLine ? ofLine(line) : line) : withLabels(broken.english));
    at += broken?.lines ?? 1;
  }
  return english.join('\n');
}

/** Of several lines, which are one in English: PostgreSQL begins all but the first with a tab. */
function brokenMessage(
  lines: readonly string[],
  at: number,
  translations: readonly Translation[],
): { readonly english: string; readonly lines: number } | undefined {
  for (const count of [3, 2]) {
    const [first = '', ...more] = lines.slice(at, at + count);
    if (more.length < count - 1 || more.some((line) => !/^\s+\S/u.test(line))) continue;
    const message = [first, ...more.map((line) => line.trim())].join('\n');
    const english = message.length < longestLine && foreign.test(message) ? translated(message, translations) : message;
    if (!english.includes('\n')) return { english, lines: count };
  }
  return undefined;
}

/** A log is read by its SQLSTATEs and places. */
const longest = 65_536;
const longestLine = 4096;

/** Hardly a message of these languages does without. */
const foreignLatin =
  /[À-ɏ«»„]|\b(?:FEHLER|ERREUR|ERRORE|FATALE|PANIK|DETALLE|DETTAGLI|HINWEIS|KATASTROFALNY|FATALT|FEL|HATA|hata|fel|errore|erreur|Fehler): |\bn['’](?:est|a|ont) (?:pas|plus)\b|\b(?:konnte|wird|ist|existiert) (?:\S+ ){0,6}?(?:nicht|kein)\b|\bno (?:se pudo|existe|hay|es) |\bnon (?:esiste|riuscit|trovat)|\bnie (?:istnieje|jest|ma|można)\b|\bfinns inte\b/u;

const foreign = new RegExp(`[^\\s\\u0020-\\u024F\\u2000-\\u2BFF]|${foreignLatin.source}`, 'u');

interface Translation {
  readonly english: string;
  /** The longest part without values: what is not there need not be tried. */
  readonly anchor: string;
  readonly pattern: () => RegExp;
  readonly places: readonly string[];
  readonly length: number;
}

const loaded = new Map<string, Promise<readonly Translation[]>>();

/** Those in whose script the text is: to prepare all takes longer than to read it. */
async function load(wanted: readonly Language[]): Promise<readonly Translation[]> {
  const key = wanted.join(' ');
  const before = loaded.get(key) ?? prepared(wanted);
  loaded.set(key, before);
  return before;
}

async function prepared(wanted: readonly Language[]): Promise<readonly Translation[]> {
  const { default: file } = await import('./translations.json', { with: { type: 'json' } });
  const table = textTable(file);
  return table
    .column('english')
    .flatMap((english, row) =>
      wanted.flatMap((language) =>
        table
          .cell(row, language)
          .split('\n')
          .flatMap((format) => (format === '' ? [] : [translation(english, narrow(format))])),
      ),
    )
    .toSorted((a, b) => b.length - a.length);
}

const scripts = [
  [/[\u0400-\u04FF]/u, ['ru', 'uk']],
  [/[\uAC00-\uD7AF]/u, ['ko']],
  [/[\u3040-\u30FF\u4E00-\u9FFF]/u, ['ja', 'zh_CN']],
] as const;

const latin = ['de', 'fr', 'es', 'pt_BR', 'it', 'pl', 'tr', 'sv'] as const;

type Language = (typeof latin)[number] | (typeof scripts)[number][1][number];

const languagesOf = (text: string): readonly Language[] => [
  ...scripts.flatMap(([letters, languages]): readonly Language[] => (letters.test(text) ? languages : [])),
  ...(foreignLatin.test(text) ? latin : []),
];

const conversion = /%(?:(\d+)\$)?(?:[-0-9.]*(?:ll|l|z)?([a-zA-Z])|(%))/gu;

/** The names of a format's arguments, in the order of their places: their numbers, `m` for errno's text. */
function placesOf(format: string): readonly string[] {
  let next = 0;
  return [...format.matchAll(conversion)].flatMap(([, number, kind, percent]) => {
    if (percent !== undefined) return [];
    if (kind === 'm') return ['m'];
    next += 1;
    return [number ?? String(next)];
  });
}

function translation(english: string, format: string): Translation {
  const literals = format.split(/%(?:\d+\$)?[-0-9.]*(?:ll|l|z)?[a-zA-Z]/u);
  const anchor = literals
    .flatMap((part) => part.replaceAll('%%', '%').split(marks))
    .map((part) => part.trim())
    .toSorted((a, b) => b.length - a.length);
  let made: RegExp | undefined;
  return {
    english,
    anchor: (anchor[0] ?? '').toLowerCase().replaceAll(/\s+/gu, ' '),
    pattern: () => (made ??= patternOf(format, portOf(english))),
    places: placesOf(format),
    length: literals.join('').length,
  };
}

/** A port is a number, though its conversion is that of a text: what a language hangs on to it is no part of it. */
const portOf = (english: string): string | undefined => {
  const before = /^(.*)\bport %s/su.exec(english)?.[1];
  return before === undefined ? undefined : String(placesOf(before).length + 1);
};

function patternOf(format: string, port: string | undefined): RegExp {
  let source = '';
  let at = 0;
  const places = placesOf(format);
  let place = 0;
  for (const match of format.matchAll(conversion)) {
    const name = match[3] === undefined ? places[place++] : undefined;
    const before = format.slice(at, match.index);
    at = match.index + match[0].length;
    const closing = opened.test(before) ? closed.exec(format.slice(at)) : null;
    source += literalSource(closing === null ? before : before.replace(opened, ''));
    if (match[3] !== undefined) source += '%';
    else if (closing !== null) {
      source += String.raw`\s*[${markKinds}]{0,2}\s*([^\n"«»„“”「」]{1,300}?)(?:\s*[${markKinds}]{1,2}|(?=[\s)]|[,.:;](?:\s|$)|$))\s*`;
      at += closing[0].length;
    } else if (port !== undefined && name === port) source += String.raw`(\d{1,5})(?:で)?`;
    else if (/[duxX]/u.test(match[2] ?? '')) source += String.raw`([0-9A-FX*]+)`;
    else source += at >= format.length ? String.raw`([^\n]*)` : String.raw`([^\n]{0,300}?)`;
  }
  // what goes before a message is not part of it
  return new RegExp((source + literalSource(format.slice(at))).replace(/^\\s\*/u, ''), 'iu');
}

/** Of any kind, with the blanks that French has in them; `?` where the encoding has no such character. */
const markKinds = '"\'`«»„“”‹›‘’「」<>?';
const marks = /\s*["'`«»„“”‹›‘’「」]+\s*/u;
const opened = /\s*["«»„“”「]\s*$/u;
const closed = /^\s*["«»„“”」]\s*/u;

const literalSource = (text: string): string =>
  text
    .split(new RegExp(`(${marks.source})`, 'u'))
    .map((part, index) =>
      index % 2 === 1
        ? String.raw`\s*[${markKinds}]{0,2}\s*`
        : part.replaceAll(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`).replaceAll(/\s+/gu, String.raw`\s+`),
    )
    .join('');

/** The signs of a Chinese sentence are often typed, or copied, as those of a Latin one. */
const narrow = (text: string): string => text.replaceAll(/[，：；（）]/gu, (sign) => narrowSigns.get(sign) ?? sign);
const narrowSigns: ReadonlyMap<string, string> = new Map(
  Object.entries({ '，': ',', '：': ':', '；': ';', '（': '(', '）': ')' }),
);

/** The longest message that stands there, then what is in it and around it. */
function translated(given: string, translations: readonly Translation[], depth = 0): string {
  if (given.trim().length < 4 || depth > 4) return given;
  const line = narrow(given);
  const small = line.toLowerCase().replaceAll(/\s+/gu, ' ');
  for (const { english, anchor, pattern, places } of translations) {
    if (!small.includes(anchor)) continue;
    const match = pattern().exec(line);
    if (match === null) continue;
    const again = (text: string): string => translated(text, translations, depth + 1);
    const values = new Map(places.map((place, index) => [place, again(match[index + 1] ?? '')]));
    const end = match.index + match[0].length;
    return again(line.slice(0, match.index)) + filledIn(english, values) + again(line.slice(end));
  }
  return given;
}

function filledIn(english: string, values: ReadonlyMap<string, string>): string {
  const places = placesOf(english);
  let index = 0;
  return english.replaceAll(conversion, (_, __, ___, percent: string | undefined) => {
    if (percent !== undefined) return '%';
    index += 1;
    return values.get(places[index - 1] ?? '') ?? '';
  });
}

/** Without capitals, a program's label is the server's. */
const programLabel =
  /((?<![\w-])(?:psql|pg_\w+|createuser|createdb|dropdb|dropuser|initdb|vacuumdb|reindexdb|clusterdb): )(?:错误|エラー|오류)[ \u00A0]?[:：] ?/gu;

/** Those of the server, in capitals, and those that programs put before their messages. */
const withLabels = (line: string): string =>
  line
    .replaceAll(programLabel, '$1error: ')
    .replaceAll(/(?<![\p{L}\d])(\p{Lu}[\p{Lu}']+|[\p{Lo}ー]+)[ \u00A0]?[:：][ \u00A0]*/gu, (whole, word: string) => {
      const label = labelOf(word);
      if (label === undefined) return whole;
      return `${label.kind === 'main' ? label.severity : label.part.toUpperCase()}:  `;
    })
    .replaceAll(
      /(?<=: )(?:Fehler|erreur|errore|erro|ошибка|エラー|错误|błąd|hata|오류|fel|помилка)[ \u00A0]?[:：] ?/gu,
      'error: ',
    );
