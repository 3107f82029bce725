import { hostname } from 'node:os';
import { join } from 'node:path';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';

/** TLS as Debian's ssl-cert package gives it to every cluster: CN is the name of the machine, and no authority signed it. */
export async function turnOnSnakeoil(server: ThrowawayServer): Promise<void> {
  const [certificate, key] = [join(server.dataDirectory, 'server.crt'), join(server.dataDirectory, 'server.key')];
  const subject = ['-subj', `/CN=${hostname()}`, '-addext', `subjectAltName=DNS:${hostname()}`];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650'];
  await server.run('openssl', ['req', ...kind, '-keyout', key, '-out', certificate, ...subject]);
  await server.run('chmod', ['0600', key]);
  await server.configure({ ssl: 'on' });
  await server.reload();
}
