import { printable } from '../printable.ts';

/** A piece of a page. Only this file makes one, so that a text from outside is always escaped. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** The literal parts as they are written here, the values escaped. */
  static of(literals: readonly string[], values: readonly Value[]): Markup {
    return new Markup(literals.map((literal, at) => literal + shown(values[at])).join(''));
  }

  /** Of our own sources alone: a style sheet, a script. */
  static ours(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.#text;
  }
}

type Value = string | number | Markup | undefined | readonly Value[];

export const html = (literals: TemplateStringsArray, ...values: readonly Value[]): Markup =>
  Markup.of(literals, values);

export const nothing = html``;

/** A text of several lines, for `pre`. */
export const lines = (text: string): readonly Markup[] =>
  text.split('\n').map((line, at) => (at === 0 ? html`${line}` : html` ${line}`));

function shown(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(shown).join('');
  return printable(String(value)).replaceAll(/[&<>"']/gu, (one) => entities[one] ?? one);
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};
