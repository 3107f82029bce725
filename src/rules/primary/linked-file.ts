import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { FileSetting, HbaRules, PrimaryPaths, Settings } from '../../facts/primary.ts';
import type { LinkedEntry } from '../../facts/primary-files.ts';
import { booleanOf, textOf } from '../../facts/settings.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { safe, shell } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const linkedFile = defineRule({
  id: 'primary/linked-file',
  title: 'A file that the standby needs is a symbolic link on the primary',
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone'],
  needs: [],
  wants: [
    'primaryFiles',
    'primary',
    'primaryPaths',
    'primarySettings',
    'fileSettings',
    'hbaRules',
    'preparedConfiguration',
  ],
  says: [
    'could not access the server configuration file "%s": No such file or directory',
    'could not open file "%s/pg_hba.conf": No such file or directory',
  ],
  docs: {
    what: "Looks for symbolic links in the primary's data directory, if that is on this machine: postgresql.conf, pg_hba.conf, included files, TLS files, and their parent directories.",
    why: 'A base backup skips symbolic links with a warning, except those of tablespaces and pg_wal. The standby then lacks the file and does not start.',
    notes:
      'If this machine has its own configuration for the standby (Debian: /etc/postgresql), the copied files are not used, except those with a path relative to the data directory. Other links are reported as a note, because the base backup skips them as well. Links cannot be checked from another machine: no function of PostgreSQL shows whether a file is a link.',
    references: ['src/backend/backup/basebackup.c: sendDir()'],
  },
  judge(facts) {
    const { primaryFiles } = facts;
    if (primaryFiles.status === 'unseen') return unexamined(primaryFiles.why, 'warning');
    if (primaryFiles.status === 'not-applicable') return notApplicable(primaryFiles.why);
    const { links, dataDirectory } = primaryFiles.value;
    if (links === undefined) return notApplicable('links can be checked only on the machine of the primary');
    if (links.length === 0) return pass(`the base backup skips no symbolic link (${primaryFiles.source})`);
    const host = ifSeen(facts.primary)?.name;
    const needed = neededFiles(facts).map((file) => posix.resolve(dataDirectory, file));
    const isNeeded = ({ path }: LinkedEntry): boolean => {
      const place = posix.join(dataDirectory, path);
      return needed.some((file) => file === place || file.startsWith(`${place}/`));
    };
    const missed = links.filter(isNeeded);
    const shown = (entries: readonly LinkedEntry[]) =>
      entries
        .slice(0, 20)
        .map(({ path, leadsTo }) => evidence(path, `a symbolic link to ${leadsTo}`, primaryFiles.source));
    const [first, ...others] = missed;
    if (first === undefined)
      return fail({
        severity: 'info',
        title: 'The base backup skips symbolic links in the data directory',
        message: `A base backup skips ${links.length === 1 ? `the symbolic link ${links[0]?.path}` : `${links.length} symbolic links`} in ${dataDirectory}. No known setting uses ${links.length === 1 ? 'it' : 'them'}.`,
        where: at('primary', host, dataDirectory),
        evidence: shown(links),
      });
    const list = [first, ...others].map(({ path }) => path).join(', ');
    return fail({
      title: `${others.length === 0 ? `${first.path} is a symbolic link` : `${list} are symbolic links`}, which a base backup skips`,
      message: `In ${dataDirectory}, ${list} ${others.length === 0 ? 'is a symbolic link' : 'are symbolic links'}. A base backup skips symbolic links, and the standby does not start without ${others.length === 0 ? 'this file' : 'these files'}.`,
      where: at('primary', host, posix.join(dataDirectory, first.path)),
      evidence: shown(missed),
      remedy: safe(
        'Replace the links with copies of the files, and keep the links under another name. The running server is not affected. Make later changes in these files.',
        ...missed.map(({ path }) => {
          const whole = posix.join(dataDirectory, path);
          const [link, aside, fresh] = ['', '.link-before-standbylint', '.copied'].map((end) =>
            shellWord(`${whole}${end}`),
          );
          // the mode stays the file's own: a private key that others may read is refused
          return shell(
            'primary',
            `cp -RpL ${link} ${fresh} && mv ${link} ${aside} && mv ${fresh} ${link}`,
            'make-file',
            whole,
          );
        }),
      ),
    });
  },
});

interface Needing {
  readonly primaryPaths: Observed<PrimaryPaths>;
  readonly primarySettings: Observed<Settings>;
  readonly fileSettings: Observed<readonly FileSetting[]>;
  readonly hbaRules: Observed<HbaRules>;
  readonly preparedConfiguration: Observed<unknown>;
}

/** What a start on the copy reads, as far as it comes with the copy. */
function neededFiles({ primaryPaths, primarySettings, fileSettings, hbaRules, preparedConfiguration }: Needing) {
  const settings = ifSeen(primarySettings);
  const paths = ifSeen(primaryPaths);
  const tls =
    settings === undefined || booleanOf(settings, 'ssl') !== true
      ? []
      : ['ssl_cert_file', 'ssl_key_file', 'ssl_ca_file', 'ssl_crl_file'].map((name) => textOf(settings, name) ?? '');
  const own =
    preparedConfiguration.status === 'seen'
      ? []
      : [
          paths?.configFile ?? '',
          paths?.hbaFile ?? '',
          ...(ifSeen(fileSettings) ?? []).map(({ file }) => file),
          ...(ifSeen(hbaRules)?.lines ?? []).map(({ file }) => file),
        ];
  // postgresql.auto.conf is written again by -R, and the server starts without it
  return [...new Set([...own, ...tls])].filter((file) => file !== '' && !file.endsWith('/postgresql.auto.conf'));
}
