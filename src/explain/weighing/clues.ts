/** What a text tells or shows beside a message that makes one of its causes the likely one. */
export type Clue =
  | 'data kept'
  | 'slot dropped'
  | 'primary remade'
  | 'primary restored'
  | 'standby copied'
  | 'backup left open'
  | 'not in recovery'
  | 'feedback on'
  | 'WAL deleted'
  | 'password changed'
  | 'address changed'
  | 'old primary started'
  | 'sender timed out'
  | 'on a standby'
  | 'listens locally'
  | 'environment changed'
  | 'tablespace inside';

/** Which of them a text has; each is looked for only when an answer asks for it. */
export function cluesIn(text: string): (clue: Clue) => boolean {
  const known = new Map<Clue, boolean>();
  const prose = { said: undefined as string | undefined };
  return (clue) => {
    const before = known.get(clue);
    if (before !== undefined) return before;
    const { shown, said } = signs[clue];
    prose.said ??= withoutOutput(text);
    const found = shown?.(text) === true || (said !== undefined && isSaid(said, prose.said));
    known.set(clue, found);
    return found;
  };
}

interface Signs {
  /** In what a program printed or a person typed. */
  readonly shown?: ((text: string) => boolean) | undefined;
  /** In a person's sentence. */
  readonly said?: RegExp;
}

const has =
  (pattern: RegExp): Signs['shown'] =>
  (text) =>
    pattern.test(text);

/** Words in between that belong to no other server. */
const near = String.raw`(?:(?!\b(?:from|standby|stand-by|replica|slave|secondary|but)\b)[^.;?!]){0,50}?`;

const remade = String.raw`(?:re-?built|re-?created|re-?install\w*|re-?initiali[sz]ed|re-?deployed|pg_upgraded|upgraded|initdb(?:['’]?ed)?|pg_upgrade|pg_resetwal)`;
const main = String.raw`(?:primary|master|leader|main (?:server|database|db))`;
const copy = String.raw`(?:standby|stand-by|replica|slave|secondary)`;

