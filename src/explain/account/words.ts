/** What a story of a replica is about: each with the words that people have for it. */
export const things = {
  standby:
    /\b(?:hot[- ])?(?:stand-?b?ys?|replicas?|slaves?|secondar(?:y|ies)|followers?|mirror)\b|\b(?:dr|reporting|second|backup|2nd|spare) (?:site|server|box|machine|host|vm|node|instance|db|database)\b/iu,
  primary:
    /\b(?:primary|primaries|masters?|leaders?)\b|\b(?:main|production|prod|source|first) (?:server|database|db|node|box|host|instance)\b/iu,
  'former primary':
    /\b(?:old|former|previous|failed|demoted|original|ex|crashed|dead)[- ](?:primary|master|leader|node|server)\b/iu,
  'other standby':
    /\b(?:other|remaining|second|third|2nd|3rd|rest of the|another) (?:stand-?bys?|replicas?|slaves?|secondar(?:y|ies)|nodes?)\b|\b(?:node|db|server|pg)[ _-]?[2-9]\b/iu,
  slot: /(?:\b|_)slots?\b/iu,
  wal: /\bpg_(?:wal|xlog)\b|\b(?:wals?|xlogs?)\b|\btransaction logs?\b|\blogs? (?:files? )?(?:that )?(?:it|they) needs?\b|\brequired logs?\b/iu,
  sender: /\bpg_stat_replication\b|\bwal[- _]?senders?\b/iu,
  receiver: /\bpg_stat_wal_receiver\b|\bwal[- _]?receivers?\b/iu,
  archive: /\barchiv(?:e|es|ed|ing|er)\b(?!_mode)|\b(?:archive|restore)_command\b/iu,
  copy: /\bpg_basebackup\b|\bbase ?backups?\b|\binitial (?:copy|sync)\b|\bstandby clone\b|\b(?:rsync\w*|snapshot|cloned?)\b/iu,
  restore:
    /\brestor(?:e|ed|ing)\b|\bpgbackrest\b|\bbarman\b|\bwal-g\b|\bsnapshots?\b|\b(?:clon|copi|duplicat)\w+\b|\bcopying\b/iu,
  service: /\b(?:services?|pods?|containers?|systemctl|systemd|postmaster|statefulset|kubelet)\b/iu,
  query: /\b(?:quer(?:y|ies)|selects?|reports?|exports?|pg_dump|dump|analysts?|etl|bi tool)\b/iu,
  write:
    /\b(?:commits?|inserts?|writes?|(?<!in )orders?|sav(?:e|es|ing)|updates?|deletes?|transactions?|statements?|ddl|clients?|applications?|apps?)\b/iu,
  disk: /\b(?:disks?|volumes?|pvcs?|file ?systems?|partition|space|storage|drive|mount)\b/iu,
  network: /\b(?:telnet|nc|netcat|port|firewall|security groups?|ping|tcp|vpn|subnets?|vpc)\b/iu,
  position:
    /\b(?:lsns?|recover(?:y|ing)|positions?|locations?|replay\w*|received?|appl(?:y|ied|ying)|[a-z]+_lsn|pg_last_(?:wal|xlog)\w+)\b/iu,
  lag: /\b(?:lag\w*|delay\w*|behind|seconds_behind\w*|replication_delay\w*)\b/iu,
  data: /\b(?:databases?|tables?|rows?|data|records?|counts?|schemas?)\b/iu,
  login: /\b(?:logins?|log in|users?|roles?|passwords?|authentication|pg_hba(?:\.conf)?|credentials?)\b/iu,
  pooler: /\b(?:pg_?bouncer|ha-?proxy|pgpool\w*|load ?balancer|vip|virtual ip|odyssey|pgcat)\b/iu,
  manager:
    /\b(?:patroni\w*|repmgrd?|pg_auto_failover|pg_autoctl|stolon|pacemaker|corosync|operator|spilo|cnpg|cloudnativepg|pgpool\w*|failover (?:tool|manager|software)|(?:cluster|ha) (?:manager|tool))\b/iu,
} as const satisfies Readonly<Record<string, RegExp>>;

export type Thing = keyof typeof things;

const negation = String.raw`(?:\b(?:not|never|no longer|cannot|without|hardly)|n['’]?t)`;

