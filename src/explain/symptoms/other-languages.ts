/**
 * The gist of a sentence in another language, in the words in which symptoms are written: what is said of which server. The rest
 * of the sentence stays as it is.
 */
export function gist(sentence: string): string {
  return words.reduce((text, [pattern, english]) => text.replaceAll(pattern, ` ${english} `), sentence);
}

/** Letters that English does not have, or several of the small words of other languages. */
export const isForeign = (text: string): boolean =>
  /[\u00C0-\u024F\u0400-\u04FF\u3040-\u30FF\u4E00-\u9FFF\uAC00-\uD7AF]/u.test(text) ||
  (text.match(
    /\b(?:nicht|und|ich|wird|ist|der|das|auf|wie|kann|dem|den|kein|est|les|une|des|sur|pas|le|la|du|ne|avec|dans|por|que|los|para|una|como|est[aá]|el|en|su|mi|con|al|il|non|che|dopo|del|della|niet|een|het|nie|jest|bir|ve)\b/giu,
  )?.length ?? 0) >= 2;

const any = (...alternatives: readonly string[]): RegExp =>
  new RegExp(
    alternatives
      .map((one) =>
        /[\u3040-\u30FF\u4E00-\u9FFF\uAC00-\uD7AF]/u.test(one) ? one : String.raw`(?<!\p{L})(?:${one})(?!\p{L})`,
      )
      .join('|'),
    'giu',
  );

