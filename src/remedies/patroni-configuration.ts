import { posix } from 'node:path';

import type { LastStart } from '../facts/data-directory.ts';
import type { InstalledTools } from '../facts/machine.ts';
import type { ConfigurationFault, Patroni } from '../facts/manager.ts';
import type { Fault } from '../findings/judgement.ts';
import { at, evidence } from '../findings/judgement.ts';
import type { Step } from '../findings/report.ts';
import { modeText } from '../postgres/file-mode.ts';
import { shellWord } from './quoting.ts';
import { asRoot, manual, safe } from './remedy.ts';
import { againOf } from './under-patroni.ts';

/** Where the programs of the right release may be. */
interface ServersHere {
  readonly lastStart: LastStart | undefined;
  readonly installed: InstalledTools | undefined;
}

/** Patroni reads its file at its start, and bin_dir only then (patroni: postgresql/__init__.py). */
export function faultOfPatroni(
  manager: Patroni,
  fault: ConfigurationFault,
  servers: ServersHere,
): Required<Pick<Fault, 'title' | 'message' | 'where' | 'evidence' | 'remedy'>> {
  const where = at('standby', undefined, fault.kind === 'closed' ? fault.file : manager.configFile);
  const again = againOf(manager);
  switch (fault.kind) {
    case 'closed': {
      const { file, account, owner, mode } = fault;
      return {
        title: `Patroni cannot read its configuration, ${file}`,
        message: `${file} is closed to ${account} (owner ${owner}, mode ${modeText(mode)}), the user that owns the data directory and that Patroni runs as: it ends as soon as it is started, and starts no server.`,
        where,
        evidence: [evidence(file, `owner ${owner}, mode ${modeText(mode)}`, 'stat')],
        remedy: safe(
          `Let ${account} read it, and start Patroni.`,
          // it holds passwords: what others may do with it stays
          asRoot('standby', `chown ${shellWord(account)} ${shellWord(file)}`, 'change-owner', file),
          ...((mode & 0o400) === 0 ? [asRoot('standby', `chmod u+r ${shellWord(file)}`, 'change-mode', file)] : []),
          again,
        ),
      };
    }
    case 'not-yaml': {
      const { file, where: line } = fault;
      return {
        title: `Patroni cannot read its configuration: ${file} is not YAML`,
        message: `${file} is not YAML (${line}). Patroni ends as soon as it is started with it, and patronictl does not work with it either.`,
        where,
        evidence: [evidence(file, line, `patronictl -c ${file} version`)],
        remedy: safe(
          'Correct that line, and start Patroni.',
          manual(
            'standby',
            `Correct ${file} at ${line}, or the line above: each level is indented with blanks, never with a tab, and a name is followed by a colon and a blank. patronictl -c ${shellWord(file)} version reads it without changing anything.`,
          ),
          again,
        ),
      };
    }
    case 'no-program':
    case 'other-release':
      return ofPrograms(manager, fault, { where, again, servers });
  }
}

function ofPrograms(
  { configFile }: Patroni,
  fault: Extract<ConfigurationFault, { readonly binDirectory: string }>,
  { where, again, servers }: { readonly where: Fault['where']; readonly again: Step; readonly servers: ServersHere },
): Required<Pick<Fault, 'title' | 'message' | 'where' | 'evidence' | 'remedy'>> {
  const { binDirectory, needs } = fault;
  const has = fault.kind === 'no-program' ? 'no program postgres' : `the programs of release ${fault.major}`;
  const of = needs === undefined ? '' : ` of release ${needs}`;
  const file = configFile ?? "Patroni's configuration";
  const { lastStart, installed } = servers;
  const last =
    lastStart?.here === true && posix.isAbsolute(lastStart.program) ? posix.dirname(lastStart.program) : undefined;
  // the program that ran on the directory last is of its release
  const right =
    last !== undefined && last !== binDirectory && needs !== undefined
      ? last
      : installed?.servers.find(({ major }) => major === needs)?.binDirectory;
  return {
    title: `bin_dir of Patroni has ${has}`,
    message: `bin_dir in ${file} is ${binDirectory}, which has ${has}. ${needs === undefined ? '' : `The data directory is of release ${needs}. `}Patroni cannot start a server with that, and a restart by patronictl cannot either.`,
    where,
    evidence: [
      evidence('bin_dir', binDirectory, file),
      ...(needs === undefined ? [] : [evidence('PG_VERSION', String(needs), 'the data directory')]),
    ],
    remedy: safe(
      `Set bin_dir to the folder of the programs${of}.`,
      manual(
        'standby',
        right === undefined
          ? `Install the server${of}, and set in ${file}, under postgresql: bin_dir: FOLDER, the folder of its programs.`
          : `Set in ${file}, under postgresql: bin_dir: ${right}`,
      ),
      again,
    ),
  };
}
