import { describe, expect, it } from 'vitest';

import { isAnswer } from '../../src/explain/explanation.ts';
import { inEnglish } from '../../src/explain/in-english.ts';
import translations from '../../src/explain/translations.json' with { type: 'json' };
import { explained } from './explained.ts';

const values: readonly string[] = ['repl', '10.0.0.6', 'standby1', 'fourth', 'fifth', 'sixth', 'seventh'];

/** A format with the values in the places that it gives to its arguments. */
function filled(format: string): string {
  let next = 0;
  return format.replaceAll(
    /%(?:(\d+)\$)?[-0-9.]*(?:ll|l|z)?([a-zA-Z])|%%/gu,
    (whole, number: string | undefined, kind: string | undefined) => {
      if (kind === undefined) return whole.slice(1);
      if (kind === 'm') return 'EIO';
      next += 1;
      const place = number === undefined ? next : Number(number);
      return /[duxX]/u.test(kind) ? String(40 + place) : (values[place - 1] ?? 'more');
    },
  );
}

const pairs: readonly (readonly [english: string, foreign: string])[] = translations
  .slice(1)
  .filter((row) => row.length > 1)
  .flatMap(([english = '', ...languages]) =>
    languages.flatMap((cell) =>
      cell.split('\n').flatMap((format) => (format === '' ? [] : ([[english, format]] as const))),
    ),
  )
  .map(([english, foreign]) => [filled(english), filled(foreign)]);

/** What the translations leave alone. */
const plain = (text: string): string => text.replaceAll(/["'.\s]/gu, '').toLowerCase();

describe('messages in other languages', () => {
  it('are the English ones, with their values', async () => {
    const known = new Map<string, Set<string>>();
    for (const [english, foreign] of pairs) known.set(foreign, (known.get(foreign) ?? new Set()).add(plain(english)));
    const others: string[] = [];
    for (const [foreign, english] of known) {
      // oxlint-disable-next-line no-await-in-loop -- one table for all
      // a letter of its script makes it foreign
      const read = await inEnglish(`${/[\u0400-\uFFFF]/u.test(foreign) ? 'Ж' : 'é'} ${foreign}`);
      if (!english.has(plain(read.slice(2)))) others.push(`${foreign} => ${read.slice(2)}`);
    }
    expect(known.size).toBeGreaterThan(1500);
    expect(others.length / known.size, others.slice(0, 20).join('\n')).toBeLessThan(0.03);
  });

  it.each([
    ['FATAL:  Rolle »kopie« existiert nicht', 'role-does-not-exist', 'kopie'],
    ["pg_basebackup: erreur : le répertoire « /srv/pg » existe mais n'est pas vide", 'pgbb-dir-not-empty', '/srv/pg'],
    ['ERROR:  no existe el slot de replicación «sb1»', 'slot-does-not-exist', 'sb1'],
    ['FATAL:  role "replicador" não existe', 'role-does-not-exist', 'replicador'],
    [
      'ОШИБКА:  запрошенный сегмент WAL 000000010000000000000003 уже удалён',
      'requested-wal-removed',
      '000000010000000000000003',
    ],
    [
      'ВАЖНО:  число запрошенных подключений резервных серверов превосходит max_wal_senders (сейчас: 0)',
      'too-many-walsenders',
      'max_wal_senders',
    ],
    [
      'FATAL:  データベースシステムの識別子がプライマリサーバーとスタンバイサーバー間で異なります',
      'system-identifier-differs',
      '',
    ],
    ['ÖLÜMCÜL (FATAL):  "kopya" rolü mevcut değil', 'role-does-not-exist', 'kopya'],
    ['KATASTROFALNY:  rola "kopia" nie istnieje', 'role-does-not-exist', 'kopia'],
    ['치명적오류:  "mirror" 롤(role) 없음', 'role-does-not-exist', 'mirror'],
    ['FATALT:  rollen "kopia" finns inte', 'role-does-not-exist', 'kopia'],
    ['ФАТАЛЬНО:  роль "kopia" не існує', 'role-does-not-exist', 'kopia'],
    [
      '致命错误:  没有适用于主机 "10.0.0.6", 用户 "repl", SSL关闭 的复制连接的 pg_hba.conf 条目',
      'no-hba-replication',
      '10.0.0.6',
    ],
  ])('%s', async (text, name, value) => {
    const top = (await explained(text)).find(isAnswer);
    expect(top?.names).toContain(name);
    expect(JSON.stringify(top)).toContain(value);
  });

  it('leaves other texts alone', async () => {
    const prose =
      'Die Rolle der Kopie ist größer, als man denkt: sie hält die Daten auch dann bereit, wenn der Primärserver ausfällt.';
    expect(await inEnglish(prose)).toBe(prose);
    expect(await inEnglish('FATAL:  role "repl" does not exist')).toBe('FATAL:  role "repl" does not exist');
  });
});
