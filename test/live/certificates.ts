import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { execa } from 'execa';

import type { OsUser } from '../../src/throwaway/os-user.ts';
import { afterwards } from '../lab/lifetime.ts';

/** A certificate and its key, PEM, by path. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority extends Issued {
  readonly folder: string;
  /** `names` as openssl's subjectAltName has them: `DNS:localhost,IP:127.0.0.1`. */
  issue(
    file: string,
    options: { readonly commonName: string; readonly names?: string; readonly days?: number },
  ): Promise<Issued>;
  /** Writes a revocation list and gives its path: `expired` has a next update in the past. */
  revocationList(file: string, options?: { readonly expired?: boolean; readonly revoked?: Issued }): Promise<string>;
}

/** A certificate authority of our own, made by openssl in a folder that ends with the file of tests. */
export async function anAuthority(name: string, user: OsUser | null): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-ca-'));
  afterwards(async () => rm(folder, { recursive: true, force: true }), 'file');
  await chmod(folder, 0o755);
  const own = async (path: string): Promise<void> => {
    await chmod(path, 0o600);
    if (user !== null) await chown(path, user.uid, user.gid);
  };
  const key = join(folder, 'ca.key');
  const certificate = join(folder, 'ca.crt');
  await openssl(...newKey, '-x509', '-days', '30', '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate);
  return {
    folder,
    certificate,
    key,
    issue: async (file, { commonName, names, days = 10 }) => {
      const issued = { key: join(folder, `${file}.key`), certificate: join(folder, `${file}.crt`) };
      const request = join(folder, `${file}.csr`);
      await openssl(...newKey, '-subj', `/CN=${commonName}`, '-keyout', issued.key, '-out', request);
      const extensions = join(folder, `${file}.ext`);
      await writeFile(extensions, names === undefined ? 'basicConstraints=CA:FALSE\n' : `subjectAltName=${names}\n`);
      await openssl(
        'x509',
        '-req',
        '-in',
        request,
        '-CA',
        certificate,
        '-CAkey',
        key,
        '-CAcreateserial',
        '-days',
        String(Math.max(0, days)),
        '-extfile',
        extensions,
        '-out',
        issued.certificate,
      );
      // openssl 3.5 makes none that ended before it began: one of no day is over in a second
      if (days < 0) await pause(1_100);
      await own(issued.key);
      await own(issued.certificate);
      return issued;
    },
    revocationList: async (file, { expired = false, revoked } = {}) => {
      const [list, index, settings] = ['crl', 'index', 'cnf'].map((kind) => join(folder, `${file}.${kind}`));
      const path = list ?? '';
      await writeFile(index ?? '', '');
      await writeFile(
        settings ?? '',
        `[ca]\ndefault_ca = own\n[own]\ndatabase = ${index}\ndefault_md = sha256\ndefault_crl_days = 30\n`,
      );
      const ca = ['ca', '-config', settings ?? '', '-cert', certificate, '-keyfile', key];
      if (revoked !== undefined) await openssl(...ca, '-revoke', revoked.certificate);
      const times = expired ? ['-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200201000000Z'] : [];
      await openssl(...ca, '-gencrl', ...times, '-out', path);
      await own(path);
      return path;
    },
  };
}

async function openssl(...args: readonly string[]): Promise<void> {
  await execa('openssl', args);
}

const newKey = ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;

/** An empty home directory of that user, with `.postgresql` in it. */
export async function aHome(user: OsUser | null, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'standbylint-home-'));
  afterwards(async () => rm(home, { recursive: true, force: true }), 'file');
  const folder = join(home, '.postgresql');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  if (user !== null) {
    for (const path of [home, folder, ...Object.keys(files).map((name) => join(folder, name))]) {
      await chown(path, user.uid, user.gid);
    }
  }
  return home;
}
