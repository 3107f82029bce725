// How long a user waits, always next to something of the same run: whole commands next to an empty Node, a huge data
// directory next to a small one, a log of 1 GiB next to grep, a fleet of 1,000; what the primary pays for it; pg_basebackup
// within clone next to itself. The targets are the project's own promise: the exit status
// is 1 when one is missed. `npm run bench [-- SECTION …]`, after `npm run build`.
import { commands } from './bench/commands.ts';
import { copies } from './bench/copies.ts';
import { directory } from './bench/directory.ts';
import { isMet, told } from './bench/figure.ts';
import type { Figure } from './bench/figure.ts';
import { log } from './bench/log.ts';
import { aPair } from './bench/pair.ts';
import type { Pair } from './bench/pair.ts';
import { places } from './bench/places.ts';
import { primaryCost } from './bench/primary-cost.ts';
import { NoRoom } from './bench/room.ts';
import { scale } from './bench/scale.ts';

const sections: Readonly<Record<string, (pair: Pair) => Promise<readonly Figure[]>>> = {
  commands,
  directory,
  log,
  places,
  primary: primaryCost,
  scale,
  copies,
};
const known = Object.keys(sections);
const words = process.argv.slice(2);
const unknown = words.find((word) => !known.includes(word));
if (unknown !== undefined) throw new Error(`There is no section "${unknown}" but ${known.join(', ')}.`);

const pair = await aPair();
try {
  console.log(`Node ${process.versions.node}, PostgreSQL ${pair.primary.release.version}`);
  const figures: Figure[] = [];
  for (const [name, section] of Object.entries(sections)) {
    if (words.length > 0 && !words.includes(name)) continue;
    console.log(`\n${name}\n`);
    figures.push(...(await section(pair)));
  }
  console.log(`\n${figures.map(told).join('\n')}`);
  process.exitCode = figures.every(isMet) ? 0 : 1;
} catch (error) {
  if (!(error instanceof NoRoom)) throw error;
  console.error(error.message);
  process.exitCode = 2;
} finally {
  await pair.dispose();
}
