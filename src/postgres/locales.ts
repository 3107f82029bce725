/** C and POSIX are part of the C library; C.UTF-8 is so from glibc 2.35 on and is listed by `locale -a` where it is there. */
export const isLocaleEverywhere = (name: string): boolean => /^(?:C|POSIX|)$/.test(name);

/**
 * Whether the order of a database's text comes from the operating system: not with locales whose order is that of bytes
 * everywhere (pg_locale.c, get_collation_actual_version, records no version for them), and not with the builtin provider.
 */
export function isSortedBySystem({ collate, localeProvider }: DatabaseLocale): boolean {
  if (localeProvider === 'libc') return !/^(?:C|POSIX|C\..*)$/i.test(collate);
  return localeProvider === 'icu';
}

interface DatabaseLocale {
  readonly collate: string;
  readonly localeProvider: 'libc' | 'icu' | 'builtin';
}

/**
 * The name under which the C library looks for a locale: of the codeset only letters and digits count, in lower case
 * (intl/l10nflist.c, _nl_normalize_codeset).
 */
export function normalisedLocale(name: string): string {
  const [, language = '', codeset, modifier = ''] = /^([^.@]*)(?:\.([^@]*))?(@.*)?$/.exec(name) ?? [];
  const plain = codeset?.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  // a codeset of digits only is one of ISO
  const full = plain !== undefined && /^\d+$/.test(plain) ? `iso${plain}` : plain;
  return `${language}${full === undefined ? '' : `.${full}`}${modifier}`;
}

/** What `locale -a` printed. */
export const localesIn = (printed: string): readonly string[] => printed.split('\n').filter((name) => name !== '');
