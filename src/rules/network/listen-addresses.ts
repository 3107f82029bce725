import { ifSeen, withoutAdmin } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { listensOn, namesIn } from '../../postgres/listen-addresses.ts';
import { changeAndRestart, valueAtRestart } from '../../remedies/change-setting.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { isSocket, judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';

export const listenAddresses = defineRule({
  id: 'network/listen-addresses',
  title: 'The primary does not listen on the requested address',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin'],
  wants: ['primarySettings', 'fileSettings', 'primaryControl', 'containers'],
  explains: ['network/connection-refused', ...notStreaming],
  docs: {
    what: 'If the connection is refused, compares the address with listen_addresses, which --admin shows.',
    why: 'By default PostgreSQL listens only on localhost, so no other machine can connect.',
    notes:
      'Changing listen_addresses requires a restart. Host names in the list are not resolved, and a list with a host name is never reported.',
    references: [
      'listen_addresses: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-LISTEN-ADDRESSES',
    ],
  },
  judge({ replicationLogin, ...seen }) {
    if (replicationLogin.outcome.accepted) {
      const { attempt } = replicationLogin.outcome.session;
      if (isSocket(attempt)) return notApplicable('the connection is made over a Unix socket');
    }
    return judgeStage(replicationLogin, 'connection', (attempt, outcome) => {
      const { address } = attempt;
      if (outcome.kind !== 'refused' || isSocket(attempt) || address === undefined) return undefined;
      const settings = ifSeen(seen.primarySettings);
      const listened = settings && textOf(settings, 'listen_addresses');
      if (listened === undefined) {
        return unexamined(
          seen.primarySettings.status === 'unseen'
            ? seen.primarySettings.why
            : withoutAdmin('not-asked', 'listen_addresses is not known'),
        );
      }
      if (listensOn(listened, address)) return pass(`listen_addresses is "${listened}", which covers ${address}`);
      // a container is given an address at each start, and not always the same
      const ofContainer = ifSeen(seen.containers)?.others.some(({ networks }) =>
        networks.some(({ addresses }) => addresses.includes(address)),
      );
      const wanted = ofContainer === true ? '*' : [...namesIn(listened), address].join(',');
      const waiting = valueAtRestart(seen.fileSettings, settings, 'listen_addresses');
      const isWaiting = waiting !== undefined && waiting !== listened && listensOn(waiting, address);
      return fail({
        title: `The primary does not listen on ${address}`,
        message: isWaiting
          ? `listen_addresses is "${waiting}" in the configuration file, but still "${listened}" in the running server, which refuses connections to ${placeOf(attempt)} until it is restarted.`
          : `listen_addresses is "${listened}", so no client can connect to ${placeOf(attempt)}.`,
        where: at('primary', attempt.host),
        evidence: [evidence('listen_addresses', listened, 'pg_settings'), ...triesOf(replicationLogin)],
        remedy: disruptive(
          isWaiting
            ? 'Restart the server: the configuration file already has the right value.'
            : ofContainer === true
              ? 'Let the server listen on all addresses of its container, which can be another one after the next start, and restart it.'
              : 'Add the address to listen_addresses, and restart the server.',
          ...changeAndRestart(seen, { listen_addresses: isWaiting ? waiting : wanted }),
        ),
      });
    });
  },
});
