/** How a package of PostgreSQL is installed on the usual systems, in words. */
export const installing = (what: 'client' | 'server', major: number): string => {
  const debian = what === 'client' ? `postgresql-client-${major}` : `postgresql-${major}`;
  const fedora = what === 'client' ? `postgresql${major}` : `postgresql${major}-server`;
  return `As root: apt-get install ${debian} (Debian, Ubuntu) or dnf install ${fedora} (the RPMs of postgresql.org); on macOS: brew install postgresql@${major}. Releases that the system itself does not have are at https://www.postgresql.org/download/.`;
};
