import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { PrimaryPaths } from '../facts/primary.ts';
import { textOf } from '../facts/settings.ts';
import type { Step } from '../findings/report.ts';
import { changeAndReload } from './change-setting.ts';
import type { SettingsSeen } from './change-setting.ts';
import { onlyWithFiles } from './only-with-files.ts';
import { shellWord } from './quoting.ts';
import { manual, shell } from './remedy.ts';

export interface TlsSeen extends SettingsSeen {
  readonly primaryPaths: Observed<PrimaryPaths>;
}

/**
 * Turns TLS on. Where the server has no key yet, a self-signed certificate for `name` is made first (manual: Creating
 * Certificates): it encrypts, and it is its own root for whoever wants to verify it. A key that is there stays.
 */
export function turnOnTls(seen: TlsSeen, name: string): readonly Step[] {
  const paths = ifSeen(seen.primaryPaths);
  const settings = ifSeen(seen.primarySettings);
  const certificateFile = settings && textOf(settings, 'ssl_cert_file');
  const keyFile = settings && textOf(settings, 'ssl_key_file');
  if (paths === undefined || certificateFile === undefined || keyFile === undefined) {
    return [
      manual(
        'primary',
        'Install a certificate and its key on the server (ssl_cert_file, ssl_key_file; by default both in the data directory), set ssl = on in postgresql.conf, and reload: SELECT pg_reload_conf();',
      ),
    ];
  }
  const files = [certificateFile, keyFile].map((file) =>
    file.startsWith('/') ? file : `${paths.dataDirectory}/${file}`,
  );
  const [certificate = '', key = ''] = files.map(shellWord);
  const subject = shellWord(`/CN=${name.replaceAll(/[^A-Za-z0-9.:_-]/gu, '')}`);
  return [
    shell(
      'primary',
      `test -e ${key} || { umask 077 && openssl req -new -x509 -days 365 -nodes -newkey rsa:2048 -subj ${subject} -out ${certificate} -keyout ${key}; } || { echo 'No certificate was made: do not turn ssl on' >&2; false; }`,
      'make-file',
    ),
    ...changeAndReload(seen, { ssl: 'on' }).map((step) => onlyWithFiles(step, files)),
  ];
}
