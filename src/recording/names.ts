import { parseIpAddress } from '../postgres/ip-address.ts';
import { namesInCommand } from './command-names.ts';
import type { NameKind } from './name-kind.ts';
import { isCommonPart, pathsInText } from './paths.ts';

/** Under these keys of facts, and as these values of settings and of connection strings, stands a name. */
const byKey: Readonly<Record<string, NameKind>> = {
  ...of(
    'host',
    'host hostaddr address senderHost machine destination service hostname aliases ldapserver issuer subject',
  ),
  ...of('role', 'user role users account serverUser superuser memberOf replicationThrough similar systemUser'),
  ...of('database', 'database databases dbname'),
  ...of(
    'name',
    'slot slots slotName primary_slot_name applicationName application_name reportsAs cluster_name cluster',
  ),
  ...of(
    'name',
    'map member synchronous_standby_names synchronized_standby_slots search_path default_tablespace temp_tablespaces prepared tablespace container activeSlot slot_name standbyName',
  ),
  ...of('dir', 'path realPath file directory dataDirectory mountPoint given location place'),
};

function of(kind: NameKind, keys: string): Readonly<Record<string, NameKind>> {
  return Object.fromEntries(keys.split(' ').map((key) => [key, kind]));
}

/** Objects whose `name` is one, by the key that holds them. */
const named: Readonly<Record<string, NameKind>> = {
  ...of('host', 'primary address names'),
  ...of('role', 'owner role replicationRole replicationRoles operatingSystemUser standbyServerUser login users'),
  ...of('database', 'databases'),
  ...of('name', 'slots standbySlots damagedSlots tablespaces tablespace container containers others networks'),
};

/** Values under these keys are words of the program and of PostgreSQL, and so are those that have the same spelling. */
const wordKeys = new Set(
  'kind status state is from why process positionFrom method type outcome stage severity walLevel sslmode held side part refusal topic speaker format walMethod checkpoint password relation source backendType pauseState syncState byteOrder wanted program name'.split(
    ' ',
  ),
);

/** Of what a container was created with (container-options.ts). */
const namingOptions = new Set(['--network', '--network-alias', '--hostname', '--label']);

/** Lists of files by their names alone, without a directory. */
const fileNameKeys = new Set(['entries', 'ownFiles']);

/** An entry of the catalogue of messages: words of PostgreSQL and of this program, and nobody's names. */
export const isOfTheCatalogue = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'format' in value && 'meaning' in value && 'speaker' in value;

/** They name nobody's server: to replace them would change what the file says. */
const ordinary = new Set(
  'postgres replication replicator standby primary localhost root all samerole sameuser samegroup samehost samenet template0 template1 walreceiver public data main local backup user role host database name dir server client master replica slot on off true false yes no none any first unknown postgresql'.split(
    ' ',
  ),
);