/** What is said of a thing. */
export const states = {
  empty:
    /\b(?:empty|no (?:rows?|records?|entr(?:y|ies)|results?|lines?|output)|(?:zero|0|none) (?:rows?|records?|results?)|nothing|none|gone|absent|disappeared|vanished)\b|\b(?:see|sees|is|are|there's|has|have|runs?|find|shows?|got) no\b/iu,
  blank:
    /\b(?:blank|nulls?|empty (?:columns?|fields?|values?)|(?:columns?|fields?|lsns?|address\w*) (?:are|is) (?:all )?empty)\b/iu,
  grows:
    /\b(?:gr[eo]w\w*|increas\w*|climb\w*|pil(?:e|es|ing) up|accumulat\w*|bigger|larger|balloon\w*|explod\w*|going up|goes up|rising|rises)\b|\b(?:not|never|n['’]t) (?:being |get(?:ting)? |been )?(?:removed|recycled|deleted|cleaned|purged|shrink\w*|shrunk)\b|\b\d{2,4} ?(?:gb?|gib|tb?|tib)\b/iu,
  full: /\b(?:full|100 ?%|9\d ?%|no space|out of (?:disk|space)|ran out|running out|filling(?: up)?|filled(?: up)?|fills(?: up)?|exhausted)/iu,
  behind: new RegExp(
    String.raw`\b(?:behind|lag\w*|stale|out[- ]of[- ](?:date|sync)|outdated|old data|fewer rows|missing (?:rows|data)|catch(?:es|ing)? up)\b|${negation} (?:\w+ ){0,3}?(?:catch\w*|caught|sync\w*|in sync|replicat\w*|updat\w*|show(?:s|n|ing)? up|arriv\w*|appear\w*|get(?:ting)? (?:any|new|the))\b|\b(?:data|rows?|changes) (?:stops?|ends?|is from|are from)\b|\b(?:from|of|since) (?:last (?:week|month|night|year)|yesterday)\b|\b(?:hours?|days?|weeks?|months?) old\b`,
    'iu',
  ),
  stuck: new RegExp(
    String.raw`\b(?:stuck|frozen|stands? still|stood still|standing still|(?:stays?|been|is|remains?) (?:at )?the same|stopped (?:at|moving|advancing|applying|replaying|in)|stops (?:at|advancing|moving)|no progress|halted)\b|${negation} (?:\w+ ){0,2}?(?:mov\w+|advanc\w+|chang\w+|progress\w*|budg\w+)\b`,
    'iu',
  ),
  waits: new RegExp(
    String.raw`\b(?:hang\w*|hung|block\w*|sits? (?:there|idle)|wait\w*|fr[eo]ez\w*|stall\w*|stood still|stands still|piled up|time[sd]? ?out|takes? forever)\b|${negation} (?:\w+ )?(?:return\w*|com(?:e|es|ing) back|finish\w*|complet\w*|go through|end)\b`,
    'iu',
  ),
  restarts:
    /\b(?:restart(?:s|ed|ing)? (?:every|again|over and over|in a loop|all the time|constantly|repeatedly)|keeps? (?:on )?(?:restarting|crashing|dying|getting (?:killed|restarted))|(?:gets?|is|are|being|got) (?:re-?started|killed|recreated)|crash-?loop\w*|(?:restart|crash) loop|oom-?killed)\b/iu,
  'does not start': new RegExp(
    String.raw`${negation} (?:\w+ )?(?:start|boot|come up)\b|\bfail\w* to start\b|\bstart failed\b|\bstart\b.{0,40}\bfail(?:s|ed)\b|\bstart\w* (?:says?|reports?|ends (?:with|in)|gives?|returns?) (?:failed|an? (?:error|failure))\b|\b(?:it|server|postgres|service) (?:is|was) dead\b|\b(?:stops?|exits?|dies|quits|crashes|shuts? down) (?:right|immediately|directly|just|again|straight|at once|seconds)\b|\b(?:stops?|exits?|dies) (?:\w+ )?after (?:\w+ )?(?:start\w*|few seconds|a second)\b`,
    'iu',
  ),
  'not ready': new RegExp(
    String.raw`\bstarting up\b|\b(?:never|not|n['’]t) (?:yet )?(?:\w+ )?(?:ready|accept(?:s|ing)? connections|consistent)\b|\b0/1\b|\bunready\b`,
    'iu',
  ),
  shrinks:
    /\b(?:going|goes|coming|comes) down\b|\b(?:shrink\w*|decreas\w*|getting smaller|falling|sinks|less and less)\b/iu,
  ended:
    /\b(?:cancel\w*|terminat\w*|abort\w*|(?:gets?|is|are|was|were|being|been) (?:killed|thrown out|kicked|interrupted|cut(?: off)?|dropped)|thrown out|kicked out|die[sd]? (?:in|after|halfway|midway))\b/iu,
  writable:
    /\b(?:read[-/ ]?write|rw|writ(?:e)?able|accept(?:s|ing|ed)? (?:writes?|inserts?)|(?:can|could|able to) (?:write|insert|create|update|delete)|(?:normal|ordinary|regular|stand-?alone|independent|separate) (?:server|instance|database|primary|master)|(?:as|is|up|became) (?:an? )?(?:primary|master)(?: of its own)?|own timeline|timeline of its own|not in recovery|out of recovery|create table\w* works?|inserts? works?|turned out to be (?:an? )?(?:primary|master))\b|\bpg_is_in_recovery\b.{0,25}\b(?:f|false)\b/iu,
  'two of them':
    /\b(?:two|2|both) (?:\w+ )?(?:primar(?:y|ies)|masters?|leaders?)\b|\bsplit[- ]?brain\b|\bboth (?:\w+ )?(?:are|is|as|accept\w*|take|claim\w*|think) (?:\w+ )?(?:primary|master|leader|writable)\b/iu,
  inactive:
    /\binactive\b|\bactive\b.{0,10}\b(?:f|false|no)\b|\bnot active\b|\b(?:un|not )used\b|\bdangling\b|\borphan\w*|\bleft[- ]?over\b|\bforgot\w*/iu,
  promoted:
    /(?:\b|_)promot\w*|\b(?:is|are) (?:now )?the (?:new )?(?:primary|master|leader) now\b|\bis (?:now )?the new (?:primary|master|leader)\b|\bfail(?:s|ed|ing)?[- ]?over\b|\bswitch(?:ed|ing)?[- ]?over\b|\b(?:took|takes|taken|taking) over\b|\belect\w*|\bbec(?:a|o)mes? (?:\w+ ){0,2}(?:primary|master|leader)\b/iu,
  down: /\b(?:shut (?:it )?down|shutdown|stop(?:s|ped|ping)?|(?:switched|powered|turned|was|were|is|goes|went|been) (?:off|down|offline)|offline|maintenance|patch(?:ed|ing)?|decommission\w*|unplugged|unreachable|disconnected|crash(?:ed|es)?|die[ds]?|outage|killed|was gone|removed|dropped|deleted|destroyed|lost (?:its|the|contact|connection)|retired)\b/iu,
  back: /\b(?:(?:came|comes?|brought|is|was|bring|going) (?:it )?back|started (?:it )?again|start (?:\w+ )?again|(?:turned|switched|powered) (?:it |them )?(?:back )?on|back online|re-?boot(?:ed|s|ing)?|re-?start(?:ed)?)\b/iu,
  streams: /\bstreaming\b|\bstreams\b/iu,
  equal: /\b(?:equals?|identical|the same|same as|match(?:es|ing)?|no difference)\b/iu,
  rejected: new RegExp(
    String.raw`\b(?:reject\w*|refus\w*|denied|declined)\b|${negation} (?:\w+ ){0,2}?(?:get in|connect\w*|accept\w*|reach\w*|let in|allow\w*|respond\w*|open|answer\w*|work\w*)\b|\b(?:can['’]?t|cannot|unable to|fails? to|failing to) (?:connect|reach|log in|login)\b`,
    'iu',
  ),
  idle: /\b(?:idle|quiet|no (?:load|traffic|writes?|activity|changes)|(?:nobody|no one|nothing) (?:\w+ )?(?:works?|writes?|written|happens|is using|uses|changes)|(?:at|over) (?:night|the weekend)|(?:drops?|resets?|goes?|jumps?|back|falls?) (?:back )?to (?:zero|0))\b/iu,
  attached:
    /\b(?:stays?|still|remains?|keeps?|is|are) (?:simply )?(?:connected|attached|following|streaming|pointing|pointed|follow\w*)\b|\bfollows\b/iu,
  'does not follow': new RegExp(
    String.raw`${negation} (?:\w+ ){0,3}?(?:follow\w*|(?:re-?)?attach\w*|re-?join\w*|join\w*|(?:re-?)?connect\w*|resum\w*|re-?sync\w*|sync\w*|switch\w*|pick\w*)\b|\bstays? on (?:the )?(?:old )?timeline\b|\bstill (?:asks?|asking|polls?|polling|wants?|looks?|looking)\b|\b(?:refuses|fails|failed|unable) to (?:follow|join|rejoin|attach|connect|sync)\b`,
    'iu',
  ),
  missing: new RegExp(
    String.raw`\b(?:missing|gone|lost|none of (?:my|our|the)|only (?:has |have |sees? |shows? |the )?(?:postgres|templates?|template0|default)|fewer|less|no (?:\w+ )?(?:databases?|tables?)|empty|differ\w*|wrong (?:rows?|results?|data)|not (?:there|found|all))\b|${negation} (?:\w+ )?(?:exist|there|have|find|see)\b`,
    'iu',
  ),
  slow: /\b(?:slow\w*|sluggish|only \d+ ?mb|takes? (?:\w+ )?\d+ (?:hours|days|h)|takes? (?:too |so |very )?(?:long|hours|days)|high latency|can(?:not|['’]?t) keep up)\b/iu,
  stored: /\b(?:stor(?:e|ed|ing)|put|keep|hide|plain ?text|clear ?text|saved?|secret|expos\w+)\b/iu,
  added: /\b(?:add(?:ed|ing)?|introduc\w+|convert\w*|switch(?:ing)? to|start using|attach|enable|assign|use)\b/iu,
} as const satisfies Readonly<Record<string, RegExp>>;

export type State = keyof typeof states;

/** A thing that is mentioned; or what is said of it; or what is said of anything. */
export type Fact = Thing | `${Thing}: ${State}` | `: ${State}`;
