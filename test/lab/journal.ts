import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export const hasJournals = existsSync('/usr/lib/systemd/systemd-journal-remote');

/** A journal as systemd keeps it, made of entries of one unit (systemd.journal-fields(7)). */
export function aJournal(file: string, unit: string, lines: readonly (readonly [Date, number, string])[]): void {
  const entries = lines.map(([time, pid, text], at) => {
    const own = unit === '' ? [] : [`_SYSTEMD_UNIT=${unit}`];
    const fields = [
      `__REALTIME_TIMESTAMP=${time.getTime() * 1_000}`,
      `__MONOTONIC_TIMESTAMP=${at + 1}`,
      '_BOOT_ID=0123456789abcdef0123456789abcdef',
      '_MACHINE_ID=0123456789abcdef0123456789abcdef',
      '_HOSTNAME=db2',
      '_TRANSPORT=stdout',
      'SYSLOG_IDENTIFIER=postgres',
      `_PID=${pid}`,
      ...own,
      `MESSAGE=${text}`,
    ];
    return `${fields.join('\n')}\n`;
  });
  execFileSync('/usr/lib/systemd/systemd-journal-remote', ['-o', file, '-'], {
    input: `${entries.join('\n')}\n`,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}
