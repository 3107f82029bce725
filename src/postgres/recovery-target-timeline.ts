/**
 * What recovery_target_timeline asks for, as servers up to 18 read it (xlogrecovery.c, check_recovery_target_timeline): the
 * two words as they are written, and anything else by strtoul(3), of which a TimeLineID keeps 32 bits. What is no number is
 * timeline 0, which does not exist: `Latest`, or nothing at all.
 */
export function recoveryTargetTimeline(value: string): 'latest' | 'current' | number {
  if (value === 'latest' || value === 'current') return value;
  const [, sign = '', hex, octal, decimal] = /^\s*([+-]?)(?:0x([0-9a-f]+)|0([0-7]+)|(\d+))/iu.exec(value) ?? [];
  const digits = hex === undefined ? (octal === undefined ? (decimal ?? '0') : `0o${octal}`) : `0x${hex}`;
  const number = BigInt(digits);
  return Number(BigInt.asUintN(32, sign === '-' ? -number : number));
}
