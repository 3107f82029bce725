import type { Host } from '../hosts/host.ts';
import { parseHbaFile } from '../postgres/hba-file.ts';
import type { HbaLine } from '../postgres/hba-line.ts';
import { parseUserMaps } from '../postgres/user-map.ts';
import { fileText } from '../postgres/file-text.ts';

/** Files of this machine by path: their text, and when they were changed last. */
export interface LocalFile {
  readonly text: string;
  readonly modifiedAt: Date;
}

/** Which pg_hba.conf, and what of its server decides how it is read. */
export interface HbaPlace {
  readonly file: string;
  /** The major release. */
  readonly serverVersion: number;
  /** The setting `ssl` is on. */
  readonly ssl: boolean;
}

/** pg_hba.conf and the files that it names, those that lie on this machine, as deep as the includes go. */
export const hbaFiles = async (host: Host, place: HbaPlace): Promise<ReadonlyMap<string, LocalFile>> =>
  withIncludes(host, place.file, (texts) => parseHba(place, texts).missing);

/** The same of pg_ident.conf. */
export const userMapFiles = async (host: Host, place: HbaPlace): Promise<ReadonlyMap<string, LocalFile>> =>
  withIncludes(host, place.file, (texts) => userMapsIn(place, texts).missing);

async function withIncludes(
  host: Host,
  file: string,
  missingOf: (texts: ReadonlyMap<string, string>) => readonly string[],
): Promise<ReadonlyMap<string, LocalFile>> {
  const files = new Map<string, LocalFile>();
  const tried = new Set<string>();
  let wanted: readonly string[] = [file];
  // hba.c, CONF_FILE_MAX_DEPTH: ten levels of inclusion
  for (let depth = 0; depth <= 10 && wanted.length > 0; depth += 1) {
    const found = await Promise.all(wanted.map(async (path) => [path, await readLocal(host, path)] as const));
    for (const [path, local] of found) {
      tried.add(path);
      if (local !== undefined) files.set(path, local);
    }
    if (!files.has(file)) return files;
    const texts = new Map([...files].map(([path, local]) => [path, local.text]));
    wanted = missingOf(texts).filter((path) => !tried.has(path));
  }
  return files;
}

async function readLocal(host: Host, path: string): Promise<LocalFile | undefined> {
  const [content, status] = await Promise.all([host.read(path, { maxBytes: 1024 * 1024 }), host.status(path)]);
  if (!content.ok || content.value.truncated || !status.ok) return undefined;
  return { text: fileText(content.value.bytes), modifiedAt: status.value.modifiedAt };
}

/** The lines of pg_ident.conf, and which files and directories it names whose text is not there. */
export function userMapsIn({ file, serverVersion }: HbaPlace, texts: ReadonlyMap<string, string>) {
  const read = (path: string) => texts.get(path);
  const { lines, asked } = parseUserMaps({ file, serverVersion, text: texts.get(file) ?? '', source: { read } });
  return { lines, missing: asked.filter((path) => !texts.has(path)) };
}

/** Its lines, and which files and directories it names whose text is not there. */
export function parseHba(
  place: HbaPlace,
  texts: ReadonlyMap<string, string>,
): { readonly lines: readonly HbaLine[]; readonly missing: readonly string[] } {
  const parsed = parseHbaFile({
    ...place,
    text: texts.get(place.file) ?? '',
    source: { read: (path) => texts.get(path) },
  });
  const missing = parsed.asked.files.filter((path) => !texts.has(path));
  return { lines: parsed.lines, missing: [...missing, ...parsed.asked.directories] };
}
