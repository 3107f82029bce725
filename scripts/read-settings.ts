// Writes src/postgres/settings.json: what each release of PostgreSQL says of its settings (pg_settings), and which words its
// enums take without listing them. To be run again where a release is new: npx tsx scripts/read-settings.ts
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { findReleases } from '../src/throwaway/releases.ts';
import type { Release } from '../src/throwaway/releases.ts';
import { ThrowawayServer } from '../src/throwaway/throwaway-server.ts';

const target = fileURLToPath(new URL('../src/postgres/settings.json', import.meta.url));
const order = new Intl.Collator('en');
const columns = ['name', 'type', 'unit', 'context', 'default', 'min', 'max', 'words', 'hidden', 'majors'] as const;

/** Every hidden word of guc_tables.c is one of these. */
const likelyWords = ['on', 'off', 'true', 'false', 'yes', 'no', '1', '0', 'debug', 'info', 'archive', 'hot_standby'];

/** Without the last column. */
type Row = readonly string[];

const releases = (await findReleases(['/opt/postgresql/*/usr/lib/postgresql/*/bin']))
  .filter(({ major }) => major >= 13)
  .sort((a, b) => a.major - b.major);
const majorsOf = new Map<string, { readonly row: Row; readonly majors: number[] }>();
for (const release of releases) {
  for (const row of await rowsOf(release)) {
    const key = JSON.stringify(row);
    const known = majorsOf.get(key) ?? { row, majors: [] };
    known.majors.push(release.major);
    majorsOf.set(key, known);
  }
  process.stdout.write(`PostgreSQL ${release.version}\n`);
}
const rows = [...majorsOf.values()]
  .map(({ row, majors }) => [...row, majors.join(' ')])
  .sort(([a = ''], [b = '']) => order.compare(a, b));
const source = `pg_settings of ${releases.map(({ version }) => version).join(', ')}, Debian's builds`;
const lines = [[source], columns, ...rows].map((row) => `  ${JSON.stringify(row)}`);
await writeFile(target, `[\n${lines.join(',\n')}\n]\n`);

async function rowsOf(release: Release): Promise<readonly Row[]> {
  const server = await ThrowawayServer.create({ release });
  try {
    await server.start();
    const found = await server.query(
      `SELECT name, vartype, unit, context, boot_val, min_val, max_val, array_to_string(enumvals, ',') AS words
       FROM pg_settings WHERE name !~ '[.]' ORDER BY lower(name)`,
    );
    const words = new Map(
      found.flatMap((row) => (row['vartype'] === 'enum' ? [[row['name'] ?? '', row['words'] ?? ''] as const] : [])),
    );
    const hidden = await hiddenWords(server, words);
    return found.map((row): Row => {
      const name = row['name'] ?? '';
      // what a server says of its own build is no default, and has no range
      const own = row['context'] === 'internal' && name !== 'wal_segment_size';
      const shown = ['vartype', 'unit', 'context'].map((column) => row[column] ?? '');
      const range = ['boot_val', 'min_val', 'max_val'].map((column) => (own ? '' : (row[column] ?? '')));
      return [name, ...shown, ...range, row['words'] ?? '', hidden.get(name)?.join(',') ?? ''];
    });
  } finally {
    await server.dispose();
  }
}

/** Each as `word=value`: config_enum_entry's `hidden` (guc_tables.c), which pg_settings does not show. */
async function hiddenWords(
  server: ThrowawayServer,
  listed: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const postgres = server.programPath('postgres');
  const hidden = new Map<string, readonly string[]>();
  for (const [name, words] of listed) {
    const candidates = likelyWords.filter((word) => !words.split(',').includes(word));
    const found = await Promise.all(
      candidates.map(async (word) => {
        const args = ['-D', server.dataDirectory, '-C', name, '-c', `${name}=${word}`];
        const { exitCode, stdout } = await server.run(postgres, args);
        return exitCode === 0 ? [`${word}=${stdout.trim()}`] : [];
      }),
    );
    hidden.set(name, found.flat());
  }
  return hidden;
}
