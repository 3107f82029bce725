/** Names between commas, each in double quotes or not (utils/adt/varlena.c, SplitGUCList and SplitDirectoriesString). */
export const namesBetweenCommas = (value: string): readonly string[] =>
  value
    .split(',')
    .map((name) => name.trim().replaceAll('"', ''))
    .filter((name) => name !== '');
