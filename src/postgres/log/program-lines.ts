import type { PartName, Severity } from './labels.ts';

/** A line that a client program (or the server, before its log is set up) begins with its own name. */
export interface ProgramLine {
  readonly program: string;
  readonly level: { readonly severity: Severity | undefined } | { readonly part: PartName };
  readonly text: string;
}

/** common/logging.c, pg_log_generic; pg_ctl and the server's early errors have no level. Undefined: no such line. */
export function programLine(line: string): ProgramLine | undefined {
  const match = /^(?:\S*\/)?(postgres|initdb|psql|pg_[a-z_]+)(?:\.exe)?: (?:([^\s:"']+) ?: {1,2})?(.*)$/su.exec(line);
  if (match !== null) {
    const [, program = '', word = '', rest = ''] = match;
    const level = levels.get(word.toLowerCase());
    return level === undefined
      ? { program, level: { severity: undefined }, text: line.slice(line.indexOf(': ') + 2) }
      : { program, level, text: rest };
  }
  // guc.c, SelectConfigFiles; main.c, check_root; libpq's fe-connect.c, passwordFromFile
  return /^(?:\S*postgres does not know where|"root" execution of|Execution of PostgreSQL by|WARNING: password file )/u.test(
    line,
  )
    ? { program: line.startsWith('WARNING') ? 'libpq' : 'postgres', level: { severity: undefined }, text: line }
    : undefined;
}

/** Without colours (PG_COLOR) and what a progress bar drew over. */
export function plainLine(line: string): string {
  const plain = line.includes('\u001B') ? line.replaceAll(ansi, '') : line;
  if (!plain.includes('\r')) return plain;
  return (
    plain
      .split('\r')
      .findLast((part) => part.trim() !== '')
      ?.trimEnd() ?? ''
  );
}

// oxlint-disable-next-line no-control-regex -- it is what colours consist of
const ansi = /\u001B\[[0-9;?]*[A-Za-z]/gu;

/** src/bin/pg_basebackup/po/*.po and the others' of 18; `fatal` was in 13 and 14. */
const levels: ReadonlyMap<string, ProgramLine['level']> = new Map<string, ProgramLine['level']>([
  ...words('error chyba fehler σφάλμα erreur errore エラー შეცდომა 오류 ошибка fel hata помилка 错误', {
    severity: 'ERROR',
  }),
  ...words('fatal', { severity: 'FATAL' }),
  ...words(
    'warning varování warnung προειδοποίηση precaución attention avvertimento 警告 გაფრთხილება 경고 предупреждение varning uyarı попередження',
    { severity: 'WARNING' },
  ),
  ...words('detail λεπτομέρεια detalle détail dettaglio 詳細 დეტალები 상세정보 подробности detalj деталі', {
    part: 'detail',
  }),
  ...words('hint tipp υπόδειξη consejo astuce suggerimento ヒント მინიშნება 힌트 подсказка tips підказка', {
    part: 'hint',
  }),
]);

function words(list: string, level: ProgramLine['level']): readonly (readonly [string, ProgramLine['level']])[] {
  return list.split(' ').map((word) => [word, level]);
}
