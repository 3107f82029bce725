import { posix } from 'node:path';

import type { RefusedLine, StartMode } from '../facts/debian-cluster.ts';
import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import type { ClosedEntry } from '../facts/server-files.ts';
import type { Host } from '../hosts/host.ts';
import type { UserWithGroups } from '../hosts/host-of-user.ts';
import { parseConfigurationText } from '../postgres/configuration-file.ts';
import { configurationValue } from '../postgres/conninfo-format.ts';
import { maskedLine, maskSetting } from '../postgres/masked-line.ts';
import { mask } from '../postgres/secret.ts';
import { writtenLines } from '../postgres/written-lines.ts';
import { defineCheck } from './check.ts';
import { closedTo } from './closed-files.ts';
import { debianLog } from './debian-log.ts';
import { accountOf } from './server-account.ts';
import { textFile } from './text-file.ts';

/** Looks where pg_ctlcluster looks before it starts a server: nothing of what it refuses is in the server's log. */
export const debianClusterCheck = defineCheck({
  brings: ['debianCluster'],
  after: ['dataDirectory', 'standbyControl', 'standbySettings'],
  async look({ dataDirectory, standbyControl, standbySettings }, { host }) {
    if (dataDirectory.status !== 'seen') return { debianCluster: dataDirectory };
    if (standbyControl.status !== 'seen') return { debianCluster: standbyControl };
    const { control } = standbyControl.value;
    if (control.kind !== 'pg_ctlcluster')
      return { debianCluster: notApplicable("it is not a cluster of Debian's packages") };
    const { version, cluster } = control;
    const folder = `/etc/postgresql/${version}/${cluster}`;
    const { uid, gid } = dataDirectory.value.owner;
    const account = await accountOf(host, uid, gid);
    const log = await debianLog(host, version, cluster);
    const start = `${folder}/start.conf`;
    const [mode, closedStart, refused, closedLog, above] = await Promise.all([
      startModeIn(host, start),
      closedTo(host, '/', account, { name: start, kind: 'file', wanted: 'read' }),
      Promise.all(
        ['environment', 'pg_ctl.conf'].map(async (name) => refusedLines(host, await withDefault(host, folder, name))),
      ),
      closedLogOf(host, account, log),
      host.status(posix.dirname(log), { followLinks: true }),
    ]);
    const settings = [...(ifSeen(standbySettings)?.configuration.texts ?? [])].flatMap(refusedSettings);
    return {
      debianCluster: seen(
        {
          ...{ version, cluster, log, closedLog, closedStart },
          start: mode,
          refused: [...settings, ...refused.flat()],
          missingLogDirectory: !above.ok && above.problem.code === 'ENOENT' ? posix.dirname(log) : undefined,
        },
        folder,
      ),
    };
  },
});

/** PgCommon.pm, cluster_conf_filename. */
async function withDefault(host: Host, folder: string, name: string): Promise<string> {
  const own = `${folder}/${name}`;
  return (await host.status(own)).ok ? own : `/etc/postgresql-common/${name}`;
}

/** PgCommon.pm, get_cluster_start_conf: the first line that says anything. */
async function startModeIn(host: Host, file: string): Promise<StartMode | undefined> {
  const text = await textFile(host, file);
  if (!text.ok) return undefined;
  const words = text.value.split('\n').map((line) => line.replace(/#.*$/su, '').trim());
  const at = words.findIndex((word) => word !== '');
  const word = words[at];
  if (word === undefined) return undefined;
  const mode = modes.find((one) => word.startsWith(one)) ?? 'invalid';
  const written = writtenLines(text.value);
  return { mode, file, line: at + 1, text: written.lines[at] ?? word, written };
}

const modes = ['auto', 'manual', 'disabled'] as const;

async function refusedLines(host: Host, file: string): Promise<readonly RefusedLine[]> {
  const text = await textFile(host, file);
  if (!text.ok) return [];
  const written = writtenLines(text.value, withoutEnd);
  return text.value
    .split('\n')
    .flatMap((line, at) =>
      forms.some((form) => form.test(line)) ? [] : [{ file, line: at + 1, text: written.lines[at] ?? '', written }],
    );
}

/** Lines of postgresql.conf, and of what it includes, that PostgreSQL reads and they do not. */
function refusedSettings([file, text]: readonly [file: string, text: string]): readonly RefusedLine[] {
  const written = writtenLines(text);
  const lines = text.split('\n');
  return parseConfigurationText(text).lines.flatMap(({ line, name, value }) =>
    forms.some((form) => form.test(lines[line - 1] ?? '')) || maskSetting(name, value) !== value
      ? []
      : [
          {
            file,
            line,
            text: written.lines[line - 1] ?? '',
            becomes: `${name} = ${configurationValue(value)}`,
            written,
          },
        ],
  );
}

/** Nobody can tell where a secret ends in a line that cannot be read. */
function withoutEnd(line: string): string {
  const shown = maskedLine(line);
  const from = shown.indexOf(mask);
  return from === -1 ? shown : shown.slice(0, from + mask.length);
}

/** PgCommon.pm, read_conf_file, to which CR is a blank: an empty line or a comment, an include, a value between quotes, a plain value. */
const forms = [
  /^\s*(?:#.*)?$/su,
  /^\s*include(?:_dir|_if_exists)?\s*=?\s*'[^']+'\s*(?:#.*)?$/isu,
  /^\s*[\w.-]+\s*(?:=|\s)\s*'(?:[^']|''|(?<=\\)')*'\s*(?:#.*)?$/su,
  /^\s*[\w.-]+\s*(?:=|\s)\s*-?[a-z0-9][\w.:/+-]*\s*(?:#.*)?$/isu,
];

/** pg_ctlcluster opens it as the user of the server, and makes it where it is missing. */
async function closedLogOf(host: Host, account: UserWithGroups, log: string): Promise<ClosedEntry | undefined> {
  const isThere = (await host.status(log, { followLinks: true })).ok;
  const [name, kind] = isThere ? ([log, 'file'] as const) : ([posix.dirname(log), 'directory'] as const);
  return closedTo(host, '/', account, { name, kind, wanted: 'write' });
}
