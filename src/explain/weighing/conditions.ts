/** That a slot is called "idle" or a role "backup" says nothing of the fault. */
export const withoutNames = (context: string): string =>
  context.replaceAll(
    /\b(slot|user|role|database|application_name) "(?!-|(?:replication|root|postgres)")[^"\n]*"/giu,
    '$1 ""',
  );

/**
 * Whether the words of a condition stand in the message's own parts or, for the same object, elsewhere in the text: what
 * another login met is no reason of this one.
 *
 * @param beside each of its named groups is a name that the message has, too
 */
export function standsBeside(beside: RegExp, context: string, paste: string): boolean {
  if (!/\(\?<[a-z]/u.test(beside.source)) return beside.test(`${context}\n${paste}`);
  return [...`${context}\n${paste}`.matchAll(new RegExp(beside, `${beside.flags}g`))].some(({ groups = {} }) =>
    Object.values(groups).every(
      (name) => name === undefined || !context.includes('"') || context.includes(`"${name}"`),
    ),
  );
}
