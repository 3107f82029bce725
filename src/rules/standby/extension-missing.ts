import { nameInLibdir } from '../../derived/library-name.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const extensionMissing = defineRule({
  id: 'standby/extension-missing',
  title: 'The library of an extension is not installed on the standby',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['serverLibraries', 'installedLibraries'],
  docs: {
    what: "Compares the libraries that the primary's extensions use with those installed on this host.",
    why: 'The base backup contains the catalogs, but not the libraries: queries that use the extension fail on the standby, and after a promotion, so does every client that needs it.',
    notes: 'Only extensions in the database that --admin connects to are checked.',
    references: [
      'Packaging Related Objects into an Extension: https://www.postgresql.org/docs/current/extend-extensions.html',
    ],
  },
  judge({ serverLibraries: { extensions, database }, installedLibraries: { directory, names } }) {
    const missing = extensions.filter(({ library }) => {
      const name = nameInLibdir(library);
      return name !== undefined && !names.includes(name);
    });
    if (missing.length === 0)
      return pass(
        extensions.length === 0
          ? `no extension in database ${database} has its own library`
          : `${directory} has ${[...new Set(extensions.map(({ library }) => library))].join(', ')}`,
      );
    return fail({
      message: `Database ${database} uses ${missing.map(({ name }) => name).join(', ')}, but ${directory} does not have the ${missing.length === 1 ? 'library' : 'libraries'}: queries that need ${missing.length === 1 ? 'it' : 'them'} fail on the standby, and after a promotion for all clients.`,
      where: at('standby', undefined, directory),
      evidence: missing.map(({ name, library }) => evidence(`extension ${name}`, library, 'pg_proc.probin')),
      remedy: safe(
        'Install what is missing, in the same version as on the primary.',
        manual(
          'standby',
          `Install the package that contains ${[...new Set(missing.map(({ library }) => `${nameInLibdir(library) ?? library}.so`))].join(', ')} into ${directory}.`,
        ),
      ),
    });
  },
});
