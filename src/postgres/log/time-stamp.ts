/**
 * The time that a line begins with or has in its prefix: `%m`, `%t` (`2026-11-21 20:26:18.934 UTC`), ISO 8601 (docker,
 * CRI, journalctl short-iso), and the epoch of `%n`. Undefined where there is none, where its zone is not known (`IST`
 * and `CST` are several), or where it has none (syslog's `Nov 21 20:26:18`).
 */
export function timeStampIn(text: string): Date | undefined {
  const match = calendar.exec(text);
  if (match === null) {
    const epoch = /(?:^|[^\d.])(\d{10}\.\d{3})(?!\d)/u.exec(text)?.[1];
    return epoch === undefined ? undefined : new Date(Number(epoch) * 1000);
  }
  const [, date = '', time = '', fraction = '', zone = ''] = match;
  const offset = offsetMinutes(zone);
  if (offset === undefined) return undefined;
  const utc = Date.parse(`${date}T${time}${fraction.replace(',', '.').slice(0, 4)}Z`);
  return Number.isNaN(utc) ? undefined : new Date(utc - offset * 60_000);
}

const calendar =
  /(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)([.,]\d+)? ?(Z|[+-]\d\d(?::?\d\d(?::\d\d)?)?|[A-Za-z]{2,5}(?![A-Za-z]))?/u;

/** East of Greenwich. */
function offsetMinutes(zone: string): number | undefined {
  const numeric = /^([+-])(\d\d):?(\d\d)?/u.exec(zone);
  if (numeric === null) return abbreviations.get(zone);
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? '0');
  return numeric[1] === '-' ? -minutes : minutes;
}

/** The abbreviations of the tz database that stand for one offset only. */
const abbreviations: ReadonlyMap<string, number> = new Map(
  Object.entries({
    Z: 0,
    UTC: 0,
    GMT: 0,
    WET: 0,
    WEST: 60,
    CET: 60,
    CEST: 120,
    MET: 60,
    MEST: 120,
    EET: 120,
    EEST: 180,
    MSK: 180,
    SAST: 120,
    PKT: 300,
    WIB: 420,
    HKT: 480,
    JST: 540,
    KST: 540,
    AEST: 600,
    AEDT: 660,
    NZST: 720,
    NZDT: 780,
    EST: -300,
    EDT: -240,
    CDT: -300,
    MST: -420,
    MDT: -360,
    PST: -480,
    PDT: -420,
    AKST: -540,
    AKDT: -480,
    HST: -600,
  }),
);
