import { describe, expect, it } from 'vitest';

import { symptomIn } from '../../src/explain/symptoms.ts';
import { gist, isForeign } from '../../src/explain/symptoms/other-languages.ts';

/** The same complaints in several languages, as people write them. */
const said: Readonly<Record<string, readonly string[]>> = {
  'The standby is behind its primary': [
    'Unser Replikat hinkt hinterher, der Rückstand auf dem Primärserver wächst seit gestern.',
    'Le serveur secondaire PostgreSQL ne rattrape plus son retard sur le primaire',
    'La réplica no alcanza al primario y el retraso crece, es PostgreSQL 16',
    'A réplica fica para trás do primário e o atraso cresce, não sei por que',
    'La replica resta indietro rispetto al primario e il ritardo cresce, non so perché',
    'Nasz serwer zapasowy nie nadąża za serwerem głównym, opóźnienie rośnie',
    'Реплика отстаёт от мастера, задержка растёт',
    '备库延迟越来越大,追不上主库',
    'スタンバイの遅延が増加して、プライマリに追いつかない',
  ],
  'Something keeps the server from removing': [
    'Das Verzeichnis pg_wal wächst und wächst auf dem Server, bis die Platte voll ist',
    'Le répertoire pg_wal grossit sur le serveur primaire',
    'El directorio pg_wal crece en el servidor primario',
    'Каталог pg_wal растёт на мастере',
    '主库的 pg_wal 目录一直增长',
  ],
  'Why a standby does not start': [
    'Der Standby startet nicht mehr nach dem Kopieren und ich weiß nicht warum',
    'Le serveur secondaire ne démarre plus après la copie',
    'La réplica no arranca después de la copia',
    'A réplica não inicia depois da cópia',
    'Реплика не запускается после копирования',
    '从库启动不了,日志里没有内容',
    'コピーした後、スタンバイが起動しません',
  ],
  'After a failover the old primary': [
    'Der alte Primary kann dem neuen nicht folgen und ist kein Standby',
    "L'ancien primaire ne peut pas rejoindre le nouveau comme secondaire",
    'Старый мастер не подключается к новому как реплика',
    '旧主库不能作为备库 join 新的',
  ],
  'No standby is connected': [
    'Auf dem Primary ist pg_stat_replication leer und neue Daten kommen nicht an',
    'pg_stat_replication est vide sur le serveur primaire',
    'pg_stat_replication está vacía en el primario',
    'на мастере pg_stat_replication пустая',
    '主库上 pg_stat_replication 为空',
  ],
};

describe('complaints in other languages', () => {
  it.each(Object.entries(said).flatMap(([means, sentences]) => sentences.map((one) => [one, means] as const)))(
    '%s',
    (sentence, means) => {
      const found = symptomIn(sentence);
      expect(found?.means, gist(sentence)).toContain(means);
      // as it was written
      expect(sentence).toContain(found?.text.slice(0, 20));
    },
  );

  it.each([
    'Das Wetter ist heute nicht schön und der Zug ist zu spät',
    'La replica del cuadro no está en el museo',
    'Мастер не пришёл, ремонт стоит',
    '今天服务器很快',
    'the replica is on the primary school, and it is fine',
  ])('%s', (sentence) => {
    expect(symptomIn(sentence)).toBeUndefined();
  });

  it('leaves English as it is', () => {
    expect(isForeign('the standby does not start, and I come from MySQL')).toBe(false);
  });
});
