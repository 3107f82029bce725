import { slips } from './slips.ts';

/**
 * The value that a word was probably meant to be, where libpq refuses it for this parameter: another letter case, `_` for
 * `-`, a unit behind a number, a word of another program, or a slip of the keyboard. `allowed`: the words that libpq takes;
 * undefined for a whole number. Undefined where nothing is near enough to be typed.
 */
export function meantValue(keyword: string, value: string, allowed: readonly string[] | undefined): string | undefined {
  if (allowed === undefined) return keyword === 'port' ? meantPort(value) : meantNumber(keyword, value);
  return keyword === 'require_auth' ? meantMethods(value, allowed) : meantWord(keyword, value, allowed);
}

function meantWord(keyword: string, value: string, allowed: readonly string[]): string | undefined {
  const bare = letters(value);
  const same = allowed.filter((word) => letters(word) === bare);
  if (same.length === 1) return same[0];
  const elsewhere = wordsElsewhere[keyword]?.find(([, words]) => words.includes(bare))?.[0];
  const known = elsewhere?.find((word) => allowed.includes(word));
  if (known !== undefined) return known;
  const tls = /^(?:tls|ssl)?v?1([0-3])?$/u.exec(bare);
  if (allowed.includes('TLSv1.2') && tls !== null)
    return tls[1] === undefined || tls[1] === '0' ? 'TLSv1' : `TLSv1.${tls[1]}`;
  const farthest = bare.length <= 6 ? 1 : 2;
  const near = allowed.filter((word) => slips(bare, letters(word), farthest) <= farthest);
  return near.length === 1 ? near[0] : undefined;
}

const letters = (word: string): string => word.toLowerCase().replaceAll(/[^a-z0-9]/gu, '');

const on = ['on', 'true', 'yes', '1', 'enable', 'enabled'];
const off = ['off', 'false', 'no', '0', 'none', 'never', 'disabled'];

/** Words of other programs, and what takes their place: the first one that the release knows. */
const wordsElsewhere: Readonly<Record<string, readonly (readonly [readonly string[], readonly string[]])[]>> = {
  sslmode: [
    [['require'], [...on, 'required', 'ssl', 'tls', 'always']],
    [['disable'], off],
    [['prefer'], ['preferred']],
    [['allow'], ['allowed']],
    [['verify-full'], ['verifyidentity']],
  ],
  gssencmode: [
    [['disable'], off],
    [['prefer'], [...on, 'preferred', 'allow']],
    [['require'], ['required', 'always']],
  ],
  channel_binding: [
    [['disable'], off],
    [['prefer'], [...on, 'preferred', 'allow']],
    [['require'], ['required', 'always']],
  ],
  sslcertmode: [
    [['disable'], off],
    [['allow'], ['prefer', 'preferred', 'auto', 'allowed']],
    [['require'], [...on, 'required', 'always']],
  ],
  sslnegotiation: [
    [['direct'], ['directly', 'tls', 'ssl', 'immediate']],
    [['postgres'], ['default', 'normal', 'pg', 'postgresql', 'starttls']],
  ],
  target_session_attrs: [
    [['read-write'], ['rw', 'write', 'writable', 'writeable']],
    [
      ['primary', 'read-write'],
      ['master', 'leader', 'primary'],
    ],
    [['read-only'], ['ro', 'read']],
    [['standby'], ['slave', 'replica', 'secondary', 'follower']],
    [
      ['prefer-standby', 'any'],
      ['preferslave', 'preferreplica', 'prefersecondary', 'preferreadonly', 'preferstandby'],
    ],
    [['any'], ['all', 'none', 'no', 'off', '']],
  ],
  load_balance_hosts: [
    [['random'], [...on, 'roundrobin', 'shuffle']],
    [['disable'], off],
  ],
  min_protocol_version: [[['3.0'], ['3']]],
  max_protocol_version: [
    [['3.0'], ['3']],
    [['latest'], ['newest', 'last', 'max']],
  ],
};

/** A list of methods: each one by itself, each once. */
function meantMethods(value: string, allowed: readonly string[]): string | undefined {
  const parts = value.split(/[\s,;|]+/u).filter((part) => part !== '');
  const negated = parts.filter((part) => part.startsWith('!'));
  if (parts.length === 0 || (negated.length > 0 && negated.length < parts.length)) return undefined;
  const names = parts.map((part) => {
    const bare = letters(part);
    const elsewhere = methodsElsewhere[bare];
    return elsewhere !== undefined && allowed.includes(elsewhere) ? elsewhere : meantWord('', part, allowed);
  });
  if (names.includes(undefined)) return undefined;
  return [...new Set(names)].map((name) => `${negated.length > 0 ? '!' : ''}${name ?? ''}`).join(',');
}

const methodsElsewhere: Readonly<Record<string, string>> = {
  scram: 'scram-sha-256',
  scramsha: 'scram-sha-256',
  sha256: 'scram-sha-256',
  trust: 'none',
  gssapi: 'gss',
  kerberos: 'gss',
  cleartext: 'password',
  plain: 'password',
};

/** Ports by their commas: what else stands around the digits goes. */
function meantPort(value: string): string | undefined {
  const ports = value.split(',').map((port) => {
    const [digits, another] = port.match(/\d+/gu) ?? [];
    if (port.trim() === '') return '';
    const isOne = digits !== undefined && another === undefined && !/[-.]/u.test(port);
    return isOne && Number(digits) >= 1 && Number(digits) <= 65_535 ? String(Number(digits)) : undefined;
  });
  return ports.includes(undefined) ? undefined : ports.join(',');
}

function meantNumber(keyword: string, value: string): string | undefined {
  const bare = value.trim().toLowerCase();
  if (keyword === 'keepalives' && on.includes(bare)) return '1';
  if (keyword === 'keepalives' && off.includes(bare)) return '0';
  const [, digits, unit = ''] = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)$/u.exec(bare) ?? [];
  if (digits === undefined) return undefined;
  const amount = Number(digits.replace(',', '.'));
  if (!(keyword in unitInMs)) return unit === '' || unit === 'x' || unit === 'times' ? whole(amount) : undefined;
  const own = unitInMs[keyword] ?? 1;
  const unitMs = unit === '' ? own : milliseconds.find(([, names]) => names.includes(unit))?.[0];
  return unitMs === undefined ? undefined : whole((amount * unitMs) / own);
}

/** Rounded up: a time that became 0 would be no limit at all. */
const whole = (amount: number): string | undefined => {
  const rounded = Math.ceil(amount);
  return rounded < 2 ** 31 ? String(rounded) : undefined;
};

/** The unit of a parameter without one, in milliseconds (manual: libpq, Parameter Key Words). */
const unitInMs: Readonly<Record<string, number>> = {
  connect_timeout: 1_000,
  keepalives_idle: 1_000,
  keepalives_interval: 1_000,
  tcp_user_timeout: 1,
};

const milliseconds: readonly (readonly [number, readonly string[]])[] = [
  [1, ['ms', 'msec', 'msecs', 'millisecond', 'milliseconds']],
  [1_000, ['s', 'sec', 'secs', 'second', 'seconds']],
  [60_000, ['m', 'min', 'mins', 'minute', 'minutes']],
  [3_600_000, ['h', 'hour', 'hours']],
  [86_400_000, ['d', 'day', 'days']],
];
