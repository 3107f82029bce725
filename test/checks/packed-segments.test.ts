import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { packedSegments } from '../../src/checks/packed-segments.ts';
import { localHost } from '../../src/hosts/local.ts';
import { packings } from '../../src/postgres/packing.ts';
import { readRestoreCommand } from '../../src/postgres/restore-command.ts';
import { aControlFile } from '../rules/standby-world.ts';

const read = aControlFile();
if (!read.ok) throw new Error('the control file of the tests can be read');
const control = read.value;
/** The first bytes of a page of 17, and of what each program writes. */
const walPage = [0x16, 0xd1, 0x06, 0, 1, 0, 0, 0, 0, 0];
const packed = packings.map(({ name, suffix, magic }) => ({ name, suffix, bytes: [...magic, 0, 0, 0, 0, 0, 0, 0, 0] }));
const contents = [{ name: undefined, suffix: '', bytes: walPage }, ...packed];
const commands = ['cp FILE %p', 'gunzip < FILE > %p', 'zstd -dc FILE -o %p', 'lz4 -dc FILE > "%p"', 'xzcat FILE > %p'];
const takes = [undefined, 'gzip', 'zstd', 'lz4', 'xz'];
const directories: string[] = [];

afterAll(async () => Promise.all(directories.map(async (one) => rm(one, { recursive: true }))));

async function archiveWith(files: Readonly<Record<string, readonly number[]>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'archive-'));
  directories.push(directory);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(directory, name), Buffer.from(bytes));
  return directory;
}

const look = async (directory: string, command: string, files: Readonly<Record<string, unknown>>) =>
  packedSegments(
    localHost(),
    readRestoreCommand(command.replace('FILE', `${directory}/%f`)),
    Object.keys(files),
    control,
  );

describe('an archive whose files restore_command does not read', () => {
  // what it holds, under which name, and what the command asks for and does with it: only one of each fits
  const cases = contents.flatMap((content) =>
    ['', '.gz', '.zst'].flatMap((suffix) =>
      commands.flatMap((command, at) =>
        ['', '.gz'].map((asked) => ({ content, suffix, command: command.replace('FILE', `FILE${asked}`), at, asked })),
      ),
    ),
  );
  it.each(cases)('$content.name under %f$suffix: $command', async ({ content, suffix, command, at, asked }) => {
    const files = { [`000000010000000000000005${suffix}`]: content.bytes };
    const found = await look(await archiveWith(files), command, files);
    const fits = suffix === asked && takes[at] === content.name;
    expect(found === undefined).toBe(fits);
    if (fits) return;
    expect(found?.fact).toMatchObject({ packing: content.name, count: 1 });
    const unpacking = found?.fact.unpacking ?? '';
    expect(await look(directories.at(-1) ?? '', unpacking, files)).toBeUndefined();
  });

  it('is quiet where nothing can be told', async () => {
    const gz = { '000000010000000000000005.gz': [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0] };
    const directory = await archiveWith(gz);
    for (const command of ['cp FILE %p || gunzip < FILE.gz > %p', 'fetch FILE %p', 'gpg -d FILE.gpg | gunzip > %p'])
      expect(await look(directory, command, gz)).toBeUndefined();
    // packed later by whoever keeps the archive, and long replayed
    const old = { '000000010000000000000001.gz': [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0] };
    expect(await look(await archiveWith(old), 'cp FILE %p', old)).toBeUndefined();
    // neither WAL nor compressed: that is damage
    const damaged = { '000000010000000000000005': [1, 2, 3, 4, 5, 6, 7, 8, 9] };
    expect(await look(await archiveWith(damaged), 'cp FILE %p', damaged)).toBeUndefined();
  });
});
