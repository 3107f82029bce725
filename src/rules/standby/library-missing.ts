import type { JudgedFacts } from '../../facts/facts.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import { lastFailure } from '../../facts/server-log.ts';
import type { Fault } from '../../findings/judgement.ts';
import type { SettingAssignment } from '../../postgres/configuration.ts';
import { namesBetweenCommas } from '../../postgres/name-list.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import type { DataDirectory } from '../../facts/data-directory.ts';
import type { Observed } from '../../facts/observed.ts';
import type { StandbyControl } from '../../facts/standby-configuration.ts';
import type { Remedy } from '../../findings/report.ts';
import { createdAgain } from '../../remedies/container-again.ts';
import { nameInLibdir } from '../../derived/library-name.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { isOfLibrary } from '../../derived/configuration-troubles.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';

export const standbyLibraryMissing = defineRule({
  id: 'standby/library-missing',
  title: 'A library that the standby loads at startup is not installed',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConfiguration', 'installedLibraries', 'dataDirectory', 'now'],
  wants: ['serverJudgement', 'standbyControl', 'runningStandby', 'serverLog'],
  explains: [...notStreaming],
  says: [
    'could not access file "%s": No such file or directory',
    'could not load library "%s": %s: cannot open shared object file: No such file or directory',
  ],
  docs: {
    what: "Compares the standby's shared_preload_libraries, session_preload_libraries, local_preload_libraries and, where it archives (archive_mode = always), archive_library with the libraries of its release on this host. Also fails if the log says that the WAL receiver cannot load its own library, libpqwalreceiver.",
    why: 'The server does not start without a library of shared_preload_libraries. Without one of session_preload_libraries or local_preload_libraries it refuses every session, and without archive_library it archives nothing.',
    notes:
      'If dynamic_library_path contains further directories, or a library is given with its path, this is not checked. While the server is running, a missing library has no effect, so it is a warning.',
    references: [
      'Shared Library Preloading: https://www.postgresql.org/docs/current/runtime-config-client.html#RUNTIME-CONFIG-CLIENT-PRELOAD',
      'src/backend/utils/fmgr/dfmgr.c: expand_dynamic_library_name()',
    ],
  },
  judge(facts) {
    const { standbyConfiguration, installedLibraries, dataDirectory, standbyControl } = facts;
    const { directory, names } = installedLibraries;
    const judgement = ifSeen(facts.serverJudgement);
    const refused = judgement?.refused.find(({ words }) => isOfLibrary.test(words));
    const { settings } = standbyConfiguration.files;
    const ofReceiver = receiverWithoutLibrary(facts);
    if (ofReceiver !== undefined) return fail(ofReceiver);
    const preload = settings.get('shared_preload_libraries');
    const wanted = namesBetweenCommas(preload?.value ?? '');
    const later = loadedLater(settings);
    if (wanted.length === 0 && later.length === 0)
      return pass('no setting names a library that is loaded without being asked for');
    if (refused === undefined && (settings.get('dynamic_library_path')?.value ?? '$libdir') !== '$libdir')
      return notApplicable("dynamic_library_path contains directories besides the release's own");
    const absent = (libraries: readonly string[]): readonly string[] =>
      libraries.filter((library) => {
        const name = nameInLibdir(library);
        return name !== undefined && !names.includes(name);
      });
    const missing = absent(wanted);
    if (missing.length === 0 && (refused === undefined || wanted.length === 0)) {
      const lacking = later.find(({ libraries }) => absent(libraries).length > 0);
      if (lacking !== undefined) return fail(missedLater(lacking, absent(lacking.libraries), facts));
      const all = [...wanted, ...later.flatMap(({ libraries }) => libraries)].join(', ');
      return pass(
        judgement?.sharedMemory === undefined || later.length > 0
          ? `${directory} has ${all}`
          : `${judgement.program} loads ${all}`,
      );
    }
    const runs = dataDirectory.postmaster?.process === 'running';
    const source = preload?.source;
    const where = source?.kind === 'file' ? at('standby', undefined, source.file, source.line) : at('standby');
    return fail({
      ...(missing.length === 0 ? { title: 'A library that the standby loads at startup cannot be loaded' } : {}),
      severity: runs ? 'warning' : 'error',
      message:
        missing.length === 0
          ? `shared_preload_libraries is ${preload?.value ?? ''}, and the server program reports: ${refused?.words ?? ''}. The server does not start.`
          : `shared_preload_libraries names ${missing.join(', ')}, but ${directory} does not have ${missing.length === 1 ? 'it' : 'them'}: the server ${runs ? 'would not start again' : 'does not start'}.`,
      where,
      evidence: [
        evidence(
          'shared_preload_libraries',
          preload?.value ?? '',
          source?.kind === 'file' ? `${source.file}, line ${source.line}` : 'the command line',
        ),
        ...(refused === undefined
          ? []
          : [evidence('the server program reports', refused.words, `${judgement?.program} -C`)]),
      ],
      remedy: installed(missing, directory, dataDirectory, standbyControl),
    });
  },
});

interface LoadedLater {
  readonly set: SettingAssignment;
  readonly libraries: readonly string[];
  /** What does not work without them, while the server itself starts and streams. */
  readonly what: string;
}

