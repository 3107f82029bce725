import { createServer } from 'node:net';

/** The loopback addresses of this machine: a container may well have no IPv6. */
export async function loopbackAddresses(): Promise<readonly string[]> {
  return (await canListen('::1', 0)) === null ? ['127.0.0.1'] : ['127.0.0.1', '::1'];
}

/** A port on which nobody listens at this moment, on any loopback address: the system chooses it. */
export async function freePort(): Promise<number> {
  const addresses = await loopbackAddresses();
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = await canListen('127.0.0.1', 0);
    if (port === null) break;
    const answers = await Promise.all(addresses.map((address) => canListen(address, port)));
    if (!answers.includes(null)) return port;
  }
  throw new Error('No free TCP port was found on 127.0.0.1.');
}

/** Listens for a moment: the port that it was, or `null` when that was refused. */
async function canListen(host: string, port: number): Promise<number | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
