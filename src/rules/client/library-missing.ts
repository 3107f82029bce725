import { ifSeen } from '../../facts/observed.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { nameInLibdir } from '../../derived/library-name.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import type { Fault } from '../../findings/judgement.ts';

export const libraryMissing = defineRule({
  id: 'client/library-missing',
  title: 'A library that the primary loads is missing on this machine',
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone'],
  needs: ['serverLibraries', 'installedLibraries'],
  wants: ['primary', 'primarySettings'],
  says: ['could not access file "%s": No such file or directory'],
  docs: {
    what: 'Compares shared_preload_libraries of the primary, and the libraries of the extensions in the database of --admin, with the libraries that the server on this machine can load.',
    why: 'The standby has the same configuration and the same catalogs. A missing library in shared_preload_libraries prevents its start; a missing extension library breaks the queries that use it.',
    notes:
      'Extensions are checked only in the database of --admin. Libraries with an explicit path, or found through dynamic_library_path, cannot be checked on this machine.',
    references: [
      'Shared Library Preloading: https://www.postgresql.org/docs/current/runtime-config-client.html#RUNTIME-CONFIG-CLIENT-PRELOAD',
      'src/backend/utils/fmgr/dfmgr.c: expand_dynamic_library_name()',
    ],
  },
  judge({ serverLibraries, installedLibraries: { directory, names }, primary, primarySettings }) {
    const has = (library: string): boolean => {
      const name = nameInLibdir(library);
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
        'Install them on this machine, in the same version as on the primary.',
        manual(
          'client',
          `Install the package that provides ${libraries.map((library) => `${nameInLibdir(library) ?? library}.so`).join(', ')} for PostgreSQL${release === undefined ? '' : ` ${release}`} into ${directory}, in the same version as on the primary.`,
        ),
      );
    const faults: Fault[] = [];
    if (preload.length > 0)
      faults.push({
        severity: certain ? 'error' : 'warning',
        message: `The primary loads ${preload.join(', ')} at start (shared_preload_libraries), but ${directory} does not contain ${preload.length === 1 ? 'it' : 'them'}: the standby would not start.`,
        where: at('client', undefined, directory),
        evidence: [evidence('shared_preload_libraries', serverLibraries.preload.join(', '), 'the primary')],
        remedy: install(preload),
      });
    if (extensions.length > 0)
      faults.push({
        severity: 'warning',
        title: 'The library of an extension is missing on this machine',
        message: `Database ${serverLibraries.database} uses ${extensions.map(({ name }) => name).join(', ')}, but ${directory} does not contain the ${extensions.length === 1 ? 'library' : 'libraries'}: queries that need ${extensions.length === 1 ? 'it' : 'them'} fail on the standby.`,
        where: at('client', undefined, directory),
        evidence: extensions.map(({ name, library }) => evidence(`extension ${name}`, library, 'pg_proc.probin')),
        remedy: install(extensions.map(({ library }) => library)),
      });
    const [first, ...others] = faults;
    if (first !== undefined) return fail(first, ...others);
    const all = [...serverLibraries.preload, ...serverLibraries.extensions.map(({ library }) => library)];
    return pass(
      all.length === 0 ? 'the primary loads no additional library' : `${directory} has ${[...new Set(all)].join(', ')}`,
    );
  },
});
