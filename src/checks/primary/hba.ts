import { unseen } from '../../facts/observed.ts';
import { seen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { HbaRules, UserMaps } from '../../facts/primary.ts';
import type { Host } from '../../hosts/host.ts';
import { hbaLinesFromView, mergeHbaLines } from '../../postgres/hba-rules-view.ts';
import { parseVersion } from '../../postgres/versions.ts';
import { writtenFiles } from '../../postgres/written-lines.ts';
import type { Catalogue } from '../../servers/catalogue.ts';
import { hbaFiles, parseHba, userMapFiles, userMapsIn } from '../hba-files.ts';
import type { HbaPlace, LocalFile } from '../hba-files.ts';
import { whyOf } from './look-by-sql.ts';

/**
 * pg_hba.conf as the server judges it: from pg_hba_file_rules, with what only the file's text knows (quotes, comments)
 * where that can be read too, by the server or on this very machine; from the text alone where the view is not allowed.
 */
export function hbaRulesOf(catalogue: Catalogue, local: ReadonlyMap<string, LocalFile>): Observed<HbaRules> {
  const place = hbaOf(catalogue);
  const { hba, files } = catalogue;
  if (place === undefined)
    return hba.seen
      ? unseen('permission', 'hba_file: the role may not see this setting', settingsGrant(catalogue))
      : { status: 'unseen', why: whyOf(hba) };
  const hbaFile = place.file;
  const texts = new Map<string, string>([
    ...[...local].map(([path, file]) => [path, file.text] as const),
    ...(files.seen ? files.value : []),
  ]);
  const text = texts.get(hbaFile);
  const parsed = text === undefined ? undefined : parseHba(place, texts);
  const changedSinceLoad = changed(catalogue, hbaFile, local);
  const userMaps = userMapsOf(catalogue, texts);
  const written = writtenFiles(texts);
  if (hba.seen) {
    const view = hbaLinesFromView(hba.value.rows, hbaFile);
    const lines = parsed === undefined ? view : mergeHbaLines(parsed.lines, view);
    const source = parsed === undefined ? 'pg_hba_file_rules' : `pg_hba_file_rules and ${hbaFile}`;
    return seen({ file: hbaFile, lines, changedSinceLoad, written, userMaps }, source);
  }
  // without the view, a file that is included and cannot be read leaves the order of the lines unknown
  if (parsed === undefined || parsed.missing.length > 0) return { status: 'unseen', why: whyOf(hba) };
  return seen({ file: hbaFile, lines: parsed.lines, changedSinceLoad, written, userMaps }, hbaFile);
}

/** The same for the primary's, where it lies on this machine. */
export const localHbaFiles = async (catalogue: Catalogue, host: Host): Promise<ReadonlyMap<string, LocalFile>> => {
  const hba = hbaOf(catalogue);
  const ident = identOf(catalogue);
  const found = await Promise.all([
    hba === undefined ? [] : hbaFiles(host, hba),
    ident === undefined ? [] : userMapFiles(host, ident),
  ]);
  return new Map(found.flatMap((files) => [...files]));
};

function hbaOf({ settings, server }: Catalogue): HbaPlace | undefined {
  const file = settings.get('hba_file')?.value;
  if (file === undefined) return undefined;
  return { file, serverVersion: parseVersion(server.version)?.major ?? 13, ssl: settings.get('ssl')?.value === 'on' };
}

function identOf(catalogue: Catalogue): HbaPlace | undefined {
  const file = catalogue.settings.get('ident_file')?.value;
  const hba = hbaOf(catalogue);
  return file === undefined || file === '' || hba === undefined ? undefined : { ...hba, file };
}

/** Puts the text of pg_ident.conf, where only the server could read it, among `texts`. */
function userMapsOf(catalogue: Catalogue, texts: Map<string, string>): UserMaps | undefined {
  const place = identOf(catalogue);
  const { identFile } = catalogue;
  if (place === undefined) return undefined;
  if (identFile.seen && identFile.value !== undefined && !texts.has(place.file)) texts.set(place.file, identFile.value);
  if (!texts.has(place.file) && !identFile.seen) return undefined;
  const { lines, missing } = userMapsIn(place, texts);
  return { file: place.file, lines, complete: missing.length === 0 };
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
