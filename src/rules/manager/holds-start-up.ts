import { ifSeen } from '../../facts/observed.ts';
import type { Patroni } from '../../facts/manager.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { faultOfPatroni } from '../../remedies/patroni-configuration.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const holdsStartUp = defineRule({
  id: 'manager/holds-start-up',
  title: 'Patroni does not come to start this server',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['manager'],
  wants: ['dataDirectory', 'managerLog', 'installedTools'],
  explains: ['standby/not-running'],
  docs: {
    what: 'While the server is down, looks at the configuration of Patroni (its user has to be able to read it, it has to be YAML, and `bin_dir` has to name programs of the release of the data directory), and reads the end of its log for what keeps Patroni itself from working: it reaches no configuration store, another member has its name, or the port of its REST API is taken.',
    why: 'Patroni starts the server only after that. patronictl reads the same file and needs the same store, so it does not help.',
    notes: 'If the server runs while the store does not answer, see manager/store-silent.',
    references: ['etcd, restapi, name: https://patroni.readthedocs.io/en/latest/yaml_configuration.html'],
  },
  judge({ manager, managerLog, dataDirectory, installedTools }) {
    if (manager.kind !== 'patroni') return notApplicable('Patroni does not manage this server');
    const directory = ifSeen(dataDirectory);
    if (directory?.postmaster?.process === 'running') return pass('the server is running');
    if (directory?.postmaster?.process === 'unknown')
      return unexamined({ kind: 'permission', because: 'the system does not show whether the server is running' });
    if (manager.configurationFault !== undefined)
      return fail({
        severity: 'error',
        ...faultOfPatroni(manager, manager.configurationFault, {
          lastStart: directory?.lastStart,
          installed: ifSeen(installedTools),
        }),
      });
    if (managerLog.status === 'unseen') return unexamined(managerLog.why);
    const word = ifSeen(managerLog)?.words.at(-1);
    const hold = word && holds[word.id];
    if (word === undefined || hold === undefined) return pass('its log names no such reason');
    // it waits for its store without end: what ended it was something else, and the store may answer by now
    if (word.id === 'patroni-dcs' && !manager.runs) return notApplicable('Patroni does not run');
    const { title, message, by } = hold(manager);
    return fail({
      severity: 'error',
      title,
      message,
      where: at('standby', undefined, manager.configFile),
      evidence: [evidence('Patroni', manager.runs ? 'runs' : 'does not run', 'the processes of this machine')],
      remedy: safe(by[0], manual('standby', by[1])),
    });
  },
});

interface Hold {
  readonly title: string;
  readonly message: string;
  readonly by: readonly [summary: string, step: string];
}

const configurationOf = ({ configFile }: Patroni): string => configFile ?? "Patroni's configuration";
const again = ({ runs }: Patroni): string =>
  runs ? 'restart Patroni (systemctl restart patroni as root)' : 'start Patroni (systemctl start patroni as root)';

/** By the names of managerWords. */
const holds: Readonly<Record<string, (manager: Patroni) => Hold>> = {
  'patroni-dcs': (manager) => ({
    title: 'Patroni reaches no configuration store, and starts no server without it',
    message: `The configuration store (etcd, Consul, ZooKeeper) that ${configurationOf(manager)} names does not answer. Patroni waits for it before it starts the server, and patronictl does not work without it either.`,
    by: [
      'Let Patroni reach its configuration store: it starts the server by itself then.',
      `Compare the address of the store in ${configurationOf(manager)} with that of the other members. If it differs, correct it and ${again(manager)}. If not, start the store, or open the way to it.`,
    ],
  }),
  'patroni-same-name': (manager) => ({
    title: `Another member of cluster ${manager.cluster} has the name ${manager.member ?? ''}`,
    message: `A member with the name ${manager.member ?? ''} runs already, so that Patroni ends without starting the server.`,
    by: [
      'Give this member a name of its own.',
      `Set name in ${configurationOf(manager)} to one that patronictl list does not show, and ${again(manager)}.`,
    ],
  }),
  'patroni-rest-taken': (manager) => ({
    title: "The port of Patroni's REST API is taken",
    message: `Another program has the address of restapi.listen in ${configurationOf(manager)}, so that Patroni ends without starting the server.`,
    by: [
      "Free the port, or give Patroni's REST API another one.",
      `See which program has the port of restapi.listen (ss -ltnp as root), and stop it, or set another port for restapi.listen and restapi.connect_address in ${configurationOf(manager)}; then ${again(manager)}.`,
    ],
  }),
};
