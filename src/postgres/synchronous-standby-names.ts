/** synchronous_standby_names as the server reads it (replication/syncrep_gram.y, syncrep_scanner.l). */
export interface SynchronousStandbyNames {
  readonly method: 'first' | 'any';
  /** How many standbys each commit waits for. */
  readonly count: number;
  /** `*` stands for every standby. */
  readonly names: readonly string[];
}

/** Undefined for the empty value (no synchronous replication) and for one that the server would not take. */
export function parseSynchronousStandbyNames(text: string): SynchronousStandbyNames | undefined {
  const tokens = [...text.matchAll(/"((?:[^"]|"")*)"|([,()])|([^\s,()"]+)/g)].map(([, quoted, mark, word]) =>
    quoted === undefined
      ? { text: mark ?? word ?? '', quoted: false }
      : { text: quoted.replaceAll('""', '"'), quoted: true },
  );
  const names = (list: typeof tokens): readonly string[] =>
    list.filter(({ text: one, quoted }) => quoted || one !== ',').map((token) => token.text);
  const open = tokens.findIndex(({ text: one, quoted }) => !quoted && one === '(');
  if (tokens.length === 0) return undefined;
  if (open < 0) return { method: 'first', count: 1, names: names(tokens) };
  const last = tokens.at(-1);
  if (last?.quoted === true || last?.text !== ')') return undefined;
  const head = tokens.slice(0, open).map((token) => token.text);
  const count = Number(head.at(-1));
  const keyword = head.length === 2 ? head[0]?.toLowerCase() : undefined;
  if (!Number.isInteger(count) || count < 1 || (head.length === 2 && keyword !== 'first' && keyword !== 'any'))
    return undefined;
  return { method: keyword === 'any' ? 'any' : 'first', count, names: names(tokens.slice(open + 1, -1)) };
}

/** Whether a standby's application_name stands in the list; case does not count (syncrep.c, SyncRepGetStandbyPriority). */
export const isSynchronous = ({ names }: SynchronousStandbyNames, applicationName: string): boolean =>
  names.some((name) => name === '*' || name.toLowerCase() === applicationName.toLowerCase());

/** The value as it is written, each name in double quotes where it needs them. */
export const formatSynchronousStandbyNames = ({ method, count, names }: SynchronousStandbyNames): string =>
  `${method.toUpperCase()} ${count} (${names.map((name) => (name === '*' || isPlain(name) ? name : `"${name.replaceAll('"', '""')}"`)).join(', ')})`;

const isPlain = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_$]*$/.test(name) && !/^(any|first)$/i.test(name);
