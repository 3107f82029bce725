/** A line of postgresql.conf or pg_hba.conf without what its comment says: nobody can tell a name there from a word. */
export const withoutComment = (line: string): string =>
  line.replace(/^((?:[^#'"]|'[^']*'|"[^"]*")*#).*$/u, (_, before: string) => before);

export const withoutComments = (text: string): string => text.split('\n').map(withoutComment).join('\n');