/** The names in a value, by what they are the names of. */
export function namesIn(value: unknown): ReadonlyMap<string, NameKind> {
  const found = new Map<string, NameKind>();
  const words = new Set(ordinary);

  const add = (kind: NameKind, given: string): void => {
    // a group of pg_hba.conf
    const text = kind === 'role' ? given.replace(/^\+/u, '') : given;
    if (text.length < 2 || /^[\d.\s]+$/u.test(text) || text.includes('\n') || text === '***') return;
    if (kind === 'dir') return addParts(text);
    // a regular expression of pg_hba.conf or pg_ident.conf: the words in it
    if (kind !== 'host' && text.startsWith('/')) {
      for (const [word] of text.matchAll(/[\p{L}_][\p{L}\d_-]{2,}/gu)) add(kind, word);
      return;
    }
    // options, sockets, and what PostgreSQL itself has named
    if (!/^[\p{L}\d_]/u.test(text) || text.startsWith('pg_')) return;
    if (parseIpAddress(text) !== undefined || /^[\w.:]+\/\d+$/u.test(text) || isKnown(text, kind)) return;
    // a list, as listen_addresses and synchronous_standby_names are
    if (/[,()"]|^\S+\s+\+/u.test(text)) for (const one of text.split(/[\s,()"]+/u)) add(kind, one);
    else found.set(text, kind);
  };

  /** What is a slot as well stays what a slot may be called, whichever of the two comes first. */
  const isKnown = (name: string, kind: NameKind): boolean => {
    const known = found.get(name);
    return known !== undefined && (mayHaveHyphens(kind) || !mayHaveHyphens(known));
  };

  /** Of a path those parts that do not end where a path in a text ends, and those of a relative one. */
  const addParts = (path: string): void => {
    const isWhole = /^\/[^\s'"`,;:()<>|&=[\]{}\\]*$/u.test(path);
    if (isWhole || !path.includes('/')) return;
    for (const part of path.split('/')) addPart(part);
  };

  const addPart = (part: string): void => {
    if (!isCommonPart(part) && part.length > 2 && !found.has(part)) found.set(part, 'dir');
  };

  const walk = (inner: unknown, key: string, above: string): void => {
    if (key === 'id' || isOfTheCatalogue(inner)) return;
    if (typeof inner === 'string') {
      if (/(?:^|_)command$/u.test(key)) for (const [kind, name] of namesInCommand(inner)) add(kind, name);
      if (fileNameKeys.has(key)) addPart(inner);
      // it says where a value comes from, not what it is
      const kind =
        above === 'sources' ? undefined : (byKey[key] ?? (key === 'name' || key === 'text' ? named[above] : undefined));
      if (kind !== undefined) add(kind, inner);
      else if (wordKeys.has(key)) words.add(inner);
      const text = inner.replaceAll(pathsInText, ' / ');
      for (const [pattern, kindOf] of inTexts)
        for (const [, name = ''] of (pattern.source.includes(':\\/\\/') ? inner : text).matchAll(pattern)) {
          if (kindOf === 'dir') for (const part of name.split('/')) addPart(part);
          else add(kindOf, name.replaceAll(/^['"]|['"]$/gu, ''));
        }
      return;
    }
    if (typeof inner !== 'object' || inner === null) return;
    // the items of a list are under the key of the list
    if (Array.isArray(inner) && key === 'options')
      for (const [option, given] of inner.map((one, at): unknown[] => [one, inner[at + 1]]))
        if (typeof option === 'string' && typeof given === 'string' && namingOptions.has(option)) add('name', given);
    if (Array.isArray(inner) || inner instanceof Set) for (const one of inner) walk(one, key, above);
    else if (inner instanceof Map) {
      for (const [name, one] of inner) {
        walk(name, '', key);
        if (typeof one === 'object' && one !== null && 'value' in one) words.add(String(name));
        walk(
          typeof one === 'object' && one !== null && 'value' in one ? { ...one, [String(name)]: one.value } : one,
          String(name),
          key,
        );
      }
    } else for (const [name, one] of Object.entries(inner)) walk(one, name, isWrapper(key) ? above : key);
  };

  walk(value, '', '');
  return new Map([...found].filter(([name]) => !words.has(name) && !ordinary.has(name.toLowerCase())));
}

/** In their tokens (redact.ts). */
const mayHaveHyphens = (kind: NameKind): boolean => kind === 'host' || kind === 'dir';

/** `{status: 'seen', value}`: what is in it is under the name of the fact. */
const isWrapper = (key: string): boolean => key === 'value' || key === '';

/** Names that stand in connection strings, in URIs and in messages. */
const inTexts: readonly (readonly [RegExp, NameKind])[] = [
  [/\b(?:host|service|client)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s'"&]+)/gu, 'host'],
  [/\buser\s*=\s*('(?:[^'\\]|\\.)*'|[^\s'"&,]+)/gu, 'role'],
  [/\b(?:dbname|database|db)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s'"&,]+)/gu, 'database'],
  [
    /\b(?:application_name|primary_slot_name|fallback_application_name|app)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s'"&,]+)/gu,
    'name',
  ],
  [
    /\b(?:requirepeer|krbsrvname|krb_realm|map|ldap(?:prefix|searchattribute))\s*=\s*('(?:[^'\\]|\\.)*'|"[^"]*"|[^\s'"&,]+)/gu,
    'name',
  ],
  // distinguished names, as those of LDAP and of certificates
  [/(?<![\w-])(?:cn|dc|ou|o|uid)=([^\s,"'=+/;()%*][^,"'=+/;()]*)/giu, 'name'],
  [/(?<![\w.%])([a-z_][\w.-]{0,63})@(?=[\w%[])/giu, 'role'],
  [/(?<=[\w"'])@([a-z][\w-]*(?:\.[\w-]+)*)/giu, 'host'],
  [/:\/\/(?:[^\s@/]*@)?([^\s/:?@'",[\]]+)/gu, 'host'],
  [/\bpostgres(?:ql)?:\/\/[^\s'"/?]*\/([^\s'"?&]+)/gu, 'database'],
  [/:\/\/[^\s'"/?#]+(\/[^\s'"?#]+)/gu, 'dir'],
  [/^\s*include(?:_if_exists|_dir)?\s*=?\s*'([^']+)'/gmu, 'dir'],
  // a module of rsync's daemon
  [/::(?<=\.[\w-]{1,63}::)([a-z_][\w-]*)/giu, 'name'],
  [/:\/\/([^\s@/:]+)(?::[^\s@/]*)?@/gu, 'role'],
  [/\b(?:host|host name|server at|on server) "([^"\s/]+)"/gu, 'host'],
  [/\b(?:user|role) "([^"]+)"/giu, 'role'],
  // auth.c and user.c: "provided user name (%s) and authenticated user name (%s) do not match"
  [/\buser name \(([^)\s]+)\)/gu, 'role'],
  // a line of pg_hba.conf that a message quotes
  [/"(?:local|host(?:no)?(?:ssl|gssenc)?|host)\s+([^\s"]+)\s/gu, 'database'],
  [/"(?:local|host(?:no)?(?:ssl|gssenc)?|host)\s+[^\s"]+\s+([^\s"]+)\s/gu, 'role'],
  [/"host(?:(?:no)?(?:ssl|gssenc))?\s+[^\s"]+\s+[^\s"]+\s+([^\s"]+)/gu, 'host'],
  [/\bdatabase "([^"]+)"/giu, 'database'],
  [/\b(?:slot|tablespace|standby|restore point|publication|subscription) "([^"]+)"/giu, 'name'],
  [/\b(?:certificate|key|configuration|service) file "([^"/][^"]*)"/giu, 'dir'],
  [
    /\b([a-z\d][a-z\d-]{0,62}(?:\.[a-z\d-]{1,63}){0,30}\.(?!conf\b|log\b|json\b|csv\b|auto\b|signal\b|so\b|pid\b|gz\b|history\b|partial\b|backup\b|crt\b|key\b|pem\b|opts\b|done\b|ready\b|md\b|html\b|ts\b|js\b|sh\b|utf8?\b|tmp\b|old\b|bak\b|tar\b|zst\b|sql\b)[a-z]{2,})\b(?!\()/giu,
    'host',
  ],
];
