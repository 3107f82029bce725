/**
 * A record of a JSON log that a tool has spread over lines (`jq`, a dashboard, a log store) is on one line again,
 * where the readers of records look for it; also behind the marks of a quotation.
 */
export function withObjectsOnOneLine(text: string): string {
  if (text.length > longest || !isRecord.test(text)) return text;
  const given = text.split('\n');
  const lines = given.map((line) => line.replace(quoted, ''));
  const told: string[] = [];
  let changed = false;
  for (let at = 0; at < lines.length; at += 1) {
    const end = opens.test(lines[at] ?? '') ? endOf(lines, at) : undefined;
    const object = end === undefined ? undefined : parsed(lines.slice(at, end + 1).join('\n'));
    if (end === undefined || object === undefined) {
      told.push(given[at] ?? '');
      continue;
    }
    told.push(object);
    changed = true;
    at = end;
  }
  return changed ? told.join('\n') : text;
}

const longest = 65_536;
const isRecord = /^[>\s]*"(?:error_severity|textPayload)":/mu;
const quoted = /^(?:\s{0,3}>)+ ?/u;
const opens = /^\s*\{\s*$/u;

/** The line that closes it, at the same indentation. */
function endOf(lines: readonly string[], from: number): number | undefined {
  const indentation = /^\s*/u.exec(lines[from] ?? '')?.[0] ?? '';
  const end = lines.findIndex((line, at) => at > from && new RegExp(`^${indentation}\\},?\\s*$`, 'u').test(line));
  return end === -1 ? undefined : end;
}

function parsed(json: string): string | undefined {
  try {
    const object: unknown = JSON.parse(json.trim().replace(/,$/u, ''));
    return JSON.stringify(object);
  } catch {
    return undefined;
  }
}
