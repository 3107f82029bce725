/** A tablespace that a base backup names: pg_tblspc/OID is to be a symbolic link to the location. */
export interface TablespaceLocation {
  readonly oid: number;
  readonly location: string;
}

export type TablespaceMapResult =
  | { readonly ok: true; readonly value: readonly TablespaceLocation[] }
  | { readonly ok: false; readonly fault: { readonly line: number; readonly found: string } };

/**
 * Reads tablespace_map: `OID location` a line, where a backslash before a newline, a carriage return or a backslash makes it part of
 * the location (access/transam/xlogrecovery.c, read_tablespace_map). 13 escapes line ends only: there any other backslash stands for
 * itself. As for the server, a last line without its end is a fault.
 */
export function parseTablespaceMap(text: string, major: number): TablespaceMapResult {
  const mappings: TablespaceLocation[] = [];
  let line = 1;
  let entry = '';
  let escaped = false;
  for (const character of text) {
    const isLineEnd = character === '\n' || character === '\r';
    if (escaped) {
      entry += isLineEnd || major >= 14 ? character : `\\${character}`;
      // in 13 the second of two backslashes may itself stand before a line end
      escaped = major < 14 && character === '\\';
      if (escaped) entry = entry.slice(0, -1);
    } else if (character === '\\') {
      escaped = true;
    } else if (isLineEnd) {
      // an empty line, or the \n after a \r
      if (entry !== '') {
        const mapping = readEntry(entry);
        if (mapping === undefined) return { ok: false, fault: { line, found: entry } };
        mappings.push(mapping);
        entry = '';
      }
    } else {
      entry += character;
    }
    if (character === '\n') line++;
  }
  return entry !== '' || escaped ? { ok: false, fault: { line, found: entry } } : { ok: true, value: mappings };
}

function readEntry(entry: string): TablespaceLocation | undefined {
  const [, oid = '', location = ''] = /^\s*(\d{1,10})\s+([^]*)$/u.exec(entry) ?? [];
  return oid === '' || Number(oid) > 0xff_ff_ff_ff ? undefined : { oid: Number(oid), location };
}
