import type { HbaAddress, HbaLine, HbaOption, HbaPlace, HbaRule, HbaToken } from './hba-line.ts';
import { formatHbaAddress, hideSecrets, isHbaMethod, isHbaType, isSecretOption, sslIsOff } from './hba-line.ts';
import { parseIpAddress } from './ip-address.ts';
import { mask } from './secret.ts';

/** A row of the view pg_hba_file_rules; `rule_number` and `file_name` came with 16. */
export interface HbaRulesRow {
  readonly rule_number?: number | null | undefined;
  readonly file_name?: string | null | undefined;
  readonly line_number: number;
  readonly type: string | null;
  readonly database: readonly string[] | null;
  readonly user_name: readonly string[] | null;
  readonly address: string | null;
  readonly netmask: string | null;
  readonly auth_method: string | null;
  readonly options: readonly string[] | null;
  readonly error: string | null;
}

/**
 * The lines of pg_hba.conf from the view pg_hba_file_rules, in its order. The view reads the file again (hbafuncs.c, fill_hba_view): it tells what the file
 * says, not what the server has loaded. It drops the quotes, so that every name is `quoted: 'unknown'`.
 * `hbaFile` is the setting hba_file: the file of every row before 16.
 */
export function hbaLinesFromView(rows: readonly HbaRulesRow[], hbaFile: string): readonly HbaLine[] {
  return rows.map((row) => lineFromRow(row, hbaFile));
}

/**
 * The lines as the view has them, with what only the text knows: the quotes, the line as written, where a continued line ends.
 * Where the two differ (the file changed in between; a setting that the text does not show) the view is right.
 */
export function mergeHbaLines(fromText: readonly HbaLine[], fromView: readonly HbaLine[]): readonly HbaLine[] {
  const texts = new Map<string, HbaLine[]>();
  for (const line of fromText) texts.set(placeKey(line), [...(texts.get(placeKey(line)) ?? []), line]);
  return fromView.map((line) => {
    // A file that is included twice has each line twice.
    const text = texts.get(placeKey(line))?.shift();
    if (text === undefined) return line;
    if (line.kind === 'broken') {
      const error = line.error === unnamedError && text.kind === 'broken' ? text.error : line.error;
      return { ...line, ...placeOf(text), error };
    }
    if (text.kind === 'broken') return line;
    return sameColumns(text, line) ? { ...text, error: line.error } : line;
  });
}

/** hba.c leaves the view without a reason for a few mistakes (an unknown value of clientcert, a RADIUS list), which only the log names. */
const unnamedError = 'PostgreSQL refuses this line and names the reason only in its log';

function placeKey({ file, line }: HbaPlace): string {
  return `${line} ${file}`;
}

function placeOf({ file, line, endLine, text }: HbaPlace): HbaPlace {
  return { file, line, endLine, text };
}

function sameColumns(a: HbaRule, b: HbaRule): boolean {
  return (
    a.type === b.type &&
    columnKey(a.databases) === columnKey(b.databases) &&
    columnKey(a.users) === columnKey(b.users) &&
    formatHbaAddress(a.address) === formatHbaAddress(b.address) &&
    a.method === b.method
  );
}

function lineFromRow(row: HbaRulesRow, hbaFile: string): HbaLine {
  const rule = ruleFromRow(row);
  const place = { file: row.file_name ?? hbaFile, line: row.line_number, endLine: row.line_number };
  if (rule === undefined) return { kind: 'broken', ...place, text: '', error: reasonInRow(row) };
  const text = [
    rule.type,
    rule.databases.map((token) => token.text).join(','),
    rule.users.map((token) => token.text).join(','),
    formatHbaAddress(rule.address),
    rule.method,
    ...rule.options.map(({ name, value }) => `${name}=${value}`),
  ];
  return {
    kind: 'rule',
    ...place,
    text: text.filter((column) => column !== '').join(' '),
    ...rule,
    error: row.error ?? undefined,
  };
}

function ruleFromRow(row: HbaRulesRow): Omit<HbaRule, 'kind' | 'error' | keyof HbaPlace> | undefined {
  const { type, auth_method: method, database, user_name: userName } = row;
  if (type === null || method === null || !isHbaType(type) || !isHbaMethod(method)) return undefined;
  return {
    type,
    databases: tokensFromNames(database),
    users: tokensFromNames(userName),
    address: addressFromRow(row),
    method,
    options: (row.options ?? []).map(optionFromText),
  };
}

function addressFromRow({ address, netmask }: HbaRulesRow): HbaAddress {
  if (address === null) return { kind: 'local' };
  if (netmask === null) {
    // A host that is really named "all" cannot be told from the keyword here, and is less likely.
    return address === 'all' || address === 'samehost' || address === 'samenet'
      ? { kind: address }
      : { kind: 'host-name', name: address };
  }
  const network = parseIpAddress(address);
  const mask = parseIpAddress(netmask);
  return network === undefined || mask === undefined
    ? { kind: 'host-name', name: address }
    : { kind: 'network', address: network, netmask: mask };
}

function optionFromText(text: string): HbaOption {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals);
  return { name, value: isSecretOption(name) ? mask : text.slice(equals + 1) };
}

/** A hostssl line may have been given the error about `ssl` before the mistake that breaks it: then that is not the reason (parse_hba_line). */
function reasonInRow({ error }: HbaRulesRow): string {
  return error === null || error === sslIsOff ? unnamedError : hideSecrets(error);
}

function tokensFromNames(names: readonly string[] | null): readonly HbaToken[] {
  return (names ?? []).map((text) => ({ text, quoted: 'unknown' }));
}

function columnKey(tokens: readonly HbaToken[]): string {
  return JSON.stringify(tokens.map(({ text }) => text));
}