/** The longer ones first: what is replaced is not read again. German, French, Spanish, Portuguese, Italian, Polish, Russian, Chinese, Japanese, Korean. */
const words: readonly (readonly [RegExp, string])[] = [
  [
    any(
      'alte[rn]? (?:primary|master|primärserver|hauptserver)',
      '(?:ancien|vieux) (?:primaire|maître|master)|ancien serveur (?:primaire|maître)',
      '(?:antiguo|viejo|anterior) (?:primario|maestro|master|principal)',
      '(?:antigo|velho) (?:primário|mestre|master)',
      'vecchio (?:primario|master)',
      'стар(?:ый|ого|ому) (?:мастер(?:а|у)?|primary)',
      '(?:原|旧)主(?:库|节点)',
      '旧(?:プライマリ|マスター)',
    ),
    'old primary',
  ],
  [
    any(
      'startet nicht(?: mehr)?|fährt nicht hoch|lässt sich nicht starten',
      'ne (?:démarre|redémarre|se lance) (?:pas|plus)',
      'no (?:arranca|inicia|levanta|se inicia)',
      'não (?:inicia|sobe|arranca)',
      'non (?:parte|si avvia)',
      'nie (?:uruchamia się|startuje|wstaje)',
      'не (?:запускается|стартует|поднимается|стартовала?)',
      '(?:启动不了|无法启动|不能启动|起不来|启动失败)',
      '起動(?:しない|しません|できない|できません)',
      '시작되지 않',
    ),
    'does not start',
  ],
  [
    any(
      '(?:wird|werden) nicht (?:mehr )?(?:repliziert|synchronisiert|übertragen)|kommen nicht (?:mehr )?an|kommt nicht (?:mehr )?an',
      "ne (?:se )?(?:réplique|synchronise)(?:nt)? (?:pas|plus)|n'arrivent (?:pas|plus)|ne sont (?:pas|plus) répliquée?s?",
      'no (?:se )?(?:replican?|sincronizan?|llegan?)|no est[aá]n? replicando',
      'não (?:replicam?|sincronizam?|chegam?)|não está replicando',
      'non (?:si )?(?:replicano?|sincronizzano?|arrivano)',
      'не (?:реплициру[ею]тся|синхронизиру[ею]тся|приход[ия]т|доход[ия]т|обновля[ею]тся)',
      '(?:不同步|没有同步|同步不了|无法同步|不能同步|不复制|同步失败)',
      '(?:同期|レプリケーション|反映)(?:されない|されません|しない|できない)',
    ),
    'is not replicated',
  ],
  [
    any(
      '(?:festplatte|platte|platten)(?: ist| läuft)? voll|(?:bis|und)[^.]{0,30}(?:festplatte|platte)[^.]{0,12} voll',
      'disque (?:est |dur )?plein|remplit le disque|saturer le disque',
      '(?:llenar?|lleno) el disco|disco (?:est[aá] )?lleno|llena el disco',
      '(?:encher?|lotar) o disco|disco (?:está )?cheio',
      'disco (?:è )?pieno|riempie il disco',
      'диск(?:е|а)? (?:переполнен|заполнен|забит|заканчивается)|место на диске (?:кончилось|закончилось|заканчивается)',
      '磁盘(?:满|爆满|空间不足|快满|占满)',
      'ディスク(?:フル|がいっぱい|を圧迫|使用量)',
    ),
    'disk is full',
  ],
  [
    any(
      'holt nicht (?:mehr )?auf|hinkt hinterher|hängt hinterher|kommt nicht hinterher|fällt zurück',
      'ne rattrape (?:pas|plus)(?: son retard)?|prend du retard',
      'no (?:se pone al día|alcanza)|se queda atrás',
      'não alcança|fica para trás',
      'nie nadąża|zostaje w tyle',
      'не успевает|отста[её]т|отстава(?:ет|ние|ния)',
      '(?:落后|滞后|追不上)',
      '(?:追いつかない|追いつけない|遅れて)',
    ),
    'is behind',
  ],
  [
    any(
      '(?:replikations)?(?:verzögerung|rückstand|verzug)',
      'retard(?: de réplication)?|décalage',
      'retraso|atraso|demora|desfase',
      'ritardo',
      'opóźnieni[ea]',
      'лаг(?:а|ом)?|задержк(?:а|и|у)',
      '(?:复制延迟|同步延迟|主从延迟|延迟)',
      '遅延',
      '지연',
    ),
    'lag',
  ],
  [
    any(
      'wächst(?: und wächst)?|steigt|nimmt zu|läuft voll|wird immer größer',
      'augmente|grossit|croît|ne cesse de (?:croître|grossir|grandir)',
      'crece(?: y crece)?|aumenta|no (?:para|deja) de crecer',
      'cresce|não para de crescer',
      'rośnie|narasta|zwiększa się',
      'раст[её]т|увеличивается|разраста(?:ет|ется)',
      '(?:不断增长|一直增长|增长|越来越大|一直增加|不断增大|暴涨|堆积)',
      '(?:増え続け|増加|肥大|たまり続け)',
      '증가',
    ),
    'grows',
  ],
  [
    any(
      'hängt(?: fest)?|bleibt hängen|bleibt stehen',
      '(?:reste |est )?bloquée?|se fige',
      '(?:se queda |está )?colgad[oa]|se (?:cuelga|bloquea|queda)|atascad[oa]',
      'trava(?:do|da)?|fica travad[oa]',
      'bloccat[oa]|si blocca',
      'завис(?:ает|ла|ло)|висит|застр(?:ял|яла|евает)',
      '(?:卡住|卡在|挂起|卡死|一直等待)',
      '(?:固まる|ハングする|止まったまま|停止したまま)',
    ),
    'hangs',
  ],
  [
    any(
      'leere?r?',
      'vides?',
      'vac[ií][oa]s?',
      'vazi[oa]s?',
      'vuot[oa]',
      'пуст(?:ой|ая|о|а|ое|ые)?',
      '(?:为空|是空的)',
      '空です',
      '비어',
    ),
    'empty',
  ],
  [
    any(
      'standby-?server|replikate?|sekundärserver|zweitserver|(?:zweite[rn]?) (?:server|knoten)',
      '(?:serveur |nœud |noeud )?secondaires?|réplicas?|réplicats?|esclaves?|serveurs? de secours|deuxième (?:serveur|nœud)',
      '(?:servidor |nodo )?secundari[oa]s?|réplicas?|esclav[oa]s?|segundo (?:servidor|nodo)',
      '(?:servidor )?secundári[oa]|escrav[oa]',
      '(?:server |nodo )?secondari[oa]',
      'serwer(?:a|owi|em)? zapasow\\p{L}*|replik[aięo]\\p{L}*',
      'реплик(?:а|и|у|е|ой)|стендбай\\p{L}*|слейв\\p{L}*|резервн\\p{L}+ сервер\\p{L}*',
      '(?:从库|备库|从节点|备节点|从服务器|备机|只读副本|备份节点)',
      '(?:スタンバイ|レプリカ|スレーブ|セカンダリ)',
      '(?:스탠바이|복제본|슬레이브)',
    ),
    'standby',
  ],
  [
    any(
      'primärserver|hauptserver',
      '(?:serveur |nœud |noeud )?(?:primaire|maître|principal)',
      '(?:servidor |nodo )?(?:primario|maestro|principal)',
      '(?:servidor )?(?:primário|mestre)',
      'serwer(?:a|owi|em)? główn\\p{L}*',
      'мастер(?:а|у|е|ом)?|первичн\\p{L}+|основн\\p{L}+ сервер\\p{L}*',
      '(?:主库|主节点|主服务器|主机)',
      '(?:プライマリ|マスター)',
      '(?:프라이머리|마스터)',
    ),
    'primary',
  ],
  [
    any(
      'streaming-?replikation|replikation',
      'réplication',
      'replicación',
      'replicação',
      'replicazione',
      'репликаци\\p{L}+',
      '(?:流复制|主从复制|复制)',
      'レプリケーション',
      '복제',
    ),
    'replication',
  ],
  [
    any(
      'wie (?:kann|richte|mache|bekomme|baue|erstelle|setze)(?: ich)?',
      'comment',
      'c[oó]mo (?:puedo|se|hago|configuro)?',
      'como (?:posso|faço|configuro|configurar)',
      'come (?:posso|si|faccio)',
      'как (?:мне )?(?:можно|настроить|сделать|поднять|создать)?',
      '(?:如何|怎么|怎样)',
      '(?:どうやって|どうすれば|方法)',
      '어떻게',
    ),
    'how can I',
  ],
  [
    any(
      'einrichten|aufsetzen|aufbauen|einzurichten',
      'mettre en place|configurer|créer|monter',
      'configurar|montar|crear|instalar',
      'configurare|creare|impostare',
      'настроить|создать|поднять|настройка',
      '(?:搭建|配置|设置)',
      '(?:構築|設定|構成)',
    ),
    'set up',
  ],
  [
    any(
      'befördern|hochstufen',
      'promouvoir',
      'promover|promocionar',
      'promuovere',
      'промоут\\p{L}*|повысить',
      '提升',
      '昇格',
    ),
    'promote',
  ],
  [any('nicht|keine?n?', 'ne|pas|plus', 'não', 'non', 'не', '(?:不|没有|无法)', '(?:ない|ません)'), 'not'],
];
