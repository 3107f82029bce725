import { posix } from 'node:path';

/**
 * A directory that belongs to the system (hier(7)), or is somebody's home as a whole: it is never moved, given away or
 * closed, whatever is in it.
 */
export function isSystemDirectory(path: string): boolean {
  const whole = posix.resolve('/', path);
  if (never.has(whole) || /^\/(?:home|Users)\/[^/]+$/u.test(whole)) return true;
  // the manual's own place for data is /usr/local/pgsql/data
  if (/^\/usr\/local\/[^/]+\/[^/]+/u.test(whole)) return false;
  if (/^\/etc\/(?:postgresql|ssl|pgbackrest)(?:-common)?\/./u.test(whole)) return false;
  return within.some((one) => whole.startsWith(`${one}/`));
}

const never: ReadonlySet<string> = new Set(
  `/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp
   /usr /usr/local /var /var/backups /var/cache /var/lib /var/local /var/log /var/mail /var/opt /var/run /var/spool
   /var/tmp /Users /Library /System /Applications /private /private/var /private/tmp /private/etc`.split(/\s+/u),
);
const within = ['/bin', '/boot', '/dev', '/etc', '/lib', '/lib64', '/proc', '/sbin', '/sys', '/usr', '/System'];
