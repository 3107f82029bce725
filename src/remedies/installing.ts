/** How a package of PostgreSQL is installed on the usual systems, in words. */
export const installing = (what: 'client' | 'server', major: number): string => {
  const debian = what === 'client' ? `postgresql-client-${major}` : `postgresql-${major}`;
  const fedora = what === 'client' ? `postgresql${major}` : `postgresql${major}-server`;
  return `As root: apt-get install ${debian} (Debian, Ubuntu) or dnf install ${fedora} (RPM packages of postgresql.org); on macOS: brew install postgresql@${major}. For releases that the system does not have, see https://www.postgresql.org/download/.`;
};
