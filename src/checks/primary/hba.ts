import { unseen } from '../../facts/observed.ts';
import { seen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { HbaRules } from '../../facts/primary.ts';
import type { Host } from '../../hosts/host.ts';
import { parseHbaFile } from '../../postgres/hba-file.ts';
import { hbaLinesFromView, mergeHbaLines } from '../../postgres/hba-rules-view.ts';
import { parseVersion } from '../../postgres/versions.ts';
import { writtenFiles } from '../../postgres/written-lines.ts';
import type { Catalogue } from '../../servers/catalogue.ts';
import { whyOf } from './inside.ts';

/** Files of this machine by path: their text, and when they were changed last. */
export interface LocalFile {
  readonly text: string;
  readonly modifiedAt: Date;
}

/**
 * pg_hba.conf as the server judges it: from pg_hba_file_rules, with what only the file's text knows (quotes, comments)
 * where that can be read too, by the server or on this very machine; from the text alone where the view is not allowed.
 */
export function hbaRulesOf(catalogue: Catalogue, local: ReadonlyMap<string, LocalFile>): Observed<HbaRules> {
  const hbaFile = catalogue.settings.get('hba_file')?.value;
  const { hba, files } = catalogue;
  if (hbaFile === undefined)
    return hba.seen
      ? unseen('permission', 'hba_file: the role may not see this setting', settingsGrant(catalogue))
      : { status: 'unseen', why: whyOf(hba) };
  const texts = new Map<string, string>([
    ...[...local].map(([path, file]) => [path, file.text] as const),
    ...(files.seen ? files.value : []),
  ]);
  const text = texts.get(hbaFile);
  const parsed = text === undefined ? undefined : parse(catalogue, hbaFile, text, texts);
  const changedSinceLoad = changed(catalogue, hbaFile, local);
  if (hba.seen) {
    const view = hbaLinesFromView(hba.value.rows, hbaFile);
    const lines = parsed === undefined ? view : mergeHbaLines(parsed.lines, view);
    const source = parsed === undefined ? 'pg_hba_file_rules' : `pg_hba_file_rules and ${hbaFile}`;
    return seen({ file: hbaFile, lines, changedSinceLoad, written: writtenFiles(texts) }, source);
  }
  // without the view, a file that is included and cannot be read leaves the order of the lines unknown
  if (parsed === undefined || parsed.missing.length > 0) return { status: 'unseen', why: whyOf(hba) };
  return seen({ file: hbaFile, lines: parsed.lines, changedSinceLoad, written: writtenFiles(texts) }, hbaFile);
}

/** The files that pg_hba.conf names and that lie on this machine, as deep as the includes go. */
export async function localHbaFiles(catalogue: Catalogue, host: Host): Promise<ReadonlyMap<string, LocalFile>> {
  const hbaFile = catalogue.settings.get('hba_file')?.value;
  const files = new Map<string, LocalFile>();
  const tried = new Set<string>();
  let wanted = hbaFile === undefined ? [] : [hbaFile];
  // hba.c, CONF_FILE_MAX_DEPTH: ten levels of inclusion
  for (let depth = 0; depth <= 10 && wanted.length > 0; depth += 1) {
    const found = await Promise.all(wanted.map(async (path) => [path, await readLocal(host, path)] as const));
    for (const [path, file] of found) {
      tried.add(path);
      if (file !== undefined) files.set(path, file);
    }
    const top = hbaFile === undefined ? undefined : files.get(hbaFile);
    if (hbaFile === undefined || top === undefined) return files;
    const texts = new Map([...files].map(([path, file]) => [path, file.text]));
    wanted = parse(catalogue, hbaFile, top.text, texts).missing.filter((path) => !tried.has(path));
  }
  return files;
}

async function readLocal(host: Host, path: string): Promise<LocalFile | undefined> {
  const [content, status] = await Promise.all([host.read(path, { maxBytes: 1024 * 1024 }), host.status(path)]);
  if (!content.ok || content.value.truncated || !status.ok) return undefined;
  return { text: new TextDecoder().decode(content.value.bytes), modifiedAt: status.value.modifiedAt };
}

function parse(catalogue: Catalogue, file: string, text: string, texts: ReadonlyMap<string, string>) {
  const parsed = parseHbaFile({
    file,
    text,
    serverVersion: parseVersion(catalogue.server.version)?.major ?? 13,
    ssl: catalogue.settings.get('ssl')?.value === 'on',
    source: { read: (path) => texts.get(path) },
  });
  const missing = parsed.asked.files.filter((path) => !texts.has(path));
  return { lines: parsed.lines, missing: [...missing, ...parsed.asked.directories] };
}

/**
 * Whether a file was changed after the server last read its configuration. pg_stat_file() knows the time to the second
 * only: within the same second it cannot tell, and this machine's own look at the file (which is finer) decides.
 */
function changed(
  { server, fileTimes }: Catalogue,
  hbaFile: string,
  local: ReadonlyMap<string, LocalFile>,
): boolean | undefined {
  const loaded = server.configurationLoadedAt.getTime();
  if (local.has(hbaFile)) return [...local.values()].some(({ modifiedAt }) => modifiedAt.getTime() > loaded);
  const modified = fileTimes.seen ? fileTimes.value.get(hbaFile)?.getTime() : undefined;
  if (modified === undefined) return undefined;
  if (modified > loaded) return true;
  return Math.floor(loaded / 1000) * 1000 === modified ? undefined : false;
}

function settingsGrant({ fileTimes, files }: Catalogue): string | undefined {
  const grants = [files, fileTimes].map((part) => (part.seen ? undefined : part.grant));
  return /GRANT pg_read_all_settings TO [^;]+;/.exec(grants.find((grant) => grant !== undefined) ?? '')?.[0];
}
