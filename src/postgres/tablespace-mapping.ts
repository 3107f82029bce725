/** Why pg_basebackup refuses a `-T`, in its own words. */
export type TablespaceMappingProblem = string;

/**
 * Reads `OLDDIR=NEWDIR` of pg_basebackup -T: `\=` stands for an equals sign in a path, both paths are absolute and are
 * canonicalised (pg_basebackup.c, tablespace_list_append). A text is the reason of a refusal.
 */
export function parseTablespaceMapping(
  text: string,
): { readonly from: string; readonly to: string } | TablespaceMappingProblem {
  const parts = [''];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\' && text[at + 1] === '=') continue;
    if (character === '=' && text[at - 1] !== '\\') {
      if (parts.length === 2) return 'multiple "=" signs in tablespace mapping';
      parts.push('');
    } else {
      parts.push(`${parts.pop() ?? ''}${character}`);
    }
  }
  const [from = '', to = ''] = parts;
  if (from === '' || to === '') return `invalid tablespace mapping format "${text}", must be "OLDDIR=NEWDIR"`;
  if (!from.startsWith('/')) return `old directory is not an absolute path in tablespace mapping: ${from}`;
  if (!to.startsWith('/')) return `new directory is not an absolute path in tablespace mapping: ${to}`;
  return { from: canonical(from), to: canonical(to) };
}

/** port/path.c, canonicalize_path, for absolute paths: no double, trailing or `.` parts, and `..` taken out. */
function canonical(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}
