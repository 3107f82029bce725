import type { Seen } from '../seen.ts';

/**
 * Messages that one answer is for are of the same fault, where they do not name different objects: what the DETAIL of one
 * tells of the cause holds for the others.
 */
export const answeredAlike = (seen: readonly Seen[]): readonly Seen[] => {
  const telling = seen.filter(({ answer }) => answer?.when !== undefined);
  if (telling.length === 0) return seen;
  return seen.map((one) => {
    const id = one.recognition?.id;
    if (id === undefined || one.answer?.when !== undefined) return one;
    const answer = telling.find(
      (other) =>
        other.answer?.of?.includes(id) === true && other.answer.tool === one.answer?.tool && isOfSame(one, other),
    )?.answer;
    return answer === undefined ? one : { ...one, answer };
  });
};

/** A part of a message beside a whole one for which the same is to be said: the rest of it, on a line of its own. */
export const withoutRests = (seen: readonly Seen[]): readonly Seen[] =>
  seen.filter(
    (one) =>
      !one.partial ||
      one.answer === undefined ||
      !seen.some((other) => !other.partial && other.answer === one.answer && isOfSame(one, other)),
  );

/** What the one does not name, the other may. */
const isOfSame = (one: Seen, other: Seen): boolean =>
  ['role', 'host', 'slot', 'database', 'segment', 'file', 'directory'].every((name) => {
    const value = one.values[name];
    const others = other.values[name];
    return value === undefined || others === undefined || value === others;
  });
