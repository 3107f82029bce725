/** The command line of pg_basebackup in a text, from its name on, as it was typed: of a script, a Dockerfile, a terminal. */
export function baseBackupLine(text: string): string | undefined {
  const match = /(?:^|[$#>`;&|\s])((?:\S*\/)?pg_basebackup(?:\s+\\?\n?\s*(?!&&|\|)(?:<[^\s<>]+>|[^\s;&|<>])+)+)/mu.exec(
    text.replaceAll(/\\\n\s*/gu, ' '),
  );
  const line = match?.[1]?.split('\n')[0]?.trim();
  if (line === undefined || isCut(line) || !/\s-(?:[DdhUXFRPv]|-[a-z])/u.test(line) || /[`()]|password=/u.test(line))
    return undefined;
  return line.replace(/^\S*\//u, '').replaceAll(/\s+/gu, ' ');
}

/** A terminal or ps left its end away. */
const isCut = (line: string): boolean =>
  (line.match(/"/gu) ?? []).length % 2 === 1 || (line.match(/'/gu) ?? []).length % 2 === 1;
