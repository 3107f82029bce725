import { heads } from './heads.ts';
import type { Heads } from './heads.ts';
import { headOf, messageFormat } from './message-format.ts';
import type { MessageFormat } from './message-format.ts';
import { once } from '../once.ts';
import { placesOf, textTable } from '../text-table.ts';
import type { TextTable } from '../text-table.ts';

/** Who prints a message: the server, libpq (in whatever uses it), a client program, the system (errno, resolver, OpenSSL). */
export type Speaker = 'server' | 'libpq' | 'program' | 'system' | 'any';

/** One message of PostgreSQL 13 to 18 that matters to a standby or a base backup. */
export interface CatalogueEntry {
  readonly id: string;
  /** The entry whose older or singular wording this one is. */
  readonly variantOf: string | undefined;
  /** As the log prints it, which is not always what the C code says; undefined for client programs and libpq. */
  readonly severity: 'LOG' | 'WARNING' | 'ERROR' | 'FATAL' | 'PANIC' | undefined;
  /** Several where the place decides; none where errno or nothing does. */
  readonly sqlstates: readonly string[];
  readonly format: string;
  /** The format of its DETAIL, where that holds values. */
  readonly detail: string | undefined;
  readonly file: string;
  readonly function: string | undefined;
  readonly speaker: Speaker;
  /** For `program`: the one that prints it, by its folder in PostgreSQL's source; undefined: several. */
  readonly program: string | undefined;
  /** Major versions, both included; undefined: older than 13, or still there in 18. Minor releases may have brought it to older ones. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** Where it is printed, seen from a pair: the standby, its primary, or a client program. */
  readonly side: 'standby' | 'primary' | 'client';
  readonly topic: string;
  /** 1 (trifle) to 5 (names what is broken). */
  readonly matters: number;
  /** Not a message of its own but a DETAIL, a HINT, or errno's text in another. */
  readonly part: 'detail' | 'hint' | 'cause' | undefined;
  /** Its last value is another message (of the other server, or of libpq), which is the cause. */
  readonly carriesAnother: boolean;
  /** Too few words of its own to be known by them alone. */
  readonly generic: boolean;
  /** Written straight to standard error, before the log is set up. */
  readonly noLogPrefix: boolean;
  /** English in every language. */
  readonly untranslated: boolean;
  /** Raised at ERROR in a process without a handler, so that the log says FATAL. */
  readonly raisedAsError: boolean;
  readonly meaning: string;
  readonly fix: string;
}

export interface KnownMessage {
  readonly entry: CatalogueEntry;
  readonly pattern: MessageFormat;
}

/** Most looks at a log meet a handful of the messages: what is not asked for is not made. */
export interface Catalogue {
  readonly messages: readonly KnownMessage[];
  /** The same, each made when it is asked for. */
  readonly formats: readonly { readonly format: string; readonly entry: () => CatalogueEntry }[];
  readonly entry: (id: string) => CatalogueEntry | undefined;
  /** The format of a message by its name, and those of its other wordings. */
  readonly wordings: (id: string) => readonly string[];
  /** Those that a text may be, by what it begins with; those that begin with a value themselves are among them. */
  readonly beginningLike: (text: string) => readonly KnownMessage[];
  readonly inFunction: (name: string) => readonly KnownMessage[];
  /** Of what tells the state of a server (its start, standby mode, streaming, ready), in other languages: as {@link beginningLike}. */
  readonly foreignLike: (text: string) => readonly KnownMessage[];
  /** What the server's own messages begin with, unless that is a value; in ASCII. */
  readonly serverHeads: Heads;
  /** What the translations of those states begin with. */
  readonly foreignHeads: readonly string[];
}

let loaded: Promise<Catalogue> | undefined;

/** The catalogue and its indexes: read when first asked for, then kept. */
export async function messageCatalogue(): Promise<Catalogue> {
  loaded ??= Promise.all([
    import('./catalogue.json', { with: { type: 'json' } }),
    import('./translations.json', { with: { type: 'json' } }),
  ]).then(([table, translations]) => indexed(textTable(table.default), textTable(translations.default)));
  return loaded;
}

