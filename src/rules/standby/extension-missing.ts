import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import { nameOf } from './library-missing.ts';

export const extensionMissing = defineRule({
  id: 'standby/extension-missing',
  title: 'The library of an extension is not installed on the standby',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['serverLibraries', 'installedLibraries'],
  docs: {
    what: 'Compares the libraries that the primary’s extensions refer to with those that the server has on this host.',
    why: 'The catalogs came with the copy, the libraries did not: queries that use the extension fail on the standby, and everything that needs it fails after a promotion.',
    notes: 'Extensions are seen only in the database that --admin names.',
    references: ['PostgreSQL manual, section 36.17, Packaging Related Objects into an Extension'],
  },
  judge({ serverLibraries: { extensions, database }, installedLibraries: { directory, names } }) {
    const missing = extensions.filter(({ library }) => {
      const name = nameOf(library);
      return name !== undefined && !names.includes(name);
    });
    if (missing.length === 0)
      return pass(
        extensions.length === 0
          ? `no extension in database ${database} has a library of its own`
          : `${directory} has ${[...new Set(extensions.map(({ library }) => library))].join(', ')}`,
      );
    return fail({
      message: `Database ${database} uses ${missing.map(({ name }) => name).join(', ')}, and ${directory} does not have the ${missing.length === 1 ? 'library' : 'libraries'}: queries that need ${missing.length === 1 ? 'it' : 'them'} fail on the standby, and after a promotion for everybody.`,
      where: at('standby', undefined, directory),
      evidence: missing.map(({ name, library }) => evidence(`extension ${name}`, library, 'pg_proc.probin')),
      remedy: safe(
        'Install what is missing, in the version that the primary has.',
        manual(
          'standby',
          `Install what brings ${[...new Set(missing.map(({ library }) => `${nameOf(library) ?? library}.so`))].join(', ')} into ${directory}.`,
        ),
      ),
    });
  },
});
