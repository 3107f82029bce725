import { ifSeen } from '../../facts/observed.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import type { Fault } from '../rule.ts';

export const libraryMissing = defineRule({
  id: 'client/library-missing',
  title: 'A library that the primary loads is not installed here',
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone'],
  needs: ['serverLibraries', 'installedLibraries'],
  wants: ['primary', 'primarySettings'],
  says: ['could not access file "%s": No such file or directory'],
  docs: {
    what: 'Compares shared_preload_libraries of the primary, and the libraries of the extensions in the database of --admin, with what the server on this machine can load.',
    why: 'The standby has the same configuration and the same catalogs. A library of shared_preload_libraries that is not there keeps it from starting; one of an extension breaks the queries that use it.',
    notes:
      'Extensions are seen only in the database that --admin names. A library that is given with a path of its own, or found through dynamic_library_path, cannot be looked for here.',
    references: [
      'PostgreSQL manual, section 19.11.3, Shared Library Preloading',
      'backend/utils/fmgr/dfmgr.c, expand_dynamic_library_name()',
    ],
  },
  judge({ serverLibraries, installedLibraries: { directory, names }, primary, primarySettings }) {
    const has = (library: string): boolean => {
      const name = nameOf(library);
      return name === undefined || names.includes(name);
    };
    const release = ifSeen(primary)?.major;
    const otherPaths = ifSeen(primarySettings)?.get('dynamic_library_path')?.value ?? '$libdir';
    // where more places are searched, one of them may have it
    const certain = otherPaths === '$libdir';
    const preload = serverLibraries.preload.filter((library) => !has(library));
    const extensions = serverLibraries.extensions.filter(({ library }) => !has(library) && !preload.includes(library));
    const install = (libraries: readonly string[]) =>
      safe(
        'Install them here, in the same version as on the primary.',
        manual(
          'client',
          `Install what brings ${libraries.map((library) => `${nameOf(library) ?? library}.so`).join(', ')} for PostgreSQL${release === undefined ? '' : ` ${release}`} into ${directory}, in the version that the primary has.`,
        ),
      );
    const faults: Fault[] = [];
    if (preload.length > 0)
      faults.push({
        severity: certain ? 'error' : 'warning',
        message: `The primary loads ${preload.join(', ')} when it starts (shared_preload_libraries), and ${directory} does not have ${preload.length === 1 ? 'it' : 'them'}: the standby would not start.`,
        where: at('client', undefined, directory),
        evidence: [evidence('shared_preload_libraries', serverLibraries.preload.join(', '), 'the primary')],
        remedy: install(preload),
      });
    if (extensions.length > 0)
      faults.push({
        severity: 'warning',
        title: "An extension's library is not installed here",
        message: `Database ${serverLibraries.database} uses ${extensions.map(({ name }) => name).join(', ')}, and ${directory} does not have the ${extensions.length === 1 ? 'library' : 'libraries'}: queries that need ${extensions.length === 1 ? 'it' : 'them'} fail on the standby.`,
        where: at('client', undefined, directory),
        evidence: extensions.map(({ name, library }) => evidence(`extension ${name}`, library, 'pg_proc.probin')),
        remedy: install(extensions.map(({ library }) => library)),
      });
    const [first, ...others] = faults;
    if (first !== undefined) return fail(first, ...others);
    const all = [...serverLibraries.preload, ...serverLibraries.extensions.map(({ library }) => library)];
    return pass(
      all.length === 0 ? 'the primary loads no library of its own' : `${directory} has ${[...new Set(all)].join(', ')}`,
    );
  },
});

/** The name in $libdir, without an ending; undefined for a library somewhere else. */
function nameOf(library: string): string | undefined {
  const inLibdir = library.replace(/^\$libdir\//, '');
  if (inLibdir.startsWith('/') || (inLibdir.includes('/') && !inLibdir.startsWith('plugins/'))) return undefined;
  return inLibdir.replace(/\.(?:so|dylib|sl|dll)$/, '');
}