const signs: Readonly<Record<Clue, Signs>> = {
  'data kept': {
    shown: has(/Deploying PostgreSQL with persisted data|appears to contain a database; Skipping initialization/u),
  },
  'slot dropped': {
    shown: has(
      /(?:STATEMENT: +|[=#>] *|psql [^\n]*)SELECT pg_drop_replication_slot\(|[=#>] *DROP_REPLICATION_SLOT\b/iu,
    ),
    said: /\b(?:dropped|deleted|removed|lost|re-?created)\b[^.;?!]{0,60}?\bslots?\b|\bslots?\b[^.;?!]{0,30}\b(?:was|were|got|been|is|are) (?:\w+ ){0,2}(?:dropped|deleted|removed|gone|re-?created)\b/iu,
  },
  'primary remade': {
    said: new RegExp(
      String.raw`\b${remade}\b${near}\b${main}\b|\b${main}\b${near}\b(?:was|were|got|has been|had been) (?:\w+ )?${remade}\b|\b(?:ran|run|did|after|used|using) (?:an? )?(?:initdb|pg_upgrade|pg_resetwal)\b${near}\b${main}\b`,
      'iu',
    ),
  },
  'primary restored': {
    said: new RegExp(
      String.raw`\b(?:restored|rolled back|reverted)\b${near}\b${main}\b|\b${main}\b${near}\b(?:was|were|got|has been|had been) (?:\w+ )?(?:restored|rolled back|reverted)\b`,
      'iu',
    ),
  },
  'standby copied': {
    said: new RegExp(
      String.raw`\b(?:cloned|copied|duplicated|imaged|snapshotted)\b[^.;?!]{0,60}\b(?:vm|virtual machine|machine|image|volume|disk|${copy})\b|\b(?:from|of) (?:an? |the )?(?:vm |disk |machine )?(?:image|snapshot|clone|copy) of (?:the |our )?(?:\w+ )?${copy}\b`,
      'iu',
    ),
  },
  'backup left open': {
    shown: (text) =>
      /\bpg_(?:start_backup|backup_start)\b/u.test(text) &&
      !/(?<!\b(?:skip\w*|without|never|not|forg[eo]t\w*|before|n['’]t) (?:\w+ ){0,3})\bpg_(?:stop_backup|backup_stop)\b/iu.test(
        text,
      ),
  },
  'not in recovery': {
    shown: has(/\bpg_is_in_recovery\b(?:\(\))?(?:[^\S\n]*(?:[=:]|says|is|returns|gives|\n *-+\n)\s*)(?:f|false)\b/iu),
    said: /\b(?:accepts?|takes?|allows?) (?:writes?|inserts?)\b|\bforg[eo]t\w* (?:the )?-R\b|\bwithout -R\b/iu,
  },
  'feedback on': {
    shown: has(/^\s*hot_standby_feedback\s*(?:=\s*'?on\b|\n\s*-+\n\s*on\b)/imu),
    said: /\bhot_standby_feedback\b (?:is |was )?(?:already |now )?(?:=|to|set to|turned|switched)? ?['"]?(?:on|true|enabled)\b|\b(?:enabled|turned on|switched on|activated|have|with)\b[^.;?!]{0,20}\bhot_standby_feedback\b/iu,
  },
  'WAL deleted': {
    shown: has(/^[^\n]*[#$] (?:sudo )?(?:rm|find|pg_archivecleanup)\b[^\n]*\bpg_(?:wal|xlog)\b/mu),
    said: /\b(?:deleted|removed|cleaned|purged|emptied|cleared|rm)\b[^.;?!]{0,50}\b(?:pg_wal|pg_xlog|wals?|wal (?:files|segments|logs)|xlogs?)\b/iu,
  },
  'password changed': {
    said: /\b(?:changed|rotated|reset|altered|new)\b[^.;?!]{0,30}\b(?:password|credentials|secret)\b|\b(?:password|credentials|secret)\b[^.;?!]{0,20}\b(?:was|were|got|has been|have been) (?:changed|rotated|reset)\b/iu,
  },
  'address changed': {
    said: /\b(?:moved|migrated|re-?started|re-?created|changed)\b[^.;?!]{0,60}\b(?:ip|ips|addresses|address|subnet|network|vpc)\b|\b(?:ip|ips|address|addresses)\b[^.;?!]{0,20}\b(?:changed|is (?:now )?different|is new)\b/iu,
  },
  'old primary started': {
    said: new RegExp(
      String.raw`\b(?:re-?started|started|booted|brought (?:back )?up|came (?:back )?up|powered on|turned on)\b[^.;?!]{0,50}\b(?:old|former|previous|original|ex|failed|same(?: old)?)[- ]?${main}\b|\b(?:old|former|previous|original|ex|failed)[- ]?${main}\b[^.;?!]{0,30}\b(?:came|is|was|got|has) (?:\w+ )?(?:back|up|online|started|restarted)\b`,
      'iu',
    ),
  },
  'sender timed out': { shown: has(/terminating walsender process due to replication timeout/u) },
  'on a standby': {
    shown: has(
      /entering standby mode|started streaming WAL|restored log file "|WAL receiver process shutdown|consistent recovery state reached/u,
    ),
    said: /\b(?:standby|replica|slave)(?:['’]s)?\b[^.;?!]{0,30}\bpg_(?:wal|xlog)\b|\bpg_(?:wal|xlog)\b[^.;?!]{0,30}\bon (?:the|my|our|a|one) (?:standby|replica|slave)\b/iu,
  },
  'listens locally': {
    shown: (text) =>
      /listening on IPv4 address "127\.0\.0\.1"/u.test(text) &&
      !/listening on IPv[46] address "(?!127\.|::1")/u.test(text),
  },
  'environment changed': {
    said: /(?:POSTGRES(?:QL)?_PASSWORD|\.env\b|\bcompose\b|\benvironment\b)[^.;?!]{0,80}\b(?:changed|edited|updated|rotated)\b|\b(?:changed|edited|updated|rotated|new)\b[^.;?!]{0,60}(?:POSTGRES(?:QL)?_PASSWORD|\bpassword in (?:the |my )?(?:\.env|(?:docker[- ])?compose|environment))/iu,
  },
  // a directory of somebody's own directly in the data directory
  'tablespace inside': {
    shown: has(
      /could not create directory "(\/[^"\n]+)\/(?!base\b|global\b|pg_)[^"/\n]+": File exists[^]*data directory "\1"/u,
    ),
  },
};

/** What was not done, and what somebody thinks of doing, was not done. */
function isSaid(pattern: RegExp, prose: string): boolean {
  return [...prose.matchAll(new RegExp(pattern, 'giu'))].some(
    ({ 0: words, index }) => !isDenied.test(`${prose.slice(Math.max(0, index - 40), index)}${words.slice(0, 12)}`),
  );
}

const isDenied =
  /(?:\b(?:not|never|nobody|if|unless|should|shall|could|would|can|may|might|want(?:ed)? to|going to|about to|before|without|instead of)\b|n['’]t\b)[^.,;:?!\n]*$/iu;

/** A program's hint to drop a slot tells of none that was dropped. */
const withoutOutput = (text: string): string =>
  text
    .split('\n')
    .filter(
      (line) => !/\b(?:LOG|FATAL|ERROR|PANIC|WARNING|DETAIL|HINT|CONTEXT|STATEMENT|NOTICE|INFO|DEBUG) ?:/u.test(line),
    )
    .join('\n')
    .slice(0, longest);

/** A whole log has a person's words at its head. */
const longest = 16_384;