function indexed(table: TextTable, translations: TextTable): Catalogue {
  const [ids, formats] = [table.column('id'), table.column('format')];
  const rowOf = (id: string): number | undefined => {
    const row = ids.indexOf(id);
    return row === -1 ? undefined : row;
  };
  const ownHeads = formats.map((_, row) => headOf(ownText(table, row)));
  const byHead = once(() => placesOf(ownHeads));
  const known = once(() => heads(ownHeads.filter((head) => head !== '')));
  const serverHeads = once(() => heads(ownHeads.filter((head, row) => head !== '' && isOfServer(table, row))));
  const made: KnownMessage[] = [];
  const message = (row: number): KnownMessage => (made[row] ??= knownMessage(table, row, rowOf));
  const foreign = once(() =>
    translations
      .column('id')
      .flatMap((id, row) =>
        formsOf(translations.cell(row, 'format')).map((format) => ({ id, format, head: headOf(format) })),
      ),
  );
  const foreignHeads = once(() => heads(foreign().map(({ head }) => head)));
  const rows = once(() => placesOf(ids));
  const variants = once(() => placesOf(table.column('variantOf')));
  const functions = once(() => placesOf(table.column('function')));
  return {
    get messages() {
      return ids.map((_, row) => message(row));
    },
    get formats() {
      return formats.map((format, row) => ({ format, entry: () => message(row).entry }));
    },
    entry: (id) => {
      const row = rowOf(id);
      return row === undefined ? undefined : message(row).entry;
    },
    wordings: (id) => [...(rows().get(id) ?? []), ...(variants().get(id) ?? [])].flatMap((row) => formats[row] ?? []),
    beginningLike: (text) => ['', ...known().under(text, 0)].flatMap((head) => byHead().get(head) ?? []).map(message),
    inFunction: (name) => (functions().get(name) ?? []).map(message).filter(({ entry }) => entry.part === undefined),
    foreignLike: (text) => {
      const begun = new Set(foreignHeads().under(text, 0));
      return foreign().flatMap(({ id, format, head }) => {
        const row = begun.has(head) ? rowOf(id) : undefined;
        return row === undefined ? [] : [translated(message(row), format)];
      });
    },
    get serverHeads() {
      return serverHeads();
    },
    get foreignHeads() {
      return foreign().flatMap(({ head }) => (head === '' ? [] : [head]));
    },
  };
}

function knownMessage(table: TextTable, row: number, rowOf: (id: string) => number | undefined): KnownMessage {
  const entry = once(() => toEntry(table, row, rowOf(table.cell(row, 'variantOf'))));
  return {
    get entry() {
      return entry();
    },
    pattern: messageFormat(ownText(table, row)),
  };
}

function isOfServer({ cell }: TextTable, row: number): boolean {
  const speaker = speakerOf(cell(row, 'file'));
  return cell(row, 'part') === '' && (speaker === 'server' || speaker === 'any');
}

const translated = (message: KnownMessage, format: string): KnownMessage => ({
  get entry() {
    return message.entry;
  },
  pattern: messageFormat(format),
});

/** A server whose LC_CTYPE is C prints `?` for what is not ASCII (and `>>` for `»`); of other scripts nothing would be left. */
function formsOf(format: string): readonly string[] {
  const foreign = format.match(/[^\u0020-\u007E]/gu) ?? [];
  const plain = foreign.length > 0 && foreign.length * 4 < format.length;
  return plain ? [format, format.replaceAll(/[^\u0020-\u007E]/gu, '?')] : [format];
}

/** Programs that print their name by themselves have it in the format; it is no part of what we read as their message. */
function ownText({ cell }: TextTable, row: number): string {
  const format = cell(row, 'format');
  const named =
    format.startsWith('%s: ') && (speakerOf(cell(row, 'file')) === 'program' || cell(row, 'marks').includes('n'));
  return named ? format.slice('%s: '.length) : format;
}

function toEntry(table: TextTable, row: number, base: number | undefined): CatalogueEntry {
  const cell = (column: string): string => table.cell(row, column);
  const optional = (column: string): string | undefined => (cell(column) === '' ? undefined : cell(column));
  const ofBase = (column: string): string => optional(column) ?? (base === undefined ? '' : table.cell(base, column));
  const marks = cell('marks');
  const file = cell('file');
  return {
    id: cell('id'),
    variantOf: optional('variantOf'),
    severity: severities.find((severity) => severity === cell('severity')),
    // "errcode_for_file_access": chosen from errno when it happens
    sqlstates: cell('sqlstate')
      .split('|')
      .filter((state) => /^[0-9A-Z]{5}$/u.test(state)),
    format: cell('format'),
    detail: optional('detail'),
    file,
    function: optional('function'),
    speaker: speakerOf(file),
    program: /^src\/bin\/([^/]+)\//u.exec(file)?.[1],
    since: majorOf(cell('since')),
    until: majorOf(cell('until')),
    side: sides.find((side) => side === cell('side')) ?? 'standby',
    topic: cell('topic'),
    matters: Number(cell('matters')),
    part: parts.find((part) => part === cell('part')),
    carriesAnother: marks.includes('e'),
    generic: marks.includes('g'),
    noLogPrefix: marks.includes('n'),
    raisedAsError: marks.includes('r'),
    untranslated: marks.includes('u'),
    meaning: ofBase('meaning'),
    fix: ofBase('fix'),
  };
}

const severities = ['LOG', 'WARNING', 'ERROR', 'FATAL', 'PANIC'] as const;
const sides = ['standby', 'primary', 'client'] as const;
const parts = ['detail', 'hint', 'cause'] as const;

const majorOf = (text: string): number | undefined => (text === '' ? undefined : Number(text));

function speakerOf(file: string): Speaker {
  if (file.startsWith('src/backend/')) return 'server';
  if (file.startsWith('src/interfaces/libpq/')) return 'libpq';
  if (file.startsWith('src/bin/') || file.startsWith('src/fe_utils/')) return 'program';
  return file.startsWith('(') ? 'system' : 'any';
}
