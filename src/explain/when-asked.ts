import type { Answer } from './answer.ts';

/** What finds an answer: the messages and words that it is of, and whether those alone do. */
export type Outline = readonly [of: Answer['of'] | null, says: Answer['says'] | null, only: boolean];

export const outlineOf = ({ of, says, when }: Answer): Outline => [of ?? null, says ?? null, when === undefined];

interface Later {
  readonly early: Readonly<Record<string, unknown>>;
  readonly whole: () => Answer;
}

/**
 * Answers of which the built program reads the rest only when one is asked for it (scripts/build.mjs): a text needs a few of
 * a thousand. `load` gives them whole, in the same order.
 */
export const whenAsked = (outlines: readonly Outline[], load: () => readonly Answer[]): readonly Answer[] =>
  outlines.map(([of, says, only], place) => {
    const early = { of: of ?? undefined, says: says ?? undefined, ...(only && { when: undefined }) };
    const later: Later = { early, whole: () => load()[place] ?? { means: '' } };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the traps make an answer of it
    return new Proxy(later, traps) as unknown as Answer;
  });

const traps: ProxyHandler<Later> = {
  get: ({ early, whole }, key) => (key in early ? Reflect.get(early, key) : Reflect.get(whole(), key)),
  has: ({ whole }, key) => Reflect.has(whole(), key),
  ownKeys: ({ whole }) => Reflect.ownKeys(whole()),
  getOwnPropertyDescriptor: ({ whole }, key) => Reflect.getOwnPropertyDescriptor(whole(), key),
};
