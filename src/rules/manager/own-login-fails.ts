import { ifSeen } from '../../facts/observed.ts';
import { manual, safe, shell } from '../../remedies/remedy.ts';
import { throughControl } from '../../remedies/under-patroni.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const ownLoginFails = defineRule({
  id: 'manager/own-login-fails',
  title: 'Patroni cannot log in to the server that it runs',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['manager', 'runningStandby'],
  wants: ['serverLog'],
  docs: {
    what: "Asks the REST API of this member's Patroni (GET /patroni) for its state: `unknown` is said of a server that runs and that Patroni's own login cannot ask. The reason is read in the log of the server.",
    why: 'Patroni then knows neither the role of its server nor how far it is: the member takes part in no failover, cannot be rewound, and pg_hba.conf and settings are not applied. It goes on streaming.',
    references: ['authentication.superuser: https://patroni.readthedocs.io/en/latest/yaml_configuration.html'],
  },
  judge({ manager, serverLog }) {
    if (manager.kind !== 'patroni') return notApplicable('Patroni does not manage this server');
    if (manager.state === undefined) return notApplicable('the REST API of Patroni was not read');
    if (manager.state.cannotAsk !== true) return pass('Patroni asks its server');
    const log = ifSeen(serverLog);
    const refusal = log?.summary.sightings.find(({ record }) => refused.test(record.message));
    const said = refusal?.record.message;
    const file = manager.configFile ?? "Patroni's configuration";
    const again = shell(
      'standby',
      `${throughControl(manager, 'reload')} ${shellWord(manager.member ?? 'MEMBER')} --force`,
      'run',
    );
    return fail({
      message: `The server runs, but Patroni cannot ask it${said === undefined ? '' : `: its server says "${said}"`}. Patroni logs in as postgresql.authentication.superuser of ${file} says.`,
      where: at('standby', undefined, manager.configFile),
      evidence: [
        evidence('state', 'unknown', "Patroni's REST API"),
        ...(said === undefined ? [] : [evidence('the server says', said, log?.files.at(-1)?.path ?? 'its log')]),
      ],
      remedy: safe(
        'Let Patroni log in.',
        manual(
          'standby',
          said?.startsWith('password') === true
            ? `Correct the password of postgresql.authentication.superuser in ${file}, on this member: that of the other members is right, where they can log in.`
            : `Read in the log of the server why it refuses the login of postgresql.authentication.superuser in ${file} (password, pg_hba.conf, max_connections), and take the reason away.`,
        ),
        again,
      ),
    });
  },
});

/** Of the replication login it says another role, and of a connection that it refused it names the database. */
const refused =
  /^(?:password authentication failed for user|no pg_hba\.conf entry for host .* database (?!replication)|sorry, too many clients already|remaining connection slots are reserved)/u;
