/** The command line of pg_basebackup in a text, from its name on, as it was typed: of a script, a Dockerfile, a terminal. */
export function baseBackupLine(text: string): string | undefined {
  const named = text
    .replaceAll(/\\\n\s*/gu, ' ')
    .matchAll(
      /(?:^|[$#>`;&|\s])((?:[^\s$#>`;&|]*\/)?pg_basebackup(?:\s+(?:\\\s*)?(?!&&|\|)(?:<[^\s<>]+>|[^\s;&|<>])+)+)/gmu,
    );
  // a sentence may name the program before the command is shown
  for (const [, whole = ''] of named)
    for (const typed of whole.split(/\n|[^\S\n](?=(?:\S*\/)?pg_basebackup\s)/u)) {
      const line = commandIn(typed.trim());
      if (line !== undefined) return line;
    }
  return undefined;
}

function commandIn(typed: string): string | undefined {
  const line = withoutProse(typed);
  if (!/^\S*\bpg_basebackup\s/u.test(line)) return undefined;
  if (isCut(typed) || !/\s-(?:[DdhUXFRPv]|-[a-z])/u.test(line) || /[`()]|password=/u.test(line)) return undefined;
  return line.replace(/^\S*\//u, '').replaceAll(/\s+/gu, ' ');
}

/** A terminal or ps left its end away. */
const isCut = (line: string): boolean =>
  (line.match(/"/gu) ?? []).length % 2 === 1 || (line.match(/'/gu) ?? []).length % 2 === 1;

/** pg_basebackup takes options only: a word that belongs to none is where the sentence around the command goes on. */
function withoutProse(line: string): string {
  const words = line.match(/(?:"[^"]*"|'[^']*'|\S)+/gu) ?? [];
  const end = words.findIndex(
    (word, index) => index > 0 && !word.startsWith('-') && !takesValue.test(words[index - 1] ?? ''),
  );
  return (end === -1 ? words : words.slice(0, end)).join(' ');
}

/** Options whose value is the next word (src/bin/pg_basebackup/pg_basebackup.c, long_options). */
const takesValue =
  /^(?:-[PRvwWNngzxkC]*[DFrTtXclZdhpsUSi]|--(?:pgdata|format|max-rate|tablespace-mapping|target|wal-method|xlog-method|waldir|xlogdir|checkpoint|label|compress|dbname|host|port|status-interval|username|slot|incremental|manifest-checksums|sync-method))$/u;
