/** The name in $libdir, without an ending; undefined for a library somewhere else. */
export function nameInLibdir(library: string): string | undefined {
  const inLibdir = library.replace(/^\$libdir\//, '');
  if (inLibdir.startsWith('/') || (inLibdir.includes('/') && !inLibdir.startsWith('plugins/'))) return undefined;
  return inLibdir.replace(/\.(?:so|dylib|sl|dll)$/, '');
}
