import { once } from '../once.ts';

/** As elog.c, error_severity: DEBUG1 to DEBUG5 are all printed as DEBUG. */
export type Severity = 'DEBUG' | 'LOG' | 'INFO' | 'NOTICE' | 'WARNING' | 'ERROR' | 'FATAL' | 'PANIC';

/** The lines of a record behind its first one. */
export type PartName = 'detail' | 'hint' | 'query' | 'context' | 'location' | 'backtrace' | 'statement';

export type Label =
  | { readonly kind: 'main'; readonly severity: Severity; readonly english: boolean }
  | { readonly kind: 'part'; readonly part: PartName };

/** What a label's word (without the colon) says, in any language of lc_messages. */
export const labelOf = (word: string): Label | undefined => labels().get(word);

/** The same for a word in the bytes of UTF-8, one character a byte. */
export const labelOfBytes = (word: string): Label | undefined => labelsInBytes().get(word);

/** The same for the word that stands there, without making a string of it: a log of 1 GiB has ten million. */
export function labelAt(piece: string, at: number, end: number): Label | undefined {
  if (at >= end) return undefined;
  const shape = shapeOf(piece, at, end);
  // hardly a log has others than those in ASCII
  return among(plainLabels().get(shape), piece, at) ?? among(foreignLabels().get(shape), piece, at);
}

interface LabelWord {
  readonly word: string;
  readonly label: Label;
}

function among(alike: readonly LabelWord[] | undefined, piece: string, at: number): Label | undefined {
  if (alike !== undefined) for (const { word, label } of alike) if (piece.startsWith(word, at)) return label;
  return undefined;
}

/** Its length, its first and its last character: hardly two labels share them. */
function shapeOf(text: string, at: number, end: number): number {
  return ((end - at) << 16) | (text.charCodeAt(at) << 8) | text.charCodeAt(end - 1);
}

/**
 * Labels that lack the two blanks behind the colon in the translations of PostgreSQL 13 to 18 (Turkish, Korean, Russian,
 * French), for lines in which no other label is.
 */
export const oddLabel = /(?:^|[\s:\]])(AYRINTI|İPUCU|SORGU|ORTAM|YER|쿼리|위치|ПОЛОЖЕНИЕ|PILE D'APPEL) ?: ?/u;

export const oddParts: Readonly<Record<string, PartName>> = {
  AYRINTI: 'detail',
  İPUCU: 'hint',
  SORGU: 'query',
  ORTAM: 'context',
  YER: 'location',
  쿼리: 'query',
  위치: 'location',
  ПОЛОЖЕНИЕ: 'location',
  "PILE D'APPEL": 'backtrace',
};

/** src/backend/po/*.po of 13 to 18. Where a label has a blank in it, its last word. */
const severityWords: Readonly<Record<Severity, string>> = {
  DEBUG: 'DEBUG DEBUG1 DEBUG2 DEBUG3 DEBUG4 DEBUG5 디버그 ОТЛАДКА НАЛАГОДЖЕННЯ 调试 გამართვა DEPURAÇÃO',
  LOG: 'LOG 로그 DZIENNIK СООБЩЕНИЕ LOGG ЗАПИСУВАННЯ 日志 ჟურნალი',
  INFO: 'INFO 정보 ИНФОРМАЦИЯ BİLGİ ІНФОРМАЦІЯ 信息 ინფორმაცია INFORMACJA',
  NOTICE: 'NOTICE HINWEIS NOTIFICA 알림 ЗАМЕЧАНИЕ NOTIS NOT ПОВІДОМЛЕННЯ 注意 UWAGA NOTA',
  WARNING:
    'WARNING WARNUNG ATTENTION ATTENZIONE 경고 OSTRZEŻENIE AVISO ПРЕДУПРЕЖДЕНИЕ VARNING UYARI ПОПЕРЕДЖЕННЯ 警告 PERINGATAN გაფრთხილება',
  ERROR: 'ERROR FEHLER ERREUR ERRORE 오류 BŁĄD ERRO ОШИБКА FEL HATA ПОМИЛКА 错误 შეცდომა',
  FATAL: 'FATAL FATALE 치명적오류 KATASTROFALNY ВАЖНО FATALT (FATAL) ФАТАЛЬНО 致命错误 ფატალური',
  PANIC: 'PANIC PANIK PANICO 손상 PANIKA PÂNICO ПАНИКА KRİTİK ПАНІКА 比致命错误还过分的错误 პანიკა',
};

const partWords: Readonly<Record<PartName, string>> = {
  detail:
    'DETAIL DETALLE DÉTAIL DETTAGLI 詳細 상세정보 SZCZEGÓŁY DETALHE ПОДРОБНОСТИ DETALJ ВІДОМОСТІ 详细信息 DETIL დეტალები',
  hint: 'HINT TIPP ASTUCE SUGGERIMENTO ヒント 힌트 PODPOWIEDŹ DICA ПОДСКАЗКА TIPS УКАЗІВКА 提示 PETUNJUK მინიშნება',
  query: 'QUERY ANFRAGE CONSULTA REQUÊTE 問い合わせ ZAPYTANIE ЗАПРОС FRÅGA ЗАПИТ 查询 მოთხოვნა',
  context:
    'CONTEXT ZUSAMMENHANG CONTEXTO CONTEXTE CONTESTO 文脈 내용 KONTEKST КОНТЕКСТ KONTEXT 上下文 KONTEKS კონტექსტი',
  location: 'LOCATION ORT UBICACIÓN EMPLACEMENT POSIZIONE 場所 POZYCJA LOCAL PLATS РОЗТАШУВАННЯ 位置 LOKASI',
  backtrace: 'BACKTRACE バックトレース СТЕК ВІДСТЕЖУВАТИ 역추적 სტეკი',
  statement:
    'STATEMENT ANWEISUNG SENTENCIA INSTRUCTION ISTRUZIONE 文 구문 WYRAŻENIE COMANDO ОПЕРАТОР SATS KOMUT ІНСТРУКЦІЯ 语句 PERNYATAAN ოპერატორი',
};

const severityOrder = ['DEBUG', 'LOG', 'INFO', 'NOTICE', 'WARNING', 'ERROR', 'FATAL', 'PANIC'] as const;

const partOrder = ['detail', 'hint', 'query', 'context', 'location', 'backtrace', 'statement'] as const;

const labels = once(
  () =>
    new Map<string, Label>([
      ...severityOrder.flatMap((severity) =>
        severityWords[severity]
          .split(' ')
          .map((word) => [word, { kind: 'main', severity, english: word.startsWith(severity) }] as const),
      ),
      ...partOrder.flatMap((part) => partWords[part].split(' ').map((word) => [word, { kind: 'part', part }] as const)),
    ]),
);

const labelsInBytes = once(
  () => new Map([...labels()].map(([word, label]) => [Buffer.from(word, 'utf8').toString('latin1'), label])),
);

const isPlain = (word: string): boolean => /^[\0-\u007F]*$/u.test(word);
const plainLabels = once(() => byShape([...labels()].filter(([word]) => isPlain(word))));
const foreignLabels = once(() => byShape([...labelsInBytes()].filter(([word]) => !isPlain(word))));

function byShape(words: readonly (readonly [string, Label])[]): ReadonlyMap<number, readonly LabelWord[]> {
  const found = new Map<number, LabelWord[]>();
  for (const [word, label] of words) {
    const shape = shapeOf(word, 0, word.length);
    found.set(shape, [...(found.get(shape) ?? []), { word, label }]);
  }
  return found;
}