/** What no start loads: miscinit.c, process_session_preload_libraries(); pgarch.c, LoadArchiveLibrary(). */
function loadedLater(settings: ReadonlyMap<string, SettingAssignment>): readonly LoadedLater[] {
  const of = (name: string, what: string, prefix = ''): readonly LoadedLater[] => {
    const set = settings.get(name);
    const libraries = namesBetweenCommas(set?.value ?? '').map((one) => (one.includes('/') ? one : `${prefix}${one}`));
    return set === undefined || libraries.length === 0 ? [] : [{ set, libraries, what }];
  };
  const isArchiving = settings.get('archive_mode')?.value.toLowerCase() === 'always';
  return [
    ...of('session_preload_libraries', 'the server refuses every session that does not turn the setting off'),
    ...of('local_preload_libraries', 'the server refuses every session that does not turn the setting off', 'plugins/'),
    ...(isArchiving
      ? of('archive_library', 'the server archives nothing, and keeps all WAL in pg_wal until its file system is full')
      : []),
  ];
}

function missedLater({ set, what }: LoadedLater, missing: readonly string[], facts: Facts): Fault {
  const { dataDirectory, installedLibraries, standbyControl } = facts;
  const { name, value, source } = set;
  return {
    title: `A library of ${name} is not installed`,
    severity: 'warning',
    message: `${name} names ${missing.join(', ')}, but ${installedLibraries.directory} does not have ${missing.length === 1 ? 'it' : 'them'}: the standby can stream, but ${what}.`,
    where: source.kind === 'file' ? at('standby', undefined, source.file, source.line) : at('standby'),
    evidence: [
      evidence(name, value, source.kind === 'file' ? `${source.file}, line ${source.line}` : 'the command line'),
    ],
    remedy: installed(missing, installedLibraries.directory, dataDirectory, standbyControl),
  };
}

/** What is installed in a container is gone with it, and nothing can be installed while it starts again and again: its image has to have the library. */
function installed(
  missing: readonly string[],
  into: string,
  dataDirectory: DataDirectory,
  standbyControl: Observed<StandbyControl>,
): Remedy {
  const release = `PostgreSQL${dataDirectory.major === undefined ? '' : ` ${dataDirectory.major}`}`;
  const files = missing.map((library) => `${nameInLibdir(library) ?? library}.so`).join(', ');
  const runs = dataDirectory.postmaster?.process === 'running';
  const again =
    runs || missing.length === 0
      ? undefined
      : createdAgain(
          ifSeen(standbyControl)?.control,
          `an image of ${release} that has ${files}, as that of the primary`,
        );
  if (again !== undefined) return safe('Use an image that has the library.', ...again);
  return safe(
    missing.length === 0
      ? "Install the library in the version of this server's release, with whatever it needs."
      : 'Install what is missing, in the same version as on the primary.',
    manual(
      'standby',
      missing.length === 0
        ? `Install the package of the library for ${release}, or correct its path in shared_preload_libraries.`
        : `Install the package that contains ${files} for ${release} into ${into}.`,
    ),
    ...(runs ? [] : [intoUse(standbyControl, dataDirectory)]),
  );
}

type Facts = JudgedFacts<
  'standbyConfiguration' | 'installedLibraries' | 'dataDirectory' | 'now',
  'serverJudgement' | 'standbyControl' | 'runningStandby' | 'serverLog'
>;

/** walreceiver.c, WalReceiverMain: load_file("libpqwalreceiver"), which dynamic_library_path leads. */
function receiverWithoutLibrary(facts: Facts): Fault | undefined {
  const words = lastFailure(facts.serverLog)?.record.message ?? '';
  if (!/^could not (?:access|load) .*libpqwalreceiver/u.test(words)) return undefined;
  if (ifSeen(facts.runningStandby)?.receiver?.status === 'streaming') return undefined;
  const { standbyConfiguration, dataDirectory, installedLibraries } = facts;
  const path = standbyConfiguration.files.settings.get('dynamic_library_path');
  const directories = path?.value.split(':').filter((one) => one !== '') ?? [];
  // one that was found, and needs another library, was led to
  const leadsElsewhere =
    path !== undefined &&
    words.startsWith('could not access file "libpqwalreceiver"') &&
    !directories.some((one) => one === '$libdir' || one === installedLibraries.directory);
  const { source } = path ?? {};
  return {
    title: 'The WAL receiver cannot load its library',
    message: `The standby starts, but its WAL receiver does not: "${words}".${leadsElsewhere ? ` dynamic_library_path is ${path.value}, without $libdir, where the libraries of the server are.` : ''}`,
    where: source?.kind === 'file' ? at('standby', undefined, source.file, source.line) : at('standby'),
    evidence: [
      evidence('the last message of the WAL receiver', words, 'the log of the standby'),
      ...(path === undefined ? [] : [evidence('dynamic_library_path', path.value, 'the configuration')]),
    ],
    remedy: leadsElsewhere
      ? safe(
          'Put $libdir into dynamic_library_path, and reload.',
          ...changeOnStandby(
            { ...facts, dataDirectory: seen(dataDirectory, ''), standbyConfiguration: seen(standbyConfiguration, '') },
            { dynamic_library_path: ['$libdir', ...directories].join(':') },
            'reload',
          ),
        )
      : safe(
          'Install the server package and libpq of this release again.',
          manual(
            'standby',
            `Install the packages of the server${dataDirectory.major === undefined ? '' : ` (PostgreSQL ${dataDirectory.major})`} and of libpq again, both of the same source: ${installedLibraries.directory} must have libpqwalreceiver.so, which needs libpq.so.5 at least as new as it. The standby connects by itself afterwards.`,
          ),
        ),
  };
}
