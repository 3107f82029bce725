import type { LogRecord } from './log-record.ts';

/**
 * A record as lines of an excerpt; undefined where nothing can be shown. What clients sent is left out: a statement, a
 * parameter, a row that a message quotes, and what a function says may hold anything, and no name before it says so.
 * `isKnown`: its message is one of the catalogue, which has none of them.
 */
export function shownRecord(record: LogRecord, isKnown: boolean): string | undefined {
  const { time, pid, user, database, backendType, severity, program, sqlstate } = record;
  // a line without a label can be the rest of a statement
  if (severity === undefined && program === undefined && !isKnown) return undefined;
  const who = [
    time?.toISOString(),
    pid === undefined ? undefined : `[${pid}]`,
    user === undefined && database === undefined ? undefined : `${user ?? ''}@${database ?? ''}`,
    backendType,
    sqlstate,
    ...(program === undefined ? [] : [program]),
    ...(severity === undefined ? [] : [`${severity}:`]),
  ].filter((part) => part !== undefined && part !== '');
  const shown = isKnown || isOwnWork(record) ? withoutData : (): string => leftOut;
  const parts = [
    ['DETAIL', record.detail],
    ['HINT', record.hint],
    ['CONTEXT', record.context],
  ] as const;
  return [
    [...who, continued(shown(record.message))].join(' '),
    ...parts.flatMap(([name, text]) => (text === undefined ? [] : [`\t${name}:  ${continued(shown(text))}`])),
    ...((record.statement ?? record.query) === undefined ? [] : [`\tSTATEMENT:  ${leftOut}`]),
  ].join('\n');
}

const leftOut = '(left out)';

/** The TAB that a server's log has there. */
const continued = (text: string): string => text.replaceAll('\n', '\n\t');

/** No statement can raise a FATAL or a PANIC; of the rest what a server says of its own work. */
const isOwnWork = ({ severity, program, context, message }: LogRecord): boolean =>
  severity === 'FATAL' ||
  severity === 'PANIC' ||
  program !== undefined ||
  (severity === 'LOG' && context === undefined && ownWork.test(message));

const ownWork =
  /^(?:checkpoint|restartpoint|redo|consistent recovery|recovery|database system|starting|listening|connection (?:received|authorized|authenticated)|disconnection|could not|received|invalid record|archive|restored|terminating|shutting down|background worker|server process)\b/u;

/** Rows, keys, parameters and statements (execMain.c, ri_triggers.c, copyfromparse.c, params.c, spi.c, deadlock.c). */
const data =
  /parameters?:|parameter \$?\d|failing row contains|\bkey \(|^COPY \S+, line|SQL (?:statement|expression|function)|invalid input syntax|JSON data|prepare:|query:|query (?:text|parameters)|^process \d+: |failed process was running/imu;

function withoutData(text: string): string {
  const found = data.exec(text);
  return found === null ? text : `${text.slice(0, found.index)}${leftOut}`;
}
