import type { Seen } from './seen.ts';

/** Messages that one answer is for are of the same fault: what the DETAIL of one tells of the cause holds for the others. */
export const answeredAlike = (seen: readonly Seen[]): readonly Seen[] => {
  const telling = seen.flatMap(({ answer }) => (answer?.when === undefined ? [] : [answer]));
  if (telling.length === 0) return seen;
  return seen.map((one) => {
    const id = one.recognition?.id;
    if (id === undefined || one.answer?.when !== undefined) return one;
    const answer = telling.find(({ of, tool }) => of?.includes(id) === true && tool === one.answer?.tool);
    return answer === undefined ? one : { ...one, answer };
  });
};
