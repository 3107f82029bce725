// Run by throwaway-server.test.ts: makes a server, says where, and is then ended without a chance to dispose of it.
import { findReleases } from '../../src/throwaway/releases.ts';
import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';

const [place = '', ending] = process.argv.slice(2);
const [release] = await findReleases([place]);
if (release === undefined) throw new Error(`no release in ${place}`);
const server = await ThrowawayServer.create({ release });
await server.start();
console.log(server.folder);
if (ending === 'throws') throw new Error('on purpose');
setInterval(() => undefined, 1000);
