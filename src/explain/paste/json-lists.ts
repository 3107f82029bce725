/**
 * `"stderr_lines": ["…", "…"]` and `["…"]`: what a program said, line for line, as Ansible and loggers hand it on. Each is a
 * line of its own again, behind the line that had them; what that line says otherwise as well is not repeated.
 */
export const withListsApart = (text: string): string =>
  text.length < longest && text.includes('["') ? text.split('\n').map(apart).join('\n') : text;

const longest = 65_536;

function apart(line: string): string {
  const lists = [...line.matchAll(list)];
  if (lists.length === 0) return line;
  const rest = line.replaceAll(list, '$<name>[]');
  const said = [...new Set(lists.flatMap(({ groups }) => elementsOf(groups?.['list'] ?? '[]')))].filter(
    (element) => element.trim() !== '' && !rest.includes(JSON.stringify(element).slice(1, -1)),
  );
  return [...(isOnlyBrackets.test(rest) ? [] : [rest]), ...said].join('\n');
}

/** In a list of words (`"cmd": ["pg_ctl", "start"]`) there is nothing that is a line. */
const list =
  /(?<name>"[\w.-]*(?:lines|errors?|messages?|logs?|output|stderr|stdout)" ?: ?|^\s*)(?<list>\[ ?"(?:[^"\\]|\\.)+"(?: ?, ?"(?:[^"\\]|\\.)*")* ?\])/giu;

const isOnlyBrackets = /^[\s[\]{},]*$/u;

function elementsOf(json: string): readonly string[] {
  try {
    const elements: unknown = JSON.parse(json);
    return Array.isArray(elements) ? elements.map(String) : [];
  } catch {
    return [];
  }
}
